from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.identity import Identity
from domain.ids import UserId


class Identities(Protocol):
    """Which outside identities open which accounts. One opens one account."""

    @abstractmethod
    async def add(self, identity: Identity) -> None:
        """Keep it. Of all callers with one issuer and subject, however many at once, the first succeeds; every other
        gets IdentityTaken, but one of the same user, for whom it is there already, returns."""

    @abstractmethod
    async def find(self, issuer: str, subject: str) -> Identity | None:
        """The identity, and so whose account it opens."""

    @abstractmethod
    async def of_user(self, user: UserId) -> Sequence[Identity]:
        """Those that open ``user``'s account, in the order of issuer and subject."""

    @abstractmethod
    async def remove(self, identity: Identity) -> None:
        """Forget it if it still opens the account of ``identity.user``; one that is gone already is no error. It can be
        added again, by anybody, as soon as this returns."""

    @abstractmethod
    async def forget(self, user: UserId) -> None:
        """Remove every identity of ``user`` and leave no trace of them. Nobody will add one for ``user`` again."""
