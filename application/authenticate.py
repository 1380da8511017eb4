from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.sessions import Sessions
from application.ports.tokens import Bearer, Tokens
from domain.errors import NotAuthenticated
from domain.session import SessionLifetime


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Who is asking: the token says it, the session says whether that still holds."""

    sessions: Sessions
    tokens: Tokens
    clock: Clock
    lifetime: SessionLifetime

    async def __call__(self, token: str) -> Bearer:
        """Raises NotAuthenticated. Reads the session each time, so what was revoked is refused on the next request."""
        bearer = self.tokens.verify(token)
        if bearer is None:
            raise NotAuthenticated
        session = await self.sessions.find(bearer.user, bearer.session)
        if session is None or not session.is_live(self.clock.now(), self.lifetime):
            raise NotAuthenticated
        return bearer
