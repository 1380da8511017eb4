from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

from application.limit_calls import LimitCalls
from application.limit_guesses import LimitGuesses
from application.open_session import OpenedSession, OpenSession
from application.ports.passwords import Passwords
from application.ports.users import Users
from application.rates import FAILED_LOGIN, LOGIN
from application.record_event import RecordEvent
from domain.caller import Caller
from domain.email import email_address
from domain.errors import InvalidInput, LimitReached, LoginFailed, Unavailable, VersionSuperseded
from domain.password import is_too_long, normalised
from domain.secret import Secret
from domain.security_event import SecurityAction
from domain.user import User


@dataclass(frozen=True, slots=True)
class LogIn:
    """A person proves an account with its password."""

    users: Users
    passwords: Passwords
    open_session: OpenSession
    limit_calls: LimitCalls
    limit_guesses: LimitGuesses
    record_event: RecordEvent
    verification_required: bool

    async def __call__(self, *, email: str, password: Secret, caller: Caller) -> OpenedSession:
        """Raises LoginFailed, the same for every reason and after the same work; a password longer than any can be is
        refused at once, whoever has the account. Raises LimitReached, whether the password is right or not, and
        Overloaded."""
        account = _spelling(email)
        try:
            await self.limit_calls(LOGIN, caller.network)
            async with self._counted(caller), self.limit_guesses(account):
                user, opened = await self._log_in(account, password, caller)
        except LimitReached as refusal:
            await self.record_event(SecurityAction.LOGIN_THROTTLED, caller, email=account, refusal=refusal)
            raise
        await self.record_event(SecurityAction.LOGIN, caller, user=user.id)
        return opened

    @asynccontextmanager
    async def _counted(self, caller: Caller) -> AsyncGenerator[None]:
        """What happens in the block is a failed login of this network until it turns out to be something else."""
        await self.limit_calls(FAILED_LOGIN, caller.network)
        try:
            yield
        except (LimitReached, Unavailable):
            await self.limit_calls.give_back(FAILED_LOGIN, caller.network)
            raise
        await self.limit_calls.give_back(FAILED_LOGIN, caller.network)

    async def _log_in(self, account: str, password: Secret, caller: Caller) -> tuple[User, OpenedSession]:
        user = await self._user(account)
        try:
            if is_too_long(password):
                raise LoginFailed
            given = normalised(password)
            verified = await self.passwords.verify(given, user.password_hash if user else None)
            if user is None or not verified or not user.may_log_in(verification_required=self.verification_required):
                raise LoginFailed
            await self._upgrade(user, given)
            return user, await self.open_session(user, caller)
        except LoginFailed as refusal:
            found = user.id if user else None
            self.record_event.aside(SecurityAction.LOGIN, caller, user=found, email=account, refusal=refusal)
            raise

    async def _upgrade(self, user: User, password: Secret) -> None:
        """Hash the password anew where it was hashed with less than is asked for by now."""
        if user.password_hash is None or not self.passwords.is_outdated(user.password_hash):
            return
        # Somebody else's change of the account comes first; the next login is another chance.
        with suppress(VersionSuperseded):
            await self.users.update(replace(user, password_hash=await self.passwords.hash(password)))

    async def _user(self, account: str) -> User | None:
        try:
            return await self.users.by_email(email_address(account))
        except InvalidInput:
            return None


def _spelling(email: str) -> str:
    """One for each account, and also for what cannot be one."""
    try:
        return email_address(email)
    except InvalidInput:
        return email.strip().casefold()[:320]
