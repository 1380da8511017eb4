from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass

from application.link_identity import LinkIdentity
from application.open_session import OpenedSession, OpenSession
from application.ports.clock import Clock
from application.ports.identity_provider import IdentityProvider
from application.ports.sessions import Sessions
from application.ports.sign_ins import SignIns
from application.ports.tokens import Tokens
from application.ports.users import Users
from application.ports.vault import SealBroken, Vault
from application.record_event import RecordEvent
from application.sign_in_by_identity import SignInByIdentity
from domain.authorization import state_hash
from domain.caller import Caller
from domain.errors import AuthorizationEnded, AuthorizationUnknown, Refused, Unavailable, WrongUser
from domain.identity import ProvenIdentity
from domain.secret import Secret
from domain.security_event import SecurityAction
from domain.session import ProvenBy, Session, SessionLifetime
from domain.sign_in import SignIn, SignInPurpose, sign_in_place
from domain.user import User

_ACTIONS = {
    SignInPurpose.LOGIN: SecurityAction.LOGIN,
    SignInPurpose.LINK: SecurityAction.IDENTITY_LINK,
    SignInPurpose.REAUTH: SecurityAction.REAUTHENTICATION,
}


@dataclass(frozen=True, slots=True)
class FinishedSignIn:
    opened: OpenedSession
    flow: str
    next: str | None


@dataclass(frozen=True, slots=True)
class FinishSignIn:
    """The identity provider has sent the person back."""

    sign_ins: SignIns
    identity_provider: IdentityProvider
    sign_in_by_identity: SignInByIdentity
    link_identity: LinkIdentity
    users: Users
    sessions: Sessions
    tokens: Tokens
    lifetime: SessionLifetime
    open_session: OpenSession
    record_event: RecordEvent
    vault: Vault
    clock: Clock

    async def __call__(
        self, *, state: str, code: str, flows: Mapping[str, str], refresh: Secret | None, caller: Caller
    ) -> FinishedSignIn:
        """``flows``: the flow cookies of this browser, flow id to secret; ``refresh``: its refresh cookie, which
        must be of who started, if somebody did.
        Raises AuthorizationRefused, IdentityRefused, EmailUnverified, LinkRequired, IdentityTaken, LoginFailed,
        ReauthenticationRequired, IdentityProviderUnavailable, CacheUnavailable."""
        sign_in = await self.sign_ins.consume(state_hash(state))
        if sign_in is None:
            raise AuthorizationUnknown
        try:
            sign_in.accept(cookie=flows.get(sign_in.flow), now=self.clock.now())
            user = await self._user(sign_in, code, refresh, caller)
        except Unavailable:
            raise
        except Refused as refusal:
            await self.record_event(_ACTIONS[sign_in.purpose], caller, user=sign_in.user, refusal=refusal)
            raise
        opened = await self.open_session(user, caller, proven_by=ProvenBy.IDENTITY)
        await self.record_event(_ACTIONS[sign_in.purpose], caller, user=user.id)
        return FinishedSignIn(opened, sign_in.flow, sign_in.next)

    async def _user(self, sign_in: SignIn, code: str, refresh: Secret | None, caller: Caller) -> User:
        """Whose session is to be opened."""
        asking = await self._asking(sign_in, refresh)
        proven = await self._identify(sign_in, code)
        if asking is None:
            return await self.sign_in_by_identity(proven, caller)
        user, session = asking
        if sign_in.purpose is SignInPurpose.LINK:
            session.check_fresh(self.clock.now())
            return await self.link_identity(user, proven)
        return await self.link_identity.again(user, session.id, proven)

    async def _asking(self, sign_in: SignIn, refresh: Secret | None) -> tuple[User, Session] | None:
        """Who started it, if that was somebody who was logged in, and still is."""
        if sign_in.user is None or sign_in.session is None:
            return None
        session = await self.sessions.find(sign_in.user, sign_in.session)
        if session is None or not session.is_live(self.clock.now(), self.lifetime):
            raise AuthorizationEnded
        here = self.tokens.refresh_bearer(refresh) if refresh else None
        if here is not None and here.user != session.user:
            raise WrongUser
        user = await self.users.by_id(sign_in.user)
        if user is None:
            raise AuthorizationEnded
        return user, session

    async def _identify(self, sign_in: SignIn, code: str) -> ProvenIdentity:
        try:
            verifier = self.vault.open(b64decode(sign_in.verifier), sign_in_place(sign_in.state)).decode()
        except SealBroken as error:
            raise AuthorizationUnknown from error
        return await self.identity_provider.identify(code=code, verifier=verifier, nonce=sign_in.nonce)
