from datetime import datetime

import msgspec

from adapters.outbound.sqlite.database import Database
from adapters.outbound.sqlite.times import to_moment, to_moment_or_none, to_text, to_text_or_none
from application.ports.credentials import Credentials
from domain.credential import Credential
from domain.ids import ConnectionId

_decode_scopes = msgspec.json.Decoder(tuple[str, ...]).decode


class SqliteCredentials(Credentials):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, credential: Credential) -> None:
        row = (credential.connection, *_columns(credential), to_text_or_none(credential.claimed_until))
        sql = "INSERT OR REPLACE INTO user_credentials VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        await self._database.execute(sql, row)

    async def find(self, connection: ConnectionId) -> Credential | None:
        row = self._database.read_one(
            "SELECT access_token, refresh_token, expires_at, scopes, obtained_at, revision, claimed_until"
            " FROM user_credentials WHERE connection_id = ?",
            (connection,),
        )
        if row is None:
            return None
        access, refresh, expires_at, scopes, obtained_at, revision, claimed_until = row
        return Credential(
            connection,
            access,
            refresh,
            to_moment_or_none(expires_at),
            _decode_scopes(scopes),
            to_moment(obtained_at),
            revision,
            to_moment_or_none(claimed_until),
        )

    async def claim(self, credential: Credential, *, until: datetime, now: datetime) -> bool:
        sql = """
            UPDATE user_credentials SET claimed_until = ?
            WHERE connection_id = ? AND revision = ? AND (claimed_until IS NULL OR claimed_until <= ?)
        """
        parameters = (to_text(until), credential.connection, credential.revision, to_text(now))
        return await self._database.execute(sql, parameters) == 1

    async def release(self, credential: Credential, *, claimed: datetime) -> None:
        sql = """
            UPDATE user_credentials SET claimed_until = NULL
            WHERE connection_id = ? AND revision = ? AND claimed_until = ?
        """
        await self._database.execute(sql, (credential.connection, credential.revision, to_text(claimed)))

    async def replace(self, credential: Credential, *, expected: str) -> bool:
        sql = """
            UPDATE user_credentials
            SET access_token = ?, refresh_token = ?, expires_at = ?, scopes = ?, obtained_at = ?, revision = ?,
                claimed_until = NULL
            WHERE connection_id = ? AND revision = ?
        """
        parameters = (*_columns(credential), credential.connection, expected)
        return await self._database.execute(sql, parameters) == 1

    async def remove(self, connection: ConnectionId, *, revision: str) -> None:
        sql = "DELETE FROM user_credentials WHERE connection_id = ? AND revision = ?"
        await self._database.execute(sql, (connection, revision))


def _columns(credential: Credential) -> tuple[object, ...]:
    return (
        credential.access,
        credential.refresh,
        to_text_or_none(credential.expires_at),
        msgspec.json.encode(credential.scopes).decode(),
        to_text(credential.obtained_at),
        credential.revision,
    )
