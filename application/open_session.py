from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.ports.sessions import Sessions
from application.ports.tokens import AccessToken, Bearer, Tokens
from application.ports.users import Users
from domain.caller import Caller
from domain.errors import LoginFailed
from domain.ids import SessionId, UserId
from domain.secret import Secret
from domain.session import ProvenBy, Session, SessionLifetime, refresh_hash
from domain.user import User

_DEVICE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class OpenedSession:
    user: UserId
    access: AccessToken
    refresh: Secret


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Who has proven to be ``user`` gets a session on this device."""

    users: Users
    sessions: Sessions
    tokens: Tokens
    entropy: Entropy
    clock: Clock
    lifetime: SessionLifetime

    async def __call__(self, user: User, caller: Caller, *, proven_by: ProvenBy = ProvenBy.PASSWORD) -> OpenedSession:
        """``user``: the account as it was when it was proven. Raises LoginFailed when its credentials have changed
        since: whoever changes them ends the sessions that are there, and might have missed this one."""
        bearer = Bearer(user.id, SessionId(self.entropy.identifier()))
        refresh = self.tokens.first_refresh(bearer)
        now = self.clock.now()
        session = Session(
            id=bearer.session,
            user=user.id,
            refresh=refresh_hash(refresh.reveal()),
            previous=None,
            renewed_at=now,
            created_at=now,
            expires_at=now + self.lifetime.absolute,
            device=caller.device[:_DEVICE_LENGTH],
            proven_by=proven_by,
        )
        await self.sessions.add(session)
        by_now = await self.users.by_id(user.id)
        if by_now is None or not by_now.is_as_secure_as(user):
            await self.sessions.end(user.id, session.id)
            raise LoginFailed
        return OpenedSession(user.id, self.tokens.issue(bearer), refresh)
