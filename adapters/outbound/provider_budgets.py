import asyncio
import random

from adapters.outbound.providers._declaration import Budget
from application.ports.rate_limits import RateLimits
from domain.errors import ProviderThrottled

_PATIENCE_SECONDS = 5.0


class ProviderBudgets:
    """Keeps all processes together within the rates that providers set for each outside account."""

    def __init__(self, rate_limits: RateLimits) -> None:
        self._rate_limits = rate_limits

    async def spend(self, provider: str, account: str, budget: Budget) -> None:
        """Return when a call may be made, which counts from then on. Raises ProviderThrottled when that is not soon."""
        key = f"{provider}|{account}|{budget.of}"
        left = _PATIENCE_SECONDS
        while wait := await self._rate_limits.take(budget.rate, key):
            if wait > left:
                raise ProviderThrottled(provider, retry_after=wait)
            # Not all who wait come back at the same moment.
            pause = wait + random.uniform(0, 0.05)  # noqa: S311 - spreads calls, keeps no secret
            left -= pause
            await asyncio.sleep(pause)
