from contextlib import suppress

from adapters.outbound.circuit_breaker import CacheBreaker
from application.ports.rate_limits import RateLimits
from domain.errors import CacheUnavailable
from domain.rate_limit import Rate


class FallbackRateLimits(RateLimits):
    """``first``, and while it is unavailable ``spare`` with half of every rate: then no process knows what the others
    let through. Never raises CacheUnavailable."""

    def __init__(self, first: RateLimits, spare: RateLimits, breaker: CacheBreaker | None = None) -> None:
        """``breaker``: one that is shared by all that ask the same cache."""
        self._first, self._spare = first, spare
        self._breaker = breaker or CacheBreaker()

    async def take(self, rate: Rate, key: str) -> float:
        try:
            return await self._breaker.call(self._first.take, rate, key)
        except CacheUnavailable:
            return await self._spare.take(rate.halved(), key)

    async def give_back(self, rate: Rate, key: str) -> None:
        if self._breaker.is_open:
            await self._spare.give_back(rate.halved(), key)
            return
        # What was taken from the first is not the spare's to give back: it stays taken until its time is over.
        with suppress(CacheUnavailable):
            await self._breaker.call(self._first.give_back, rate, key)
