from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from adapters.outbound.cassandra.conditional import new_write_id
from adapters.outbound.cassandra.database import Database, Row
from adapters.outbound.cassandra.times import to_moment, to_moment_or_none, to_text, to_text_or_none
from application.ports.credentials import Credentials
from domain.credential import Credential
from domain.ids import ConnectionId

_REMOVED: Row = (None,) * 7
"""What a removal leaves of a row: a late write that expects the row as it was, or none, then finds something else."""


class CassandraCredentials(Credentials):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = database.prepare(
            "SELECT access_token, refresh_token, expires_at, scopes, obtained_at, revision, claimed_until, write_id"
            " FROM user_credentials WHERE connection_id = ?"
        )
        self._store = database.prepare(
            "UPDATE user_credentials SET access_token = ?, refresh_token = ?, expires_at = ?, scopes = ?,"
            " obtained_at = ?, revision = ?, claimed_until = ?, write_id = ? WHERE connection_id = ? IF write_id = ?"
        )

    async def put(self, credential: Credential) -> None:
        await self._change(credential.connection, lambda _: _values(credential))

    async def find(self, connection: ConnectionId) -> Credential | None:
        found, _ = await self._read(connection)
        return found

    async def claim(self, credential: Credential, *, until: datetime, now: datetime) -> bool:
        def claimed(stored: Credential | None) -> Row | None:
            if stored is None or stored.revision != credential.revision:
                return None
            held = stored.claimed_until is not None and now < stored.claimed_until
            return None if held else _values(replace(stored, claimed_until=until))

        return await self._change(credential.connection, claimed)

    async def release(self, credential: Credential, *, claimed: datetime) -> None:
        def released(stored: Credential | None) -> Row | None:
            mine = stored is not None and (stored.revision, stored.claimed_until) == (credential.revision, claimed)
            return _values(replace(stored, claimed_until=None)) if stored is not None and mine else None

        await self._change(credential.connection, released)

    async def replace(self, credential: Credential, *, expected: str) -> bool:
        def replaced(stored: Credential | None) -> Row | None:
            current = stored is not None and stored.revision == expected
            return _values(replace(credential, claimed_until=None)) if current else None

        return await self._change(credential.connection, replaced)

    async def remove(self, connection: ConnectionId, *, revision: str) -> None:
        def removed(stored: Credential | None) -> Row | None:
            return _REMOVED if stored is not None and stored.revision == revision else None

        await self._change(connection, removed)

    async def _change(self, connection: ConnectionId, change: Callable[[Credential | None], Row | None]) -> bool:
        """Store what ``change`` makes of the stored credential; False when it makes None of it."""
        write_id = new_write_id()

        async def attempt(serial: bool) -> bool:
            stored, seen = await self._read(connection, serial=serial)
            if seen == write_id:
                return True
            after = change(stored)
            if after is None:
                return False
            await self._database.apply(self._store.bind((*after, write_id, connection, seen)))
            return True

        return await self._database.settled(("user_credentials", connection), attempt)

    async def _read(self, connection: ConnectionId, *, serial: bool = False) -> tuple[Credential | None, str | None]:
        row = await self._database.row(self._find.bind((connection,)), serial=serial)
        if row is None:
            return None, None
        return (_credential(connection, row) if row[0] is not None else None), row[-1]


def _values(credential: Credential) -> Row:
    return (
        credential.access,
        credential.refresh,
        to_text_or_none(credential.expires_at),
        credential.scopes,
        to_text(credential.obtained_at),
        credential.revision,
        to_text_or_none(credential.claimed_until),
    )


def _credential(connection: ConnectionId, row: Row) -> Credential:
    access, refresh, expires_at, scopes, obtained_at, revision, claimed_until, _ = row
    return Credential(
        connection,
        access,
        refresh,
        to_moment_or_none(expires_at),
        tuple(scopes),
        to_moment(obtained_at),
        revision,
        to_moment_or_none(claimed_until),
    )
