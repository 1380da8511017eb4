from datetime import datetime

from adapters.outbound.sqlite.database import Database
from adapters.outbound.sqlite.times import to_text
from application.ports.shared_grants import SharedGrants
from domain.credential import GrantId
from domain.ids import ConnectionId


class SqliteSharedGrants(SharedGrants):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def join(self, grant: GrantId, connection: ConnectionId) -> None:
        sql = "INSERT INTO shared_grant_holders VALUES (?, ?) ON CONFLICT DO NOTHING"
        await self._database.execute(sql, (grant, connection))

    async def leave(self, grant: GrantId, connection: ConnectionId) -> None:
        sql = "DELETE FROM shared_grant_holders WHERE grant_id = ? AND connection_id = ?"
        await self._database.execute(sql, (grant, connection))

    async def holders(self, grant: GrantId) -> tuple[ConnectionId, ...]:
        sql = "SELECT connection_id FROM shared_grant_holders WHERE grant_id = ? ORDER BY connection_id"
        return tuple(connection for (connection,) in self._database.read(sql, (grant,)))

    async def claim(self, grant: GrantId, claim: str, *, until: datetime, now: datetime) -> bool:
        sql = """
            INSERT INTO shared_grant_claims VALUES (?, ?, ?)
            ON CONFLICT (grant_id) DO UPDATE SET claim = excluded.claim, claimed_until = excluded.claimed_until
            WHERE claimed_until <= ?
        """
        return await self._database.execute(sql, (grant, claim, to_text(until), to_text(now))) == 1

    async def release(self, grant: GrantId, claim: str) -> None:
        sql = "DELETE FROM shared_grant_claims WHERE grant_id = ? AND claim = ?"
        await self._database.execute(sql, (grant, claim))
