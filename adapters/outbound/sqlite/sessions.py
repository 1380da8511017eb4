from collections.abc import Sequence

from adapters.outbound.sqlite.database import Database, Row
from adapters.outbound.sqlite.times import to_moment, to_text
from application.ports.sessions import Sessions
from domain.ids import SessionId, UserId
from domain.session import ProvenBy, RefreshHash, Session

_SELECT = """
    SELECT user_id, id, refresh_hash, previous_hash, renewed_at, created_at, expires_at, device, proven_by
    FROM sessions
"""


class SqliteSessions(Sessions):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: Session) -> None:
        sql = "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
        await self._database.execute(sql, (session.user, session.id, *_values(session)))

    async def find(self, user: UserId, session: SessionId) -> Session | None:
        row = self._database.read_one(f"{_SELECT} WHERE user_id = ? AND id = ?", (user, session))
        return None if row is None else _session(row)

    async def of_user(self, user: UserId) -> Sequence[Session]:
        rows = self._database.read(f"{_SELECT} WHERE user_id = ? ORDER BY id", (user,))
        return [_session(row) for row in rows]

    async def renew(self, session: Session, *, expected: RefreshHash) -> bool:
        sql = """
            UPDATE sessions
            SET refresh_hash = ?, previous_hash = ?, renewed_at = ?, created_at = ?, expires_at = ?, device = ?,
                proven_by = ?
            WHERE user_id = ? AND id = ? AND refresh_hash = ?
        """
        renewed = await self._database.execute(sql, (*_values(session), session.user, session.id, expected))
        return renewed == 1

    async def end(self, user: UserId, session: SessionId) -> bool:
        sql = "DELETE FROM sessions WHERE user_id = ? AND id = ?"
        return await self._database.execute(sql, (user, session)) == 1

    async def end_all(self, user: UserId) -> None:
        await self._database.execute("DELETE FROM sessions WHERE user_id = ?", (user,))

    async def forget(self, user: UserId) -> None:
        await self.end_all(user)


def _session(row: Row) -> Session:
    user, id_, refresh, previous, renewed_at, created_at, expires_at, device, proven_by = row
    times = to_moment(renewed_at), to_moment(created_at), to_moment(expires_at)
    return Session(id_, user, refresh, previous, *times, device, ProvenBy(proven_by))


def _values(session: Session) -> tuple[object, ...]:
    return (
        session.refresh,
        session.previous,
        to_text(session.renewed_at),
        to_text(session.created_at),
        to_text(session.expires_at),
        session.device,
        session.proven_by.value,
    )
