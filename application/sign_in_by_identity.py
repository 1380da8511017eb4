from dataclasses import dataclass

from application.change_credentials import ChangeCredentials
from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.ports.identities import Identities
from application.ports.profiles import Profiles
from application.ports.users import Users
from application.record_event import RecordEvent
from domain.caller import Caller
from domain.email import EmailAddress
from domain.errors import EmailTaken, EmailUnverified, LinkRequired, LoginFailed, VersionSuperseded
from domain.identity import Identity, ProvenIdentity
from domain.ids import UserId
from domain.security_event import SecurityAction
from domain.user import Profile, User


@dataclass(frozen=True, slots=True)
class SignInByIdentity:
    """Whose account an identity opens: the one that it is linked to, else a new one. An address alone opens nothing:
    who can have somebody's address at an identity provider is not always who has their mailbox."""

    users: Users
    profiles: Profiles
    identities: Identities
    change_credentials: ChangeCredentials
    record_event: RecordEvent
    entropy: Entropy
    clock: Clock
    verification_required: bool

    async def __call__(self, proven: ProvenIdentity, caller: Caller) -> User:
        """Raises EmailUnverified, LinkRequired, LoginFailed."""
        if linked := await self._linked(proven):
            return linked
        if proven.email is None or not proven.email_verified:
            raise EmailUnverified
        user = await self.users.by_email(proven.email)
        if user is None:
            user = await self._make(proven, proven.email, caller)
        else:
            user = await self._take_over(proven, user)
        await self.identities.add(Identity(proven.issuer, proven.subject, user.id, proven.email, self.clock.now()))
        return user

    async def _linked(self, proven: ProvenIdentity) -> User | None:
        identity = await self.identities.find(proven.issuer, proven.subject)
        user = await self.users.by_id(identity.user) if identity else None
        if user is not None and user.disabled_at is not None:
            raise LoginFailed
        if identity is not None and user is None:
            # Left behind by an account that is gone.
            await self.identities.remove(identity)
        return user

    async def _make(self, proven: ProvenIdentity, email: EmailAddress, caller: Caller) -> User:
        now = self.clock.now()
        user = User(UserId(self.entropy.identifier()), email, None, now).proven(now).linked(now)
        try:
            await self.users.add(user)
        except EmailTaken as error:
            # Somebody was faster, perhaps this very person in another tab: they sign in again, and are known then.
            raise LinkRequired from error
        await self.profiles.update(user.id, Profile(full_name=proven.name, updated_at=now))
        await self.record_event(SecurityAction.REGISTER, caller, user=user.id)
        return user

    async def _take_over(self, proven: ProvenIdentity, user: User) -> User:
        """An account of this address becomes the prover's, too, where nobody else can have the mailbox. Raises
        LinkRequired, LoginFailed."""
        linked = await self.identities.of_user(user.id)
        if user.by_identity and user.password_hash is None and not linked and user.disabled_at is None:
            # Whoever made it was stopped before the identity was kept: nobody has ever been in it.
            return user
        others = [one for one in linked if one.issuer == proven.issuer]
        # An account that has another identity of this issuer belongs to who had the address before.
        if others or not (proven.authoritative and self.verification_required):
            raise LinkRequired
        while True:
            if user.disabled_at is not None:
                raise LoginFailed
            now = self.clock.now()
            # A password that was set before anybody proved the address may be somebody else's.
            kept = user if user.email_verified_at is not None else user.without_password(now)
            try:
                return await self.change_credentials(user, kept.proven(now).linked(now))
            except VersionSuperseded:
                found = await self.users.by_id(user.id)
                if found is None:
                    raise LoginFailed from None
                user = found
