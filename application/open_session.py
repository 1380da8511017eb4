from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.ports.sessions import Sessions
from application.ports.tokens import AccessToken, Bearer, Tokens
from domain.ids import SessionId, UserId
from domain.secret import Secret
from domain.session import Session, SessionLifetime, refresh_hash

_DEVICE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class OpenedSession:
    user: UserId
    access: AccessToken
    refresh: Secret


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Who has proven to be ``user`` gets a session on this device."""

    sessions: Sessions
    tokens: Tokens
    entropy: Entropy
    clock: Clock
    lifetime: SessionLifetime

    async def __call__(self, user: UserId, *, device: str) -> OpenedSession:
        bearer = Bearer(user, SessionId(self.entropy.identifier()))
        refresh = self.tokens.first_refresh(bearer)
        now = self.clock.now()
        await self.sessions.add(
            Session(
                id=bearer.session,
                user=user,
                refresh=refresh_hash(refresh.reveal()),
                previous=None,
                renewed_at=now,
                created_at=now,
                expires_at=now + self.lifetime.absolute,
                device=device[:_DEVICE_LENGTH],
            )
        )
        return OpenedSession(user, self.tokens.issue(bearer), refresh)
