import sqlite3
from dataclasses import replace

import msgspec

from adapters.outbound.sqlite.database import Database, Row
from adapters.outbound.sqlite.times import to_moment, to_moment_or_none, to_text, to_text_or_none
from application.ports.connections import Connections
from domain.connection import Account, Connection, ConnectionStatus, SyncError
from domain.errors import VersionSuperseded
from domain.ids import ConnectionId, UserId

_SELECT = """
    SELECT user_id, id, provider, account_id, account_name, status, scopes, created_at, connected_at,
           last_sync, last_error_code, last_error_at, version
    FROM user_integrations
"""
_STORE = """
    INSERT INTO user_integrations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (user_id, id) DO UPDATE SET
        account_name = excluded.account_name, status = excluded.status, scopes = excluded.scopes,
        connected_at = excluded.connected_at, last_sync = excluded.last_sync,
        last_error_code = excluded.last_error_code, last_error_at = excluded.last_error_at, version = excluded.version
"""

_decode_scopes = msgspec.json.Decoder(tuple[str, ...]).decode


class SqliteConnections(Connections):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def connect(self, connection: Connection) -> Connection:
        def upsert(sql: sqlite3.Connection) -> Connection:
            outside = (connection.user, connection.provider, connection.account.id)
            row = sql.execute(f"{_SELECT} WHERE user_id = ? AND provider = ? AND account_id = ?", outside).fetchone()
            kept = connection
            if row is not None:
                before = _connection(row)
                kept = replace(
                    connection,
                    id=before.id,
                    created_at=before.created_at,
                    last_sync_at=before.last_sync_at,
                    version=before.version + 1,
                )
            _store(sql, kept)
            return kept

        return await self._database.write(upsert)

    async def find(self, user: UserId, connection: ConnectionId) -> Connection | None:
        row = self._database.read_one(f"{_SELECT} WHERE user_id = ? AND id = ?", (user, connection))
        return None if row is None else _connection(row)

    async def of_user(self, user: UserId) -> tuple[Connection, ...]:
        rows = self._database.read(f"{_SELECT} WHERE user_id = ? ORDER BY id", (user,))
        return tuple(_connection(row) for row in rows)

    async def update(self, connection: Connection) -> Connection:
        after = replace(connection, version=connection.version + 1)

        def compare_and_set(sql: sqlite3.Connection) -> None:
            stored = "SELECT 1 FROM user_integrations WHERE user_id = ? AND id = ? AND version = ?"
            if sql.execute(stored, (connection.user, connection.id, connection.version)).fetchone() is None:
                raise VersionSuperseded
            _store(sql, after)

        await self._database.write(compare_and_set)
        return after

    async def remove(self, user: UserId, connection: ConnectionId) -> None:
        sql = "DELETE FROM user_integrations WHERE user_id = ? AND id = ?"
        await self._database.execute(sql, (user, connection))

    async def forget(self, user: UserId) -> None:
        await self._database.execute("DELETE FROM user_integrations WHERE user_id = ?", (user,))


def _store(sql: sqlite3.Connection, connection: Connection) -> None:
    error = connection.last_error
    row = (
        connection.user,
        connection.id,
        connection.provider,
        connection.account.id,
        connection.account.name,
        connection.status.value,
        msgspec.json.encode(connection.scopes).decode(),
        to_text(connection.created_at),
        to_text(connection.connected_at),
        to_text_or_none(connection.last_sync_at),
        error.code if error else None,
        to_text(error.at) if error else None,
        connection.version,
    )
    sql.execute(_STORE, row)


def _connection(row: Row) -> Connection:
    user, id_, provider, account_id, account_name, status, scopes, created_at, connected_at, *later = row
    last_sync, error_code, error_at, version = later
    return Connection(
        id=id_,
        user=user,
        provider=provider,
        account=Account(account_id, account_name),
        status=ConnectionStatus(status),
        scopes=_decode_scopes(scopes),
        created_at=to_moment(created_at),
        connected_at=to_moment(connected_at),
        last_sync_at=to_moment_or_none(last_sync),
        last_error=None if error_code is None else SyncError(error_code, to_moment(error_at)),
        version=version,
    )
