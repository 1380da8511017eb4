from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.security_events import SecurityEvents
from application.seal_cursor import SealCursor
from domain.ids import EventId, UserId
from domain.security_event import SecurityEvent


@dataclass(frozen=True, slots=True)
class EventPage:
    events: Sequence[SecurityEvent]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ListEvents:
    """What happened to the security of a person's account."""

    events: SecurityEvents
    seal_cursor: SealCursor

    async def __call__(self, user: UserId, *, cursor: str | None, limit: int) -> EventPage:
        """The newest first. Raises CursorInvalid."""
        place = f"events-cursor|{user}"
        before = EventId(str(self.seal_cursor.open(cursor, place))) if cursor else None
        # One more than asked for tells whether anything follows.
        found = await self.events.page(user, before=before, limit=limit + 1)
        page = found[:limit]
        return EventPage(page, self.seal_cursor(page[-1].id, place) if len(found) > limit else None)
