from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.sessions import Sessions
from application.ports.tokens import Tokens
from domain.secret import Secret
from domain.session import Session, SessionLifetime, refresh_hash


@dataclass(frozen=True, slots=True)
class PresentedSession:
    """The session that a refresh token is of."""

    sessions: Sessions
    tokens: Tokens
    clock: Clock
    lifetime: SessionLifetime

    async def __call__(self, presented: Secret) -> Session | None:
        """None unless it lives, and the token is its present one or the one before."""
        bearer = self.tokens.refresh_bearer(presented)
        session = bearer and await self.sessions.find(bearer.user, bearer.session)
        if not session or not session.is_live(self.clock.now(), self.lifetime):
            return None
        return session if refresh_hash(presented.reveal()) in (session.refresh, session.previous) else None
