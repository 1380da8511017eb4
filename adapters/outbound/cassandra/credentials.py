import dataclasses
from collections.abc import Callable
from datetime import datetime

from adapters.outbound.cassandra.conditional import new_write_id, settled
from adapters.outbound.cassandra.database import Database
from adapters.outbound.cassandra.times import to_moment, to_moment_or_none, to_text, to_text_or_none
from application.ports.credentials import Credentials
from domain.credential import Credential
from domain.ids import ConnectionId

_UNCHANGED = object()


class CassandraCredentials(Credentials):
    """A removed credential keeps its row without tokens, so that a late write finds something else than nothing."""

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
        await self._change(credential.connection, lambda _: (credential, True))

    async def find(self, connection: ConnectionId) -> Credential | None:
        found, _ = await self._read(connection)
        return found

    async def claim(self, credential: Credential, *, until: datetime, now: datetime) -> bool:
        def claim(stored: Credential | None) -> Credential | None:
            if stored is None or stored.revision != credential.revision:
                return None
            held = stored.claimed_until is not None and now < stored.claimed_until
            return None if held else dataclasses.replace(stored, claimed_until=until)

        return await self._change(credential.connection, claim)
