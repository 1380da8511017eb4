from dataclasses import dataclass

from application.check_password import CheckPassword
from application.limit_calls import LimitCalls
from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.ports.passwords import Passwords
from application.ports.profiles import Profiles
from application.ports.users import Users
from application.promise_mail import PromiseMail
from application.rates import REGISTER, REGISTRATION_MAILS
from application.record_event import RecordEvent
from domain.caller import Caller
from domain.effect import EffectKind
from domain.email import EmailAddress, email_address
from domain.errors import EmailTaken
from domain.ids import UserId
from domain.secret import Secret
from domain.security_event import SecurityAction
from domain.user import Profile, User


@dataclass(frozen=True, slots=True)
class Register:
    """A person makes an account."""

    users: Users
    profiles: Profiles
    passwords: Passwords
    check_password: CheckPassword
    limit_calls: LimitCalls
    promise_mail: PromiseMail
    record_event: RecordEvent
    entropy: Entropy
    clock: Clock
    verification_required: bool

    async def __call__(
        self, *, email: str, password: Secret, full_name: str | None, caller: Caller
    ) -> tuple[User, Profile] | None:
        """The account; None where its address must be proven first, which says nothing about whether it has one
        already. Raises InvalidInput, EmailTaken, LimitReached, Overloaded."""
        await self.limit_calls(REGISTER, caller.network)
        address = email_address(email)
        accepted = self.check_password(password, email=address)
        if not self.verification_required:
            return await self._make(address, accepted, full_name, caller)
        if await self.limit_calls.allows(REGISTRATION_MAILS, address):
            await self._promise(address, accepted, full_name)
        await self.record_event(SecurityAction.REGISTER, caller, email=address)
        return None

    async def _make(
        self, address: EmailAddress, password: Secret, full_name: str | None, caller: Caller
    ) -> tuple[User, Profile]:
        if await self.users.by_email(address):
            raise EmailTaken
        now = self.clock.now()
        user = User(UserId(self.entropy.identifier()), address, await self.passwords.hash(password), now)
        await self.users.add(user)
        profile = await self.profiles.update(user.id, Profile(full_name=full_name, updated_at=now))
        await self.record_event(SecurityAction.REGISTER, caller, user=user.id)
        return user, profile

    async def _promise(self, address: EmailAddress, password: Secret, full_name: str | None) -> None:
        subject = {"email": address} | ({"full_name": full_name} if full_name else {})
        hashed = Secret(await self.passwords.hash(password))
        await self.promise_mail.link(EffectKind.MAIL_REGISTRATION, subject, secrets={"password_hash": hashed})
