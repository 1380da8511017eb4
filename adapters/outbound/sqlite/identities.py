import sqlite3
from collections.abc import Sequence

from adapters.outbound.sqlite.database import Database, Row
from adapters.outbound.sqlite.times import to_moment, to_text
from application.ports.identities import Identities
from domain.errors import IdentityTaken
from domain.identity import Identity
from domain.ids import UserId

_SELECT = "SELECT issuer, subject, user_id, email, linked_at FROM identities"


class SqliteIdentities(Identities):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, identity: Identity) -> None:
        key = identity.issuer, identity.subject

        def claim(sql: sqlite3.Connection) -> None:
            row = sql.execute("SELECT user_id FROM identities WHERE issuer = ? AND subject = ?", key).fetchone()
            if row is None:
                values = (*key, identity.user, identity.email, to_text(identity.linked_at))
                sql.execute("INSERT INTO identities VALUES (?, ?, ?, ?, ?)", values)
            elif row[0] != identity.user:
                raise IdentityTaken

        await self._database.write(claim)

    async def find(self, issuer: str, subject: str) -> Identity | None:
        row = self._database.read_one(f"{_SELECT} WHERE issuer = ? AND subject = ?", (issuer, subject))
        return _identity(row) if row else None

    async def of_user(self, user: UserId) -> Sequence[Identity]:
        rows = self._database.read(f"{_SELECT} WHERE user_id = ? ORDER BY issuer, subject", (user,))
        return [_identity(row) for row in rows]

    async def remove(self, identity: Identity) -> None:
        sql = "DELETE FROM identities WHERE issuer = ? AND subject = ? AND user_id = ?"
        await self._database.execute(sql, (identity.issuer, identity.subject, identity.user))

    async def forget(self, user: UserId) -> None:
        await self._database.execute("DELETE FROM identities WHERE user_id = ?", (user,))


def _identity(row: Row) -> Identity:
    issuer, subject, user, email, linked_at = row
    return Identity(issuer, subject, user, email, to_moment(linked_at))
