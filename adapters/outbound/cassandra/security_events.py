from collections.abc import Sequence

from adapters.outbound.cassandra.database import Database, Row
from adapters.outbound.cassandra.times import to_moment, to_text
from application.ports.security_events import KEPT_DAYS, SecurityEvents
from domain.ids import EventId, UserId
from domain.security_event import EventOutcome, SecurityAction, SecurityEvent

_DAY_SECONDS = 86_400
_KEPT_SECONDS = KEPT_DAYS * _DAY_SECONDS
_SLOT_LETTERS = 5
"""Of an id. An UUIDv7 begins with 48 bits of milliseconds, so these 20 bits name three days."""
_BEHIND_ALL = EventId("~")
"""Ids are made of hexadecimal digits."""


class CassandraSecurityEvents(SecurityEvents):
    """A user's events lie in slots of three days, so that no partition grows with the age of the account; an index
    tells which slots there are, about thirty at most."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._add = database.prepare(
            "INSERT INTO security_events (user_id, slot, event_id, action, outcome, at, address, request_id, reason)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) USING TTL ?"
        )
        self._page = database.prepare(
            "SELECT event_id, user_id, action, outcome, at, address, request_id, reason FROM security_events"
            " WHERE user_id = ? AND slot = ? AND event_id < ? LIMIT ?"
        )
        self._use = database.prepare("INSERT INTO security_event_slots (user_id, slot) VALUES (?, ?) USING TTL ?")
        self._clear = database.prepare("DELETE FROM security_events WHERE user_id = ? AND slot = ?")
        self._clear_slots = database.prepare("DELETE FROM security_event_slots WHERE user_id = ?")
        self._used = database.prepare("SELECT slot FROM security_event_slots WHERE user_id = ? AND slot <= ?")

    async def add(self, event: SecurityEvent) -> None:
        slot = event.id[:_SLOT_LETTERS]
        # Before its event, and kept for longer than it: an event that is there can be found.
        await self._database.write(self._use.bind((event.user, slot, _KEPT_SECONDS + _DAY_SECONDS)))
        await self._database.write(self._add.bind((event.user, slot, *_values(event), _KEPT_SECONDS)))

    async def page(self, user: UserId, *, before: EventId | None, limit: int) -> Sequence[SecurityEvent]:
        end = before or _BEHIND_ALL
        found: list[Row] = []
        for (slot,) in await self._database.rows(self._used.bind((user, end[:_SLOT_LETTERS]))):
            found += await self._database.rows(self._page.bind((user, slot, end, limit - len(found))))
            if len(found) == limit:
                break
        return [_event(row) for row in found]

    async def clear(self, user: UserId) -> None:
        for (slot,) in await self._database.rows(self._used.bind((user, _BEHIND_ALL))):
            await self._database.write(self._clear.bind((user, slot)))
        # Last: stopped before, the slots still lead to what is left.
        await self._database.write(self._clear_slots.bind((user,)))


def _values(event: SecurityEvent) -> Row:
    return (
        event.id,
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
