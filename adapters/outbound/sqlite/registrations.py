import sqlite3
from collections.abc import Sequence
from datetime import timedelta

from adapters.outbound.sqlite.database import Database, Row
from adapters.outbound.sqlite.times import to_moment, to_text
from application.ports.registrations import Registrations
from domain.email import EmailAddress
from domain.mail_token import MailTokenHash
from domain.registration import Registration

_SELECT = "SELECT token_hash, email, password_hash, full_name, created_at, expires_at FROM registrations"
_KEPT_AFTER_ITS_END = timedelta(days=1)
# Each that comes takes with it some that nobody can use any more, so the table does not grow for ever.
_SWEEP = """
    DELETE FROM registrations WHERE token_hash IN
    (SELECT token_hash FROM registrations WHERE expires_at < ? ORDER BY expires_at LIMIT 20)
"""


class SqliteRegistrations(Registrations):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, registration: Registration) -> None:
        def insert(sql: sqlite3.Connection) -> None:
            sql.execute(_SWEEP, (to_text(registration.created_at - _KEPT_AFTER_ITS_END),))
            sql.execute("INSERT OR REPLACE INTO registrations VALUES (?, ?, ?, ?, ?, ?)", _row(registration))

        await self._database.write(insert)

    async def by_token(self, token: MailTokenHash) -> Registration | None:
        row = self._database.read_one(f"{_SELECT} WHERE token_hash = ?", (token,))
        return None if row is None else _registration(row)

    async def of(self, email: EmailAddress) -> Sequence[Registration]:
        rows = self._database.read(f"{_SELECT} WHERE email = ? ORDER BY created_at DESC, token_hash DESC", (email,))
        return [_registration(row) for row in rows]

    async def remove(self, registration: Registration) -> None:
        await self._database.execute("DELETE FROM registrations WHERE token_hash = ?", (registration.token,))


def _row(registration: Registration) -> Row:
    return (
        registration.token,
        registration.email,
        registration.password_hash,
        registration.full_name,
        to_text(registration.created_at),
        to_text(registration.expires_at),
    )


def _registration(row: Row) -> Registration:
    token, email, password_hash, full_name, created_at, expires_at = row
    return Registration(token, email, password_hash, full_name, to_moment(created_at), to_moment(expires_at))
