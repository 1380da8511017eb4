from datetime import datetime

from adapters.outbound.cassandra.conditional import new_write_id
from adapters.outbound.cassandra.database import Database
from adapters.outbound.cassandra.times import to_text
from application.ports.shared_grants import SharedGrants
from domain.credential import GrantId
from domain.ids import ConnectionId

_FREE = ""


class CassandraSharedGrants(SharedGrants):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._join = database.prepare("INSERT INTO shared_grant_holders (grant_id, connection_id) VALUES (?, ?)")
        self._leave = database.prepare("DELETE FROM shared_grant_holders WHERE grant_id = ? AND connection_id = ?")
        self._holders = database.prepare("SELECT connection_id FROM shared_grant_holders WHERE grant_id = ?")
        self._find = database.prepare(
            "SELECT claim, claimed_until, write_id FROM shared_grant_claims WHERE grant_id = ?"
        )
        self._store = database.prepare(
            "UPDATE shared_grant_claims SET claim = ?, claimed_until = ?, write_id = ?"
            " WHERE grant_id = ? IF write_id = ?"
        )

    async def join(self, grant: GrantId, connection: ConnectionId) -> None:
        await self._database.write(self._join.bind((grant, connection)))

    async def leave(self, grant: GrantId, connection: ConnectionId) -> None:
        await self._database.write(self._leave.bind((grant, connection)))

    async def holders(self, grant: GrantId) -> tuple[ConnectionId, ...]:
        rows = await self._database.rows(self._holders.bind((grant,)))
        return tuple(ConnectionId(connection) for (connection,) in rows)

    async def claim(self, grant: GrantId, claim: str, *, until: datetime, now: datetime) -> bool:
        write_id = new_write_id()

        async def attempt(serial: bool) -> bool:
            row = await self._database.row(self._find.bind((grant,)), serial=serial)
            held, claimed_until, seen = row or (_FREE, _FREE, None)
            if seen == write_id:
                return True
            if held and to_text(now) < claimed_until:
                return False
            await self._database.apply(self._store.bind((claim, to_text(until), write_id, grant, seen)))
            return True

        return await self._database.settled(("shared_grant_claims", grant), attempt)

    async def release(self, grant: GrantId, claim: str) -> None:
        write_id = new_write_id()

        async def attempt(serial: bool) -> None:
            row = await self._database.row(self._find.bind((grant,)), serial=serial)
            if row is not None and row[0] == claim and row[2] != write_id:
                await self._database.apply(self._store.bind((_FREE, _FREE, write_id, grant, row[2])))

        await self._database.settled(("shared_grant_claims", grant), attempt)
