from collections.abc import Sequence
from datetime import timedelta

from adapters.outbound.cassandra.conditional import new_write_id
from adapters.outbound.cassandra.database import Database, Row
from adapters.outbound.cassandra.times import to_moment, to_text, ttl_seconds
from application.ports.sessions import Sessions
from domain.ids import SessionId, UserId
from domain.session import ProvenBy, RefreshHash, Session

_KEPT_AFTER_ITS_END = timedelta(days=30)
_MARK_SECONDS = 86_400
"""How long an ended session leaves a mark: so long an ``add`` that is still on its way somewhere does nothing."""


_SELECT = (
    "SELECT generation, added_in, session_id, user_id, refresh_hash, previous_hash, renewed_at, created_at, expires_at,"
    " device, proven_by, write_id FROM sessions WHERE user_id = ?"
)


class CassandraSessions(Sessions):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = database.prepare(f"{_SELECT} AND session_id = ?")
        self._of_user = database.prepare(_SELECT)
        self._find_generation = database.prepare("SELECT DISTINCT user_id, generation FROM sessions WHERE user_id = ?")
        store = (
            "UPDATE sessions USING TTL ? SET added_in = ?, refresh_hash = ?, previous_hash = ?, renewed_at = ?,"
            " created_at = ?, expires_at = ?, device = ?, proven_by = ?, write_id = ?"
            " WHERE user_id = ? AND session_id = ?"
        )
        self._add = database.prepare(f"{store} IF generation = ? AND write_id = ?")
        self._renew = database.prepare(f"{store} IF write_id = ?")
        self._end = database.prepare(
            "UPDATE sessions USING TTL ? SET added_in = null, refresh_hash = null, previous_hash = null,"
            " renewed_at = null, created_at = null, expires_at = null, device = null, proven_by = null, write_id = ?"
            " WHERE user_id = ? AND session_id = ? IF write_id = ?"
        )
        self._raise_generation = database.prepare(
            "UPDATE sessions SET generation = ? WHERE user_id = ? IF generation = ?"
        )
        self._remove = database.prepare("DELETE FROM sessions WHERE user_id = ? AND session_id = ? IF write_id = ?")
        self._remove_generation = database.prepare(
            "DELETE generation FROM sessions WHERE user_id = ? IF generation = ?"
        )

    async def add(self, session: Session) -> None:
        write_id = new_write_id()

        async def attempt(serial: bool) -> None:
            if await self._row(session.user, session.id, serial=serial) is None:
                generation = await self._generation(session.user, serial=serial)
                values = _values(session, generation or 0, write_id)
                await self._database.apply(self._add.bind((*values, generation, None)))

        await self._database.settled(("sessions", session.user), attempt)

    async def find(self, user: UserId, session: SessionId) -> Session | None:
        row = await self._row(user, session)
        return _session(row) if row is not None and _is_live(row) else None

    async def of_user(self, user: UserId) -> Sequence[Session]:
        # A user without any has one row all the same: that of the generation.
        rows = await self._database.rows(self._of_user.bind((user,)))
        return [_session(row) for row in rows if _is_live(row)]

    async def renew(self, session: Session, *, expected: RefreshHash) -> bool:
        write_id = new_write_id()

        async def attempt(serial: bool) -> bool:
            row = await self._row(session.user, session.id, serial=serial)
            if row is None or not _is_live(row):
                return False
            generation, _, _, _, refresh, *_, seen = row
            if seen == write_id:
                return True
            if refresh != expected:
                return False
            await self._database.apply(self._renew.bind((*_values(session, generation or 0, write_id), seen)))
            return True

        return await self._database.settled(("sessions", session.user), attempt)

    async def end(self, user: UserId, session: SessionId) -> bool:
        write_id = new_write_id()

        async def attempt(serial: bool) -> bool:
            row = await self._row(user, session, serial=serial)
            if row is None or not _is_live(row):
                return row is not None and row[-1] == write_id
            await self._database.apply(self._end.bind((_MARK_SECONDS, write_id, user, session, row[-1])))
            return True

        return await self._database.settled(("sessions", user), attempt)

    async def end_all(self, user: UserId) -> None:
        before = await self._generation(user)

        async def attempt(serial: bool) -> None:
            # Whoever has raised it since, ended all that were added before this call.
            if not serial or await self._generation(user, serial=True) == before:
                await self._database.apply(self._raise_generation.bind(((before or 0) + 1, user, before)))

        await self._database.settled(("sessions", user), attempt)

    async def forget(self, user: UserId) -> None:
        await self.end_all(user)

        async def attempt(serial: bool) -> None:
            # The generation last: without it a session of before the first would count again.
            for row in await self._database.rows(self._of_user.bind((user,)), serial=serial):
                if row[2] is not None:
                    await self._database.apply(self._remove.bind((user, row[2], row[-1])))
            if (generation := await self._generation(user, serial=serial)) is not None:
                await self._database.apply(self._remove_generation.bind((user, generation)))

        await self._database.settled(("sessions", user), attempt)

    async def _row(self, user: UserId, session: SessionId, *, serial: bool = False) -> Row | None:
        return await self._database.row(self._find.bind((user, session)), serial=serial)

    async def _generation(self, user: UserId, *, serial: bool = False) -> int | None:
        row = await self._database.row(self._find_generation.bind((user,)), serial=serial)
        return row[1] if row else None


def _is_live(row: Row) -> bool:
    generation, added_in, _, _, refresh, *_ = row
    return refresh is not None and added_in == (generation or 0)


def _session(row: Row) -> Session:
    _, _, id_, user, refresh, previous, renewed_at, created_at, expires_at, device, proven_by, _ = row
    times = to_moment(renewed_at), to_moment(created_at), to_moment(expires_at)
    return Session(id_, user, refresh, previous, *times, device, ProvenBy(proven_by or ProvenBy.PASSWORD))


def _values(session: Session, generation: int, write_id: str) -> Row:
    kept = max(session.expires_at - session.renewed_at, timedelta()) + _KEPT_AFTER_ITS_END
    return (
        ttl_seconds(kept),
        generation,
        session.refresh,
        session.previous,
        to_text(session.renewed_at),
        to_text(session.created_at),
        to_text(session.expires_at),
        session.device,
        session.proven_by.value,
        write_id,
        session.user,
        session.id,
    )
