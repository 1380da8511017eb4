import asyncio
import random
from dataclasses import dataclass, field

from adapters.outbound.providers._declaration import Budget
from application.ports.rate_limits import RateLimits
from domain.errors import ProviderThrottled

_PATIENCE_SECONDS = 5.0
_MOST_KEYS = 1000


@dataclass(slots=True)
class _Turns:
    """Evenly spread calls leave this process one after the other."""

    one: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_at: float = 0.0
    """When the next of them may leave, by the loop's clock."""


class ProviderBudgets:
    """Keeps all processes together within the rates that providers set for each outside account."""

    def __init__(self, rate_limits: RateLimits) -> None:
        self._rate_limits = rate_limits
        self._turns: dict[str, _Turns] = {}

    async def spend(self, provider: str, account: str, budget: Budget) -> None:
        """Return when a call may be made, which counts from then on. Raises ProviderThrottled when that is not soon."""
        key = f"{provider}|{'' if budget.for_all else account}|{budget.of}"
        take = self._take_in_turn if budget.evenly else self._take
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE_SECONDS
        while wait := await take(budget, key):
            if loop.time() + wait > until:
                raise ProviderThrottled(provider, retry_after=wait)
            # Not all who wait come back at the same moment.
            await asyncio.sleep(wait + random.uniform(0, 0.05))  # noqa: S311 - spreads calls, keeps no secret

    async def _take(self, budget: Budget, key: str) -> float:
        return await self._rate_limits.take(budget.rate, key)

    async def _take_in_turn(self, budget: Budget, key: str) -> float:
        """The turn first: a place that was taken before it would count from earlier than the call that leaves."""
        turns = self._turns_of(key)
        async with turns.one:
            now = asyncio.get_running_loop().time()
            await asyncio.sleep(turns.next_at - now)
            wait = await self._take(budget, key)
            if not wait:
                turns.next_at = asyncio.get_running_loop().time() + budget.rate.seconds / budget.rate.calls
            return wait

    def _turns_of(self, key: str) -> _Turns:
        if len(self._turns) > _MOST_KEYS:
            now = asyncio.get_running_loop().time()
            self._turns = {
                name: turns for name, turns in self._turns.items() if turns.one.locked() or turns.next_at > now
            }
        return self._turns.setdefault(key, _Turns())
