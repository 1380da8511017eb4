from dataclasses import dataclass

from application.ports.sessions import Sessions
from application.presented_session import PresentedSession
from domain.secret import Secret


@dataclass(frozen=True, slots=True)
class LogOut:
    """A browser gives its session back."""

    presented_session: PresentedSession
    sessions: Sessions

    async def __call__(self, presented: Secret) -> None:
        """A token that leads nowhere is no error: that session is over already."""
        if session := await self.presented_session(presented):
            await self.sessions.end(session.user, session.id)
