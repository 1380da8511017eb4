from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from domain.account_deletion import DeletedAccount


class Deletions(Protocol):
    """Which accounts have been deleted, by a name that leads back to nobody: for whoever restores an old backup."""

    @abstractmethod
    async def add(self, account: DeletedAccount, *, at: datetime) -> None:
        """Keep it for ever; adding it again keeps the first time."""

    @abstractmethod
    async def at(self, account: DeletedAccount) -> datetime | None:
        """When it was deleted; None for one that was not."""
