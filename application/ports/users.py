from abc import abstractmethod
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
