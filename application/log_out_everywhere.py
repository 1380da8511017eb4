from dataclasses import dataclass

from application.ports.sessions import Sessions
from application.presented_session import PresentedSession
from application.record_event import RecordEvent
from domain.caller import Caller
from domain.errors import SessionEnded
from domain.secret import Secret
from domain.security_event import SecurityAction


@dataclass(frozen=True, slots=True)
class LogOutEverywhere:
    """A browser ends all sessions of its user."""

    presented_session: PresentedSession
    sessions: Sessions
    record_event: RecordEvent

    async def __call__(self, presented: Secret, caller: Caller) -> None:
        """Raises SessionEnded unless the token is that of a session which has not ended."""
        session = await self.presented_session(presented)
        if session is None:
            raise SessionEnded
        await self.sessions.end_all(session.user)
        await self.record_event(SecurityAction.LOGOUT_ALL, caller, user=session.user)
