from dataclasses import dataclass

from application.change_credentials import ChangeCredentials
from application.open_session import OpenedSession, OpenSession
from application.ports.clock import Clock
from application.ports.identities import Identities
from application.ports.sessions import Sessions
from application.ports.tokens import Bearer
from application.ports.users import Users
from application.promise_mail import PromiseMail
from application.record_event import RecordEvent
from domain.caller import Caller
from domain.errors import (
    LastSignInMethod,
    NotAuthenticated,
    NotFound,
    ReauthenticationRequired,
    VersionSuperseded,
)
from domain.mail import MailKind
from domain.security_event import SecurityAction
from domain.user import User


@dataclass(frozen=True, slots=True)
class UnlinkIdentity:
    """A person takes an identity's way into the account away."""

    users: Users
    identities: Identities
    sessions: Sessions
    change_credentials: ChangeCredentials
    open_session: OpenSession
    promise_mail: PromiseMail
    record_event: RecordEvent
    clock: Clock

    async def __call__(self, bearer: Bearer, caller: Caller) -> OpenedSession:
        """A new session: every earlier one has ended. Raises NotFound when none is linked, LastSignInMethod,
        ReauthenticationRequired, NotAuthenticated when the account is gone."""
        session = await self.sessions.find(bearer.user, bearer.session)
        if session is None:
            raise NotAuthenticated
        try:
            session.check_fresh(self.clock.now())
            changed = await self._unlink(bearer)
        except (LastSignInMethod, ReauthenticationRequired) as refusal:
            await self.record_event(SecurityAction.IDENTITY_UNLINK, caller, user=bearer.user, refusal=refusal)
            raise
        await self.promise_mail.notice(bearer.user, MailKind.IDENTITY_UNLINKED)
        await self.record_event(SecurityAction.IDENTITY_UNLINK, caller, user=bearer.user)
        return await self.open_session(changed, caller, proven_by=session.proven_by)

    async def _unlink(self, bearer: Bearer) -> User:
        while True:
            user = await self.users.by_id(bearer.user)
            if user is None:
                raise NotAuthenticated
            linked = await self.identities.of_user(user.id)
            if not linked:
                raise NotFound
            # The account's own version says whether the password, which is left, is still there when this is stored.
            try:
                changed = await self.change_credentials(user, user.unlinked(self.clock.now()))
            except VersionSuperseded:
                continue
            for identity in linked:
                await self.identities.remove(identity)
            return changed
