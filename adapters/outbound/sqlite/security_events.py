import sqlite3
from collections.abc import Sequence
from datetime import timedelta

from adapters.outbound.sqlite.database import Database, Row
from adapters.outbound.sqlite.times import to_moment, to_text
from application.ports.security_events import KEPT_DAYS, SecurityEvents
from domain.ids import EventId, UserId
from domain.security_event import EventOutcome, SecurityAction, SecurityEvent

_SELECT = "SELECT id, user_id, action, outcome, at, address, request_id, reason FROM security_events"
_INSERT = """
    INSERT INTO security_events (id, user_id, action, outcome, at, address, request_id, reason)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_KEPT = timedelta(days=KEPT_DAYS)
# Each that comes takes with it some that are too old, so the table does not grow for ever.
_SWEEP = """
    DELETE FROM security_events WHERE (user_id, id) IN
    (SELECT user_id, id FROM security_events WHERE at < ? ORDER BY at LIMIT 20)
"""


class SqliteSecurityEvents(SecurityEvents):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, event: SecurityEvent) -> None:
        def insert(sql: sqlite3.Connection) -> None:
            sql.execute(_SWEEP, (to_text(event.at - _KEPT),))
            sql.execute(_INSERT, _row(event))

        await self._database.write(insert)

    async def page(self, user: UserId, *, before: EventId | None, limit: int) -> Sequence[SecurityEvent]:
        older, bounds = ("", ()) if before is None else (" AND id < ?", (before,))

        def read(sql: sqlite3.Connection) -> Sequence[SecurityEvent]:
            rows = sql.execute(f"{_SELECT} WHERE user_id = ?{older} ORDER BY id DESC LIMIT ?", (user, *bounds, limit))
            return [_event(row) for row in rows]

        return await self._database.read_up_to(limit, read)

    async def clear(self, user: UserId) -> None:
        await self._database.execute("DELETE FROM security_events WHERE user_id = ?", (user,))


def _row(event: SecurityEvent) -> Row:
    return (
        event.id,
        event.user,
        event.action.value,
        event.outcome.value,
        to_text(event.at),
        event.address,
        event.request_id,
        event.reason,
    )


def _event(row: Row) -> SecurityEvent:
    id_, user, action, outcome, at, address, request_id, reason = row
    return SecurityEvent(
        id_, user, SecurityAction(action), EventOutcome(outcome), to_moment(at), address, request_id, reason
    )
