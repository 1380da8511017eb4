from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from application.ports.security_events import SecurityEvents
from domain.ids import EventId, UserId
from domain.security_event import SecurityEvent


class MemorySecurityEvents(SecurityEvents):
    def __init__(self) -> None:
        self._of_user: dict[UserId | None, list[SecurityEvent]] = {}
        """The oldest first."""

    async def add(self, event: SecurityEvent) -> None:
        mine = self._of_user.setdefault(event.user, [])
        place = _place(mine, event.id)
        if place < len(mine) and mine[place].id == event.id:
            return
        mine.insert(place, replace(event, named=""))

    async def page(self, user: UserId, *, before: EventId | None, limit: int) -> Sequence[SecurityEvent]:
        mine = self._of_user.get(user, [])
        end = len(mine) if before is None else _place(mine, before)
        return mine[max(end - limit, 0) : end][::-1]

    async def clear(self, user: UserId) -> None:
        self._of_user.pop(user, None)


def _place(events: list[SecurityEvent], event: EventId) -> int:
    return bisect_left(events, event, key=lambda one: one.id)
