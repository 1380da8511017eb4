from collections.abc import Sequence
from datetime import timedelta

from adapters.outbound.cassandra.database import Database, Row
from adapters.outbound.cassandra.times import to_moment, to_text, ttl_seconds
from application.ports.registrations import Registrations
from domain.email import EmailAddress
from domain.mail_token import MailTokenHash
from domain.registration import Registration

_KEPT_AFTER_ITS_END = timedelta(days=1)
_SELECT = (
    "SELECT token_hash, email, password_hash, full_name, created_at, expires_at FROM registrations WHERE email = ?"
)


class CassandraRegistrations(Registrations):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._of = database.prepare(_SELECT)
        self._find = database.prepare(f"{_SELECT} AND token_hash = ?")
        self._add = database.prepare(
            "INSERT INTO registrations (token_hash, email, password_hash, full_name, created_at, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?) USING TTL ?"
        )
        self._remove = database.prepare("DELETE FROM registrations WHERE email = ? AND token_hash = ?")
        self._find_email = database.prepare("SELECT email FROM registration_tokens WHERE token_hash = ?")
        self._put_email = database.prepare(
            "INSERT INTO registration_tokens (token_hash, email) VALUES (?, ?) USING TTL ?"
        )
        self._drop_email = database.prepare("DELETE FROM registration_tokens WHERE token_hash = ?")

    async def add(self, registration: Registration) -> None:
        lifetime = max(registration.expires_at - registration.created_at, timedelta())
        kept = ttl_seconds(lifetime + _KEPT_AFTER_ITS_END)
        # First the way from the token: a registration that is listed can be proven.
        await self._database.write(self._put_email.bind((registration.token, registration.email, kept)))
        await self._database.write(self._add.bind((*_values(registration), kept)))

    async def by_token(self, token: MailTokenHash) -> Registration | None:
        way = await self._database.row(self._find_email.bind((token,)))
        row = await self._database.row(self._find.bind((way[0], token))) if way else None
        return _registration(row) if row else None

    async def of(self, email: EmailAddress) -> Sequence[Registration]:
        found = [_registration(row) for row in await self._database.rows(self._of.bind((email,)))]
        return sorted(found, key=lambda registration: (registration.created_at, registration.token), reverse=True)

    async def remove(self, registration: Registration) -> None:
        await self._database.write(self._remove.bind((registration.email, registration.token)))
        await self._database.write(self._drop_email.bind((registration.token,)))


def _values(registration: Registration) -> Row:
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
