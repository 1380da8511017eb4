import sqlite3
from collections.abc import Sequence

from adapters.outbound.sqlite.database import Database, Row
from adapters.outbound.sqlite.times import to_moment, to_moment_or_none, to_text, to_text_or_none
from application.ports.users import Users
from domain.email import EmailAddress
from domain.errors import EmailTaken, VersionSuperseded
from domain.ids import UserId
from domain.password_reset import PasswordReset
from domain.user import User

_LASTING = "id, email, created_at"
_CHANGING = (
    "version, password_hash, email_verified_at, disabled_at, credentials_changed_at,"
    " by_identity, reset_token, reset_requested_at, reset_expires_at"
)
# Composed of our own names alone, hence no S608.
_SELECT = f"SELECT {_LASTING}, {_CHANGING} FROM users"  # noqa: S608
_INSERT = f"""
    INSERT INTO users ({_LASTING}, {_CHANGING}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (email) DO NOTHING
"""  # noqa: S608
_UPDATE = f"UPDATE users SET ({_CHANGING}) = (?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ? AND version = ?"  # noqa: S608


class SqliteUsers(Users):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user: User) -> None:
        row = (user.id, user.email, to_text(user.created_at), user.version, *_changing(user))
        if not await self._database.execute(_INSERT, row):
            raise EmailTaken

    async def by_email(self, email: EmailAddress) -> User | None:
        row = self._database.read_one(f"{_SELECT} WHERE email = ?", (email,))
        return None if row is None else _user(row)

    async def by_id(self, user: UserId) -> User | None:
        row = self._database.read_one(f"{_SELECT} WHERE id = ?", (user,))
        return None if row is None else _user(row)

    async def update(self, user: User) -> User:
        def compare_and_set(sql: sqlite3.Connection) -> User:
            row = (user.version + 1, *_changing(user), user.id, user.version)
            if sql.execute(_UPDATE, row).rowcount == 0:
                raise VersionSuperseded
            return _user(sql.execute(f"{_SELECT} WHERE id = ?", (user.id,)).fetchone())

        return await self._database.write(compare_and_set)

    async def page(self, *, after: UserId | None, limit: int) -> Sequence[User]:
        def read(sql: sqlite3.Connection) -> Sequence[User]:
            rows = sql.execute(f"{_SELECT} WHERE id > ? ORDER BY id LIMIT ?", (after or "", limit))
            return [_user(row) for row in rows]

        return await self._database.read_up_to(limit, read)

    async def remove(self, user: User) -> None:
        def compare_and_delete(sql: sqlite3.Connection) -> None:
            deleted = sql.execute("DELETE FROM users WHERE id = ? AND version = ?", (user.id, user.version)).rowcount
            if not deleted and sql.execute("SELECT 1 FROM users WHERE id = ?", (user.id,)).fetchone():
                raise VersionSuperseded

        await self._database.write(compare_and_delete)


def _changing(user: User) -> Row:
    """The values behind the version."""
    reset = user.reset
    return (
        user.password_hash,
        to_text_or_none(user.email_verified_at),
        to_text_or_none(user.disabled_at),
        to_text_or_none(user.credentials_changed_at),
        user.by_identity,
        reset.token if reset else None,
        to_text(reset.requested_at) if reset else None,
        to_text(reset.expires_at) if reset else None,
    )


def _user(row: Row) -> User:
    id_, email, created_at, version, password_hash, verified_at, disabled_at, changed_at, by_identity, *reset = row
    token, requested_at, expires_at = reset
    return User(
        id=id_,
        email=email,
        password_hash=password_hash,
        created_at=to_moment(created_at),
        email_verified_at=to_moment_or_none(verified_at),
        disabled_at=to_moment_or_none(disabled_at),
        credentials_changed_at=to_moment_or_none(changed_at),
        reset=None if token is None else PasswordReset(token, to_moment(requested_at), to_moment(expires_at)),
        by_identity=bool(by_identity),
        version=version,
    )
