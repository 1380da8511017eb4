from contextlib import suppress

from adapters.outbound.circuit_breaker import CacheBreaker
from application.ports.guesses import Guesses
from domain.errors import CacheUnavailable
from domain.rate_limit import GrowingDelay


class FallbackGuesses(Guesses):
    """``first``, and while it is unavailable ``spare`` with half of the free guesses: then no process knows of those
    that others let through. Never raises CacheUnavailable."""

    def __init__(self, first: Guesses, spare: Guesses, breaker: CacheBreaker | None = None) -> None:
        """``breaker``: one that is shared by all that ask the same cache."""
        self._first, self._spare = first, spare
        self._breaker = breaker or CacheBreaker()

    async def begin(self, key: str, delay: GrowingDelay) -> float:
        try:
            return await self._breaker.call(self._first.begin, key, delay)
        except CacheUnavailable:
            return await self._spare.begin(key, delay.halved())

    async def take_back(self, key: str, delay: GrowingDelay) -> None:
        if self._breaker.is_open:
            await self._spare.take_back(key, delay.halved())
            return
        # What the first has counted is not the spare's to take back: it counts until it is forgotten.
        with suppress(CacheUnavailable):
            await self._breaker.call(self._first.take_back, key, delay)

    async def forget(self, key: str) -> None:
        await self._spare.forget(key)
        with suppress(CacheUnavailable):
            await self._breaker.call(self._first.forget, key)
