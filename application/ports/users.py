from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.email import EmailAddress
from domain.ids import UserId
from domain.user import User


class Users(Protocol):
    """Accounts. An address belongs to one of them."""

    @abstractmethod
    async def add(self, user: User) -> None:
        """Keep a new account. Of all callers with one address, however many at once, the first succeeds and every
        other gets EmailTaken. Whoever is stopped in the middle leaves the address free or the account whole."""

    @abstractmethod
    async def by_email(self, email: EmailAddress) -> User | None:
        """The account of this address."""

    @abstractmethod
    async def by_id(self, user: UserId) -> User | None:
        """The account with this id."""

    @abstractmethod
    async def update(self, user: User) -> User:
        """Store ``user`` and return it with the next version; ``id``, ``email`` and ``created_at`` never change. Of n
        callers with one version the first succeeds. Raises VersionSuperseded when the stored version is another than
        ``user.version``, or there is no such account."""

    @abstractmethod
    async def page(self, *, after: UserId | None, limit: int) -> Sequence[User]:
        """At most ``limit`` accounts behind ``after`` (None: from the first), in an order of the store's own that does
        not change; fewer mean that nothing follows. For operators: it may cost as much as there are accounts."""

    @abstractmethod
    async def remove(self, user: User) -> None:
        """Forget the account: nobody finds it any more, and its address is free for another. Raises VersionSuperseded
        when the stored version is another than ``user.version``; one that is gone already is no error."""
