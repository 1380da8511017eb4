from dataclasses import dataclass

from application.ports.sessions import Sessions
from application.ports.tokens import Tokens
from domain.secret import Secret
from domain.session import refresh_hash


@dataclass(frozen=True, slots=True)
class LogOut:
    """A browser gives its session back."""

    sessions: Sessions
    tokens: Tokens

    async def __call__(self, presented: Secret) -> None:
        """A token that leads nowhere is no error: that session is over already."""
        bearer = self.tokens.refresh_bearer(presented)
        session = bearer and await self.sessions.find(bearer.user, bearer.session)
        if session and refresh_hash(presented.reveal()) in (session.refresh, session.previous):
            await self.sessions.end(session.user, session.id)
