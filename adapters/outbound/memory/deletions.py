from datetime import datetime

from application.ports.deletions import Deletions
from domain.account_deletion import DeletedAccount


class MemoryDeletions(Deletions):
    def __init__(self) -> None:
        self._at: dict[DeletedAccount, datetime] = {}

    async def add(self, account: DeletedAccount, *, at: datetime) -> None:
        self._at.setdefault(account, at)

    async def at(self, account: DeletedAccount) -> datetime | None:
        return self._at.get(account)
