from dataclasses import dataclass
from datetime import datetime

from application.change_credentials import ChangeCredentials
from application.limit_calls import LimitCalls
from application.limit_guesses import LimitGuesses
from application.open_session import OpenedSession, OpenSession
from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.ports.passwords import Passwords
from application.ports.profiles import Profiles
from application.ports.registrations import Registrations
from application.ports.users import Users
from application.rates import VERIFY_EMAIL
from application.record_event import RecordEvent
from domain.caller import Caller
from domain.errors import EmailTaken, LinkInvalid, VersionSuperseded, WrongPassword
from domain.ids import UserId
from domain.mail_token import mail_token_hash
from domain.password import is_too_long, normalised
from domain.registration import Registration
from domain.secret import Secret
from domain.security_event import SecurityAction
from domain.user import Profile, User


@dataclass(frozen=True, slots=True)
class VerifyEmail:
    """Whoever reads the mail of an address, and knows the password of a registration of it, owns the account."""

    users: Users
    profiles: Profiles
    registrations: Registrations
    passwords: Passwords
    change_credentials: ChangeCredentials
    open_session: OpenSession
    limit_calls: LimitCalls
    limit_guesses: LimitGuesses
    record_event: RecordEvent
    entropy: Entropy
    clock: Clock

    async def __call__(self, *, token: Secret, password: Secret, caller: Caller) -> OpenedSession:
        """Raises LinkInvalid, WrongPassword, LimitReached, Overloaded. A wrong password leaves the link as it is."""
        await self.limit_calls(VERIFY_EMAIL, caller.network)
        registration = await self._registration(token)
        try:
            async with self.limit_guesses(f"registration|{registration.token.hex()}"):
                await self._check(password, registration)
        except WrongPassword as refusal:
            await self.record_event(SecurityAction.VERIFY_EMAIL, caller, email=registration.email, refusal=refusal)
            raise
        user = await self._prove(registration)
        for waiting in await self.registrations.of(registration.email):
            await self.registrations.remove(waiting)
        await self.record_event(SecurityAction.VERIFY_EMAIL, caller, user=user.id)
        return await self.open_session(user, caller)

    async def _registration(self, token: Secret) -> Registration:
        registration = await self.registrations.by_token(mail_token_hash(token))
        if registration is None or self.clock.now() >= registration.expires_at:
            raise LinkInvalid
        user = await self.users.by_email(registration.email)
        if user is not None and not user.is_provable(registration.created_at):
            raise LinkInvalid
        return registration

    async def _check(self, password: Secret, registration: Registration) -> None:
        right = not is_too_long(password) and await self.passwords.verify(
            normalised(password), registration.password_hash
        )
        if not right:
            raise WrongPassword("password", "This is not the password of this registration.")

    async def _prove(self, registration: Registration) -> User:
        now = self.clock.now()
        while True:
            user = await self.users.by_email(registration.email)
            if user is None:
                return await self._make(registration, now)
            if not user.is_provable(registration.created_at):
                raise LinkInvalid
            # Somebody has made it before it had to be proven: from now on it is the prover's.
            try:
                proven = user.with_password(registration.password_hash, now).proven(now)
                return await self.change_credentials(user, proven)
            except VersionSuperseded:
                continue

    async def _make(self, registration: Registration, now: datetime) -> User:
        id_ = UserId(self.entropy.identifier())
        user = User(id_, registration.email, registration.password_hash, now).proven(now)
        try:
            await self.users.add(user)
        except EmailTaken as error:
            raise LinkInvalid from error
        await self.profiles.update(user.id, Profile(full_name=registration.full_name, updated_at=now))
        return user
