from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from application.limit_calls import hashed
from application.ports.guesses import Guesses
from application.rates import PASSWORD_GUESSES
from domain.errors import LimitReached, Unavailable
from domain.rate_limit import GrowingDelay


@dataclass(frozen=True, slots=True)
class LimitGuesses:
    """Makes whoever guesses at a password wait longer and longer."""

    guesses: Guesses
    scale: int

    @asynccontextmanager
    async def __call__(self, account: str) -> AsyncGenerator[None]:
        """Around a guess: whoever leaves the block with a refusal has guessed wrongly, or has not guessed at all where
        something was out of reach; whoever reaches its end has guessed right. Raises LimitReached."""
        key = hashed(account)
        if wait := await self.guesses.begin(key, self._delay):
            raise LimitReached(retry_after=wait)
        try:
            yield
        except Unavailable:
            await self.guesses.take_back(key, self._delay)
            raise
        await self.guesses.forget(key)

    async def forget(self, account: str) -> None:
        """Who owns the account has shown it in another way."""
        await self.guesses.forget(hashed(account))

    @property
    def _delay(self) -> GrowingDelay:
        return PASSWORD_GUESSES.scaled(self.scale)
