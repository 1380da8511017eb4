from abc import abstractmethod
from typing import Protocol

from domain.rate_limit import GrowingDelay


class Guesses(Protocol):
    """How often a secret was guessed wrongly, and how long the next guess must wait. Exact: of n guesses at once, on
    however many processes, no more begin than ``GrowingDelay`` allows."""

    @abstractmethod
    async def begin(self, key: str, delay: GrowingDelay) -> float:
        """0 when a guess at the secret of ``key`` may be made: it counts as a wrong one until it is taken back.
        Otherwise the seconds (above 0) to wait, and nothing is counted."""

    @abstractmethod
    async def take_back(self, key: str, delay: GrowingDelay) -> None:
        """The guess that was begun last was never made: count one less."""

    @abstractmethod
    async def forget(self, key: str) -> None:
        """The secret was given: nothing counts any more."""
