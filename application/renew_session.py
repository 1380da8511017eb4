from dataclasses import dataclass

from application.open_session import OpenedSession
from application.ports.clock import Clock
from application.ports.sessions import Sessions
from application.ports.tokens import Tokens
from domain.errors import SessionEnded
from domain.secret import Secret
from domain.session import SessionLifetime, refresh_hash


@dataclass(frozen=True, slots=True)
class RenewSession:
    """A browser trades its refresh token for a new one and an access token (RFC 9700 section 4.14.2)."""

    sessions: Sessions
    tokens: Tokens
    clock: Clock
    lifetime: SessionLifetime

    async def __call__(self, presented: Secret) -> OpenedSession:
        """Parallel callers with one token get the same successor. Raises SessionEnded; a token that was replaced
        before the grace also ends the session, for two parties hold it."""
        bearer = self.tokens.refresh_bearer(presented)
        if bearer is None:
            raise SessionEnded
        successor = self.tokens.next_refresh(presented)
        given, following = refresh_hash(presented.reveal()), refresh_hash(successor.reveal())
        while True:
            session = await self.sessions.find(bearer.user, bearer.session)
            now = self.clock.now()
            if session is None or not session.is_live(now, self.lifetime):
                raise SessionEnded
            try:
                renewed = session.renewed(given, following, now, self.lifetime)
            except SessionEnded:
                # A token that was given out and replaced long ago tells of a theft. A guess does not, nor does one that
                # two tabs in a hurry have left behind.
                hurried = now < session.renewed_at + self.lifetime.grace
                if self.tokens.is_genuine(presented) and not hurried:
                    await self.sessions.end(bearer.user, bearer.session)
                raise
            # Losing this race means that a twin has stored the very same successor: the next turn finds it.
            if renewed is session or await self.sessions.renew(renewed, expected=session.refresh):
                return OpenedSession(bearer.user, self.tokens.issue(bearer), successor)
