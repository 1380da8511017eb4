from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.ids import EventId, UserId
from domain.security_event import SecurityEvent

KEPT_DAYS = 90


class SecurityEvents(Protocol):
    """What happened to the security of each account, kept for ``KEPT_DAYS``."""

    @abstractmethod
    async def add(self, event: SecurityEvent) -> None:
        """Keep an event of an account (``event.user`` is set); adding it again is harmless. ``named`` is not kept."""

    @abstractmethod
    async def page(self, user: UserId, *, before: EventId | None, limit: int) -> Sequence[SecurityEvent]:
        """At most ``limit`` events of ``user``, the newest first, by their ids: those older than ``before``, or from
        the newest on (None). Fewer than ``limit`` mean that nothing follows."""

    @abstractmethod
    async def clear(self, user: UserId) -> None:
        """Remove every event of ``user``; repeating is harmless, and so is being stopped and called again."""
