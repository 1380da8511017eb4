from abc import abstractmethod
from typing import Protocol

from domain.rate_limit import Rate


class RateLimits(Protocol):
    """Who has lately called how often. Exact: of n callers at once, on however many processes, no more get through
    than the rate allows. Forgotten calls cost nothing but a few more."""

    @abstractmethod
    async def take(self, rate: Rate, key: str) -> float:
        """0 when a call of ``key`` is within ``rate``, and counts from now on; otherwise the seconds (above 0) until
        another may be."""

    @abstractmethod
    async def give_back(self, rate: Rate, key: str) -> None:
        """Count one call less; ``rate`` is refundable."""
