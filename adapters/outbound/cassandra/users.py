import asyncio
from collections.abc import Sequence
from dataclasses import replace

from adapters.outbound.cassandra.conditional import new_write_id
from adapters.outbound.cassandra.database import Database, Row
from adapters.outbound.cassandra.times import to_moment, to_moment_or_none, to_text, to_text_or_none
from application.ports.users import Users
from domain.email import EmailAddress
from domain.errors import EmailTaken, VersionSuperseded
from domain.ids import UserId
from domain.password_reset import PasswordReset
from domain.user import User

_ACCOUNTS_AT_ONCE = 100


class CassandraUsers(Users):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = database.prepare(
            "SELECT user_id, created_at, version, password_hash, email_verified_at, disabled_at,"
            " credentials_changed_at, by_identity, reset_token, reset_requested_at, reset_expires_at, write_id"
            " FROM users WHERE email = ?"
        )
        self._claim = database.prepare(
            "INSERT INTO users (user_id, created_at, version, password_hash, email_verified_at, disabled_at,"
            " credentials_changed_at, by_identity, reset_token, reset_requested_at, reset_expires_at, write_id, email)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) IF NOT EXISTS"
        )
        self._store = database.prepare(
            "UPDATE users SET version = ?, password_hash = ?, email_verified_at = ?, disabled_at = ?,"
            " credentials_changed_at = ?, by_identity = ?, reset_token = ?, reset_requested_at = ?,"
            " reset_expires_at = ?, write_id = ? WHERE email = ? IF write_id = ?"
        )
        self._remove = database.prepare("DELETE FROM users WHERE email = ? IF write_id = ?")
        self._find_email = database.prepare("SELECT email FROM user_ids WHERE user_id = ?")
        self._put_email = database.prepare("INSERT INTO user_ids (user_id, email) VALUES (?, ?)")
        self._drop_email = database.prepare("DELETE FROM user_ids WHERE user_id = ?")
        # In the order of the partitions over the whole cluster. A scan: nothing but an operator's list may ask this.
        pages = "SELECT user_id, email FROM user_ids WHERE token(user_id)"
        self._first_ids = database.prepare(f"{pages} >= -9223372036854775808 LIMIT ?")
        self._next_ids = database.prepare(f"{pages} > token(?) LIMIT ?")

    async def add(self, user: User) -> None:
        claim = self._claim.bind((user.id, to_text(user.created_at), *_changing(user), new_write_id(), user.email))

        async def attempt(serial: bool) -> None:
            holder, _ = await self._read(user.email, serial=serial)
            if holder is None:
                await self._database.apply(claim)
            elif holder.id != user.id:
                raise EmailTaken

        # First the way from the id to the address: an account that is there can be found by both.
        await self._database.write(self._put_email.bind((user.id, user.email)))
        try:
            await self._database.settled(("users", user.email), attempt)
        except EmailTaken:
            await self._database.write(self._drop_email.bind((user.id,)))
            raise

    async def by_email(self, email: EmailAddress) -> User | None:
        found, _ = await self._read(email)
        return found

    async def by_id(self, user: UserId) -> User | None:
        row = await self._database.row(self._find_email.bind((user,)))
        return await self._account(user, row[0]) if row else None

    async def update(self, user: User) -> User:
        row = await self._database.row(self._find_email.bind((user.id,)))
        if row is None:
            raise VersionSuperseded
        email, write_id = EmailAddress(row[0]), new_write_id()

        async def attempt(serial: bool) -> User:
            before, seen = await self._read(email, serial=serial)
            if before is not None and seen == write_id:
                return before
            if before is None or before.id != user.id or before.version != user.version:
                raise VersionSuperseded
            after = replace(user, email=email, created_at=before.created_at, version=user.version + 1)
            await self._database.apply(self._store.bind((*_changing(after), write_id, email, seen)))
            return after

        return await self._database.settled(("users", email), attempt)

    async def remove(self, user: User) -> None:
        async def attempt(serial: bool) -> None:
            before, seen = await self._read(user.email, serial=serial)
            if before is None or before.id != user.id:
                return
            if before.version != user.version:
                raise VersionSuperseded
            await self._database.apply(self._remove.bind((user.email, seen)))

        await self._database.settled(("users", user.email), attempt)
        # Last: whoever is stopped before finds the account by its id, or finds that it is gone, and comes here again.
        await self._database.write(self._drop_email.bind((user.id,)))

    async def page(self, *, after: UserId | None, limit: int) -> Sequence[User]:
        found: list[User] = []
        while len(found) < limit:
            wanted = min(limit - len(found), _ACCOUNTS_AT_ONCE)
            asked = self._next_ids.bind((after, wanted)) if after else self._first_ids.bind((wanted,))
            ids = await self._database.rows(asked)
            # Some lead nowhere: of those who lost an address to somebody else, or were stopped before they had it.
            found += filter(None, await asyncio.gather(*(self._account(user, email) for user, email in ids)))
            if len(ids) < wanted:
                break
            after = ids[-1][0]
        return found

    async def _account(self, user: UserId, email: EmailAddress) -> User | None:
        found = await self.by_email(email)
        return found if found is not None and found.id == user else None

    async def _read(self, email: EmailAddress, *, serial: bool = False) -> tuple[User | None, str | None]:
        row = await self._database.row(self._find.bind((email,)), serial=serial)
        return (_user(email, row), row[-1]) if row else (None, None)


def _changing(user: User) -> Row:
    reset = user.reset
    return (
        user.version,
        user.password_hash,
        to_text_or_none(user.email_verified_at),
        to_text_or_none(user.disabled_at),
        to_text_or_none(user.credentials_changed_at),
        user.by_identity,
        reset.token if reset else None,
        to_text(reset.requested_at) if reset else None,
        to_text(reset.expires_at) if reset else None,
    )


def _user(email: EmailAddress, row: Row) -> User:
    id_, created_at, version, password_hash, verified_at, disabled_at, changed_at, by_identity, *reset, _ = row
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
        version=1 if version is None else version,
    )
