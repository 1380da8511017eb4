from dataclasses import dataclass
from hashlib import sha256

from application.ports.rate_limits import RateLimits
from domain.errors import LimitReached
from domain.rate_limit import Rate


@dataclass(frozen=True, slots=True)
class LimitCalls:
    """Holds callers to the rates. What they are counted by is kept as a hash only."""

    rate_limits: RateLimits
    scale: int

    async def __call__(self, rate: Rate, key: str) -> None:
        """Count a call. Raises LimitReached."""
        if wait := await self.rate_limits.take(rate.scaled(self.scale), hashed(key)):
            raise LimitReached(retry_after=wait)

    async def allows(self, rates: tuple[Rate, ...], key: str) -> bool:
        """Whether all of them let a call through; those before the first that does not have counted it."""
        for rate in rates:
            if await self.rate_limits.take(rate.scaled(self.scale), hashed(key)):
                return False
        return True

    async def give_back(self, rate: Rate, key: str) -> None:
        """That call was harmless."""
        await self.rate_limits.give_back(rate.scaled(self.scale), hashed(key))


def hashed(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
