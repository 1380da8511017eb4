from dataclasses import dataclass

from application.ports.sessions import Sessions
from application.presented_session import PresentedSession
from application.record_event import RecordEvent
from domain.caller import Caller
from domain.secret import Secret
from domain.security_event import SecurityAction


@dataclass(frozen=True, slots=True)
class LogOut:
    """A browser gives its session back."""

    presented_session: PresentedSession
    sessions: Sessions
    record_event: RecordEvent

    async def __call__(self, presented: Secret, caller: Caller) -> None:
        """A token that leads nowhere is no error: that session is over already."""
        if session := await self.presented_session(presented):
            await self.sessions.end(session.user, session.id)
            await self.record_event(SecurityAction.LOGOUT, caller, user=session.user)
