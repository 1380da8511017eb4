from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.sessions import Sessions
from application.record_event import RecordEvent
from domain.caller import Caller
from domain.errors import NotFound
from domain.ids import SessionId, UserId
from domain.security_event import SecurityAction
from domain.session import SessionLifetime


@dataclass(frozen=True, slots=True)
class RevokeSession:
    """A person logs one of the own devices out."""

    sessions: Sessions
    record_event: RecordEvent
    clock: Clock
    lifetime: SessionLifetime

    async def __call__(self, user: UserId, session: SessionId, caller: Caller) -> None:
        """Raises NotFound for one that is over, or another user's."""
        found = await self.sessions.find(user, session)
        if found is None or not found.is_live(self.clock.now(), self.lifetime):
            raise NotFound
        await self.sessions.end(user, session)
        await self.record_event(SecurityAction.SESSION_REVOKED, caller, user=user)
