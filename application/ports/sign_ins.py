from abc import abstractmethod
from typing import Protocol

from domain.authorization import StateHash
from domain.sign_in import SignIn


class SignIns(Protocol):
    """Started sign-ins, waiting for their callback. Losing one costs a person a second click; finding one twice costs
    an account."""

    @abstractmethod
    async def add(self, sign_in: SignIn) -> None:
        """Keep it until ``expires_at``; one that has expired already is not kept."""

    @abstractmethod
    async def consume(self, state: StateHash) -> SignIn | None:
        """Take it out: of all callers, however many at once, the first gets it and every other None."""
