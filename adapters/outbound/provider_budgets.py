import asyncio
import random

from adapters.outbound.providers._declaration import Budget
from application.ports.rate_limits import RateLimits
from domain.errors import ProviderThrottled

_PATIENCE_SECONDS = 5.0
_MOST_KEYS = 1000


class ProviderBudgets:
    """Keeps all processes together within the rates that providers set for each outside account."""

    def __init__(self, rate_limits: RateLimits) -> None:
        self._rate_limits = rate_limits
        self._next: dict[str, float] = {}
        """When the next of the evenly spread calls may leave this process, by the loop's clock."""

    async def spend(self, provider: str, account: str, budget: Budget) -> None:
        """Return when a call may be made, which counts from then on. Raises ProviderThrottled when that is not soon."""
        key = f"{provider}|{'' if budget.for_all else account}|{budget.of}"
        left = _PATIENCE_SECONDS
        while wait := await self._rate_limits.take(budget.rate, key):
            if wait > left:
                raise ProviderThrottled(provider, retry_after=wait)
            # Not all who wait come back at the same moment.
            pause = wait + random.uniform(0, 0.05)  # noqa: S311 - spreads calls, keeps no secret
            left -= pause
            await asyncio.sleep(pause)
        if budget.evenly:
            await self._in_turn(key, budget.rate.seconds / budget.rate.calls)

    async def _in_turn(self, key: str, gap: float) -> None:
        now = asyncio.get_running_loop().time()
        if len(self._next) > _MOST_KEYS:
            self._next = {name: at for name, at in self._next.items() if at > now}
        at = max(now, self._next.get(key, now))
        self._next[key] = at + gap
        await asyncio.sleep(at - now)
