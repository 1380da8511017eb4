from dataclasses import replace

from adapters.outbound.cassandra.conditional import new_write_id
from adapters.outbound.cassandra.database import Database, Row
from adapters.outbound.cassandra.times import to_moment, to_moment_or_none, to_text, to_text_or_none
from application.ports.connections import Connections
from domain.connection import Account, Connection, ConnectionStatus, SyncError
from domain.errors import StorageUnavailable, VersionSuperseded
from domain.ids import ConnectionId, UserId

_SELECT = (
    "SELECT user_id, connection_id, provider, account_id, account_name, status, scopes, created_at, connected_at,"
    " last_sync, last_error_code, last_error_at, version, write_id FROM user_integrations WHERE user_id = ?"
)


_REMOVED: Row = (None,) * 11
"""What a removal leaves of a row: a late write that expects the row as it was, or none, then finds something else."""


class _Gone(Exception):
    """The connection has been removed: no other may come to be under its id, for its items are being cleared away."""


class CassandraConnections(Connections):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._of_user = database.prepare(_SELECT)
        self._find = database.prepare(f"{_SELECT} AND connection_id = ?")
        self._store = database.prepare(
            "UPDATE user_integrations SET provider = ?, account_id = ?, account_name = ?, status = ?, scopes = ?,"
            " created_at = ?, connected_at = ?, last_sync = ?, last_error_code = ?, last_error_at = ?, version = ?,"
            " write_id = ? WHERE user_id = ? AND connection_id = ? IF write_id = ?"
        )
        self._find_claim = database.prepare(
            "SELECT connection_id FROM account_claims WHERE user_id = ? AND provider = ? AND account_id = ?"
        )
        self._forget = database.prepare(
            "DELETE FROM user_integrations WHERE user_id = ? AND connection_id = ? IF write_id = ?"
        )
        self._drop_claim = database.prepare(
            "DELETE FROM account_claims WHERE user_id = ? AND provider = ? AND account_id = ? IF connection_id = ?"
        )
        self._claim = database.prepare(
            "INSERT INTO account_claims (user_id, provider, account_id, connection_id)"
            " VALUES (?, ?, ?, ?) IF NOT EXISTS"
        )
        self._move_claim = database.prepare(
            "UPDATE account_claims SET connection_id = ? WHERE user_id = ? AND provider = ? AND account_id = ?"
            " IF connection_id = ?"
        )

    async def connect(self, connection: Connection) -> Connection:
        gone: ConnectionId | None = None
        while gone != connection.id:
            # A claim whose connection was never stored, because somebody was stopped here, gives its id to the next
            # one; the claim of a connection that was removed moves on to the new id.
            id_ = await self._claimed(connection, gone)
            try:
                return await self._connect_as(id_, connection)
            except _Gone:
                gone = id_
        raise StorageUnavailable("the account was removed while it was being connected")

    async def _connect_as(self, id_: ConnectionId, connection: Connection) -> Connection:
        write_id = new_write_id()

        async def attempt(serial: bool) -> Connection:
            before, seen = await self._read(connection.user, id_, serial=serial)
            if before is not None and seen == write_id:
                return before
            if before is None and seen is not None:
                raise _Gone
            after = _reconnected(before, connection) if before else replace(connection, id=id_)
            await self._database.apply(self._store.bind((*_values(after, write_id), seen)))
            return after

        return await self._database.settled(("user_integrations", connection.user), attempt)

    async def find(self, user: UserId, connection: ConnectionId) -> Connection | None:
        found, _ = await self._read(user, connection)
        return found

    async def of_user(self, user: UserId) -> tuple[Connection, ...]:
        rows = await self._database.rows(self._of_user.bind((user,)))
        return tuple(_connection(row) for row in rows if _is_there(row))

    async def update(self, connection: Connection) -> Connection:
        write_id = new_write_id()
        after = replace(connection, version=connection.version + 1)

        async def attempt(serial: bool) -> Connection:
            before, seen = await self._read(connection.user, connection.id, serial=serial)
            if seen == write_id:
                return after
            if before is None or before.version != connection.version:
                raise VersionSuperseded
            await self._database.apply(self._store.bind((*_values(after, write_id), seen)))
            return after

        return await self._database.settled(("user_integrations", connection.user), attempt)

    async def remove(self, user: UserId, connection: ConnectionId) -> None:
        write_id = new_write_id()
        before, _ = await self._read(user, connection)

        async def attempt(serial: bool) -> None:
            before, seen = await self._read(user, connection, serial=serial)
            if before is not None:
                await self._database.apply(self._store.bind((*_REMOVED, write_id, user, connection, seen)))

        await self._database.settled(("user_integrations", user), attempt)
        if before is not None:
            await self._give_up_claim(before)

    async def forget(self, user: UserId) -> None:
        for connection in await self.of_user(user):
            await self.remove(user, connection.id)

        async def attempt(serial: bool) -> None:
            for row in await self._database.rows(self._of_user.bind((user,)), serial=serial):
                await self._database.apply(self._forget.bind((user, row[1], row[-1])))

        await self._database.settled(("user_integrations", user), attempt)

    async def _give_up_claim(self, gone: Connection) -> None:
        account = (gone.user, gone.provider, gone.account.id)

        async def attempt(serial: bool) -> None:
            row = await self._database.row(self._find_claim.bind(account), serial=serial)
            if row is not None and row[0] == gone.id:
                await self._database.apply(self._drop_claim.bind((*account, gone.id)))

        await self._database.settled(("account_claims", *account), attempt)

    async def _claimed(self, connection: Connection, gone: ConnectionId | None) -> ConnectionId:
        """The id that the connection of this outside account has; if it still is ``gone``, the new one from now on."""
        account = (connection.user, connection.provider, connection.account.id)

        async def attempt(serial: bool) -> ConnectionId:
            row = await self._database.row(self._find_claim.bind(account), serial=serial)
            if row is None:
                await self._database.apply(self._claim.bind((*account, connection.id)))
            elif row[0] == gone:
                await self._database.apply(self._move_claim.bind((connection.id, *account, gone)))
            else:
                return ConnectionId(row[0])
            return connection.id

        return await self._database.settled(("account_claims", *account), attempt)

    async def _read(
        self, user: UserId, connection: ConnectionId, *, serial: bool = False
    ) -> tuple[Connection | None, str | None]:
        row = await self._database.row(self._find.bind((user, connection)), serial=serial)
        if row is None:
            return None, None
        return (_connection(row) if _is_there(row) else None), row[-1]


def _is_there(row: Row) -> bool:
    return row[2] is not None


def _reconnected(before: Connection, connection: Connection) -> Connection:
    return replace(
        connection,
        id=before.id,
        created_at=before.created_at,
        last_sync_at=before.last_sync_at,
        version=before.version + 1,
    )


def _values(connection: Connection, write_id: str) -> Row:
    error = connection.last_error
    return (
        connection.provider,
        connection.account.id,
        connection.account.name,
        connection.status.value,
        connection.scopes,
        to_text(connection.created_at),
        to_text(connection.connected_at),
        to_text_or_none(connection.last_sync_at),
        error.code if error else None,
        to_text(error.at) if error else None,
        connection.version,
        write_id,
        connection.user,
        connection.id,
    )


def _connection(row: Row) -> Connection:
    user, id_, provider, account_id, account_name, status, scopes, created_at, connected_at, *later = row
    last_sync, error_code, error_at, version, _ = later
    return Connection(
        id=id_,
        user=user,
        provider=provider,
        account=Account(account_id, account_name),
        status=ConnectionStatus(status),
        scopes=tuple(scopes),
        created_at=to_moment(created_at),
        connected_at=to_moment(connected_at),
        last_sync_at=to_moment_or_none(last_sync),
        last_error=None if error_code is None else SyncError(error_code, to_moment(error_at)),
        version=version,
    )
