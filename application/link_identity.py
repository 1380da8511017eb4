from dataclasses import dataclass

from application.change_credentials import ChangeCredentials
from application.ports.clock import Clock
from application.ports.identities import Identities
from application.ports.sessions import Sessions
from application.ports.users import Users
from application.promise_mail import PromiseMail
from domain.errors import LoginFailed, VersionSuperseded, WrongUser
from domain.identity import Identity, ProvenIdentity
from domain.ids import SessionId
from domain.mail import MailKind
from domain.user import User


@dataclass(frozen=True, slots=True)
class LinkIdentity:
    """A person who is logged in shows an identity: as a new way into the account, or once more."""

    users: Users
    identities: Identities
    sessions: Sessions
    change_credentials: ChangeCredentials
    promise_mail: PromiseMail
    clock: Clock

    async def __call__(self, user: User, proven: ProvenIdentity) -> User:
        """Link it; every session ends. Raises IdentityTaken."""
        identity = Identity(proven.issuer, proven.subject, user.id, proven.email or "", self.clock.now())
        known = await self.identities.find(proven.issuer, proven.subject)
        if known is not None and await self.users.by_id(known.user) is None:
            # Left behind by an account that is gone.
            await self.identities.remove(known)
        await self.identities.add(identity)
        changed = await self._mark(user)
        await self.promise_mail.notice(user.id, MailKind.IDENTITY_LINKED)
        return changed

    async def again(self, user: User, session: SessionId, proven: ProvenIdentity) -> User:
        """It must be one of the account's; the session that asked is replaced. Raises WrongUser."""
        known = await self.identities.find(proven.issuer, proven.subject)
        if known is None or known.user != user.id:
            raise WrongUser
        await self.sessions.end(user.id, session)
        return user

    async def _mark(self, user: User) -> User:
        while True:
            try:
                return await self.change_credentials(user, user.linked(self.clock.now()))
            except VersionSuperseded:
                found = await self.users.by_id(user.id)
                if found is None:
                    raise LoginFailed from None
                user = found
