from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.outbound.memory.expiring import Expiring
from application.ports.clock import Clock
from application.ports.guesses import Guesses
from domain.rate_limit import GrowingDelay


@dataclass(frozen=True, slots=True)
class _Made:
    count: int
    first_at: datetime
    next_at: datetime
    kept_until: datetime


class MemoryGuesses(Guesses):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made = Expiring[_Made](clock)

    async def begin(self, key: str, delay: GrowingDelay) -> float:
        now, made = self._clock.now(), self._made.get(key)
        if made and now < made.next_at:
            return (made.next_at - now).total_seconds()
        if made and made.count < delay.free and now >= made.first_at + timedelta(seconds=delay.within_seconds):
            made = None
        count = made.count + 1 if made else 1
        wait = delay.wait_after(count)
        kept_until = now + timedelta(seconds=max(delay.kept_seconds(count), wait))
        made = _Made(count, made.first_at if made else now, now + timedelta(seconds=wait), kept_until)
        self._made.put(key, made, kept_until)
        return 0.0

    async def take_back(self, key: str, delay: GrowingDelay) -> None:
        del delay
        made = self._made.get(key)
        if made is None:
            return
        if made.count == 1:
            self._made.drop(key)
            return
        # Nobody waits now: a guess begins when every earlier wait is over, so the only one left is its own.
        made = replace(made, count=made.count - 1, next_at=self._clock.now())
        self._made.put(key, made, made.kept_until)

    async def forget(self, key: str) -> None:
        self._made.drop(key)
