from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.leases import Leases


@dataclass(frozen=True, slots=True)
class _Lease:
    owner: str
    until: datetime


class MemoryLeases(Leases):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._leases: dict[str, _Lease] = {}

    async def acquire(self, name: str, owner: str, *, seconds: float) -> bool:
        now, held = self._clock.now(), self._leases.get(name)
        if held is not None and held.owner != owner and now < held.until:
            return False
        self._leases[name] = _Lease(owner, now + timedelta(seconds=seconds))
        return True

    async def release(self, name: str, owner: str) -> None:
        held = self._leases.get(name)
        if held is not None and held.owner == owner:
            del self._leases[name]
