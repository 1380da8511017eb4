import asyncio
from collections.abc import Sequence

from adapters.outbound.cassandra.conditional import new_write_id
from adapters.outbound.cassandra.database import Database
from adapters.outbound.cassandra.times import to_moment, to_text
from application.ports.identities import Identities
from domain.errors import IdentityTaken
from domain.identity import Identity
from domain.ids import UserId


class CassandraIdentities(Identities):
    """The row of an identity is the claim on it; one that was removed keeps its row, without a user."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = database.prepare(
            "SELECT user_id, email, linked_at, write_id FROM identities WHERE issuer = ? AND subject = ?"
        )
        self._store = database.prepare(
            "UPDATE identities SET user_id = ?, email = ?, linked_at = ?, write_id = ?"
            " WHERE issuer = ? AND subject = ? IF write_id = ?"
        )
        self._remove = database.prepare("DELETE FROM identities WHERE issuer = ? AND subject = ? IF write_id = ?")
        self._forget = database.prepare("DELETE FROM identities_of_user WHERE user_id = ?")
        self._of_user = database.prepare("SELECT issuer, subject FROM identities_of_user WHERE user_id = ?")
        self._note = database.prepare("INSERT INTO identities_of_user (user_id, issuer, subject) VALUES (?, ?, ?)")

    async def add(self, identity: Identity) -> None:
        write_id = new_write_id()
        values = (identity.user, identity.email, to_text(identity.linked_at), write_id)

        async def attempt(serial: bool) -> None:
            holder, seen = await self._read(identity.issuer, identity.subject, serial=serial)
            if holder is None:
                await self._database.apply(self._store.bind((*values, identity.issuer, identity.subject, seen)))
            elif holder.user != identity.user:
                raise IdentityTaken

        # First the way from the user, which may lead to an identity that is somebody else's: whoever looks compares.
        await self._database.write(self._note.bind((identity.user, identity.issuer, identity.subject)))
        await self._database.settled(("identities", identity.issuer, identity.subject), attempt)

    async def find(self, issuer: str, subject: str) -> Identity | None:
        found, _ = await self._read(issuer, subject)
        return found

    async def of_user(self, user: UserId) -> Sequence[Identity]:
        rows = await self._database.rows(self._of_user.bind((user,)))
        found = await asyncio.gather(*(self.find(issuer, subject) for issuer, subject in rows))
        return [identity for identity in found if identity is not None and identity.user == user]

    async def remove(self, identity: Identity) -> None:
        write_id = new_write_id()

        async def attempt(serial: bool) -> None:
            holder, seen = await self._read(identity.issuer, identity.subject, serial=serial)
            if holder is not None and holder.user == identity.user:
                emptied = (None, None, None, write_id, identity.issuer, identity.subject, seen)
                await self._database.apply(self._store.bind(emptied))

        await self._database.settled(("identities", identity.issuer, identity.subject), attempt)

    async def forget(self, user: UserId) -> None:
        rows = await self._database.rows(self._of_user.bind((user,)))
        for issuer, subject in rows:
            await self._drop(user, issuer, subject)
        # Last: stopped before, it still leads to what is left.
        await self._database.write(self._forget.bind((user,)))

    async def _drop(self, user: UserId, issuer: str, subject: str) -> None:
        """The row of an identity that opens this account, or none any more."""

        async def attempt(serial: bool) -> None:
            holder, seen = await self._read(issuer, subject, serial=serial)
            if seen is not None and (holder is None or holder.user == user):
                await self._database.apply(self._remove.bind((issuer, subject, seen)))

        await self._database.settled(("identities", issuer, subject), attempt)

    async def _read(self, issuer: str, subject: str, *, serial: bool = False) -> tuple[Identity | None, str | None]:
        row = await self._database.row(self._find.bind((issuer, subject)), serial=serial)
        if row is None:
            return None, None
        user, email, linked_at, write_id = row
        found = Identity(issuer, subject, user, email, to_moment(linked_at)) if user is not None else None
        return found, write_id
