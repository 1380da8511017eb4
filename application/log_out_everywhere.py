from dataclasses import dataclass

from application.ports.sessions import Sessions
from application.ports.tokens import Tokens
from domain.errors import SessionEnded
from domain.secret import Secret
from domain.session import refresh_hash


@dataclass(frozen=True, slots=True)
class LogOutEverywhere:
    """A browser ends all sessions of its user."""

    sessions: Sessions
    tokens: Tokens

    async def __call__(self, presented: Secret) -> None:
        """Raises SessionEnded unless the token is that of a session which has not ended."""
        bearer = self.tokens.refresh_bearer(presented)
        session = bearer and await self.sessions.find(bearer.user, bearer.session)
        if not session or refresh_hash(presented.reveal()) not in (session.refresh, session.previous):
            raise SessionEnded
        await self.sessions.end_all(session.user)
