from datetime import datetime

from adapters.outbound.sqlite.database import Database
from adapters.outbound.sqlite.times import to_moment, to_text
from application.ports.deletions import Deletions
from domain.account_deletion import DeletedAccount


class SqliteDeletions(Deletions):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, account: DeletedAccount, *, at: datetime) -> None:
        sql = "INSERT INTO account_deletions VALUES (?, ?) ON CONFLICT DO NOTHING"
        await self._database.execute(sql, (account, to_text(at)))

    async def at(self, account: DeletedAccount) -> datetime | None:
        row = self._database.read_one("SELECT deleted_at FROM account_deletions WHERE account = ?", (account,))
        return to_moment(row[0]) if row else None
