from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.sessions import Sessions
from domain.ids import UserId
from domain.session import Session, SessionLifetime


@dataclass(frozen=True, slots=True)
class ListSessions:
    """Where a person is logged in."""

    sessions: Sessions
    clock: Clock
    lifetime: SessionLifetime

    async def __call__(self, user: UserId) -> Sequence[Session]:
        """Those that live, the last used first."""
        now = self.clock.now()
        live = [one for one in await self.sessions.of_user(user) if one.is_live(now, self.lifetime)]
        return sorted(live, key=lambda one: one.renewed_at, reverse=True)
