from datetime import datetime

from adapters.outbound.cassandra.database import Database
from adapters.outbound.cassandra.times import to_moment, to_text
from application.ports.deletions import Deletions
from domain.account_deletion import DeletedAccount


class CassandraDeletions(Deletions):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = database.prepare("SELECT deleted_at FROM account_deletions WHERE account = ?")
        self._add = database.prepare("INSERT INTO account_deletions (account, deleted_at) VALUES (?, ?) IF NOT EXISTS")

    async def add(self, account: DeletedAccount, *, at: datetime) -> None:
        async def attempt(serial: bool) -> None:
            if await self._database.row(self._find.bind((account,)), serial=serial) is None:
                await self._database.apply(self._add.bind((account, to_text(at))))

        await self._database.settled(("account_deletions", account.hex()), attempt)

    async def at(self, account: DeletedAccount) -> datetime | None:
        row = await self._database.row(self._find.bind((account,)))
        return to_moment(row[0]) if row else None
