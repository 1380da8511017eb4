from dataclasses import dataclass

from application.change_credentials import ChangeCredentials
from application.check_password import CheckPassword
from application.limit_calls import LimitCalls
from application.open_session import OpenedSession, OpenSession
from application.ports.clock import Clock
from application.ports.passwords import Passwords
from application.ports.users import Users
from application.promise_mail import PromiseMail
from application.rates import CHANGE_PASSWORD
from application.record_event import RecordEvent
from domain.caller import Caller
from domain.errors import NotAuthenticated, VersionSuperseded, WrongPassword
from domain.ids import UserId
from domain.mail import MailKind
from domain.password import is_too_long, normalised
from domain.secret import Secret
from domain.security_event import SecurityAction
from domain.user import User


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """A person who is logged in sets a new password."""

    users: Users
    passwords: Passwords
    check_password: CheckPassword
    change_credentials: ChangeCredentials
    open_session: OpenSession
    limit_calls: LimitCalls
    promise_mail: PromiseMail
    record_event: RecordEvent
    clock: Clock

    async def __call__(
        self, user: UserId, *, current_password: Secret, new_password: Secret, caller: Caller
    ) -> OpenedSession:
        """A new session: every earlier one has ended. Raises InvalidInput, WrongPassword, LimitReached, Overloaded,
        NotAuthenticated when the account is gone."""
        await self.limit_calls(CHANGE_PASSWORD, user)
        try:
            changed = await self._change(user, current_password, new_password)
        except WrongPassword as refusal:
            await self.record_event(SecurityAction.PASSWORD_CHANGE, caller, user=user, refusal=refusal)
            raise
        await self.promise_mail.notice(user, MailKind.PASSWORD_CHANGED)
        await self.record_event(SecurityAction.PASSWORD_CHANGE, caller, user=user)
        return await self.open_session(changed, caller)

    async def _change(self, user: UserId, current: Secret, new: Secret) -> User:
        while True:
            found = await self.users.by_id(user)
            if found is None:
                raise NotAuthenticated
            accepted = self.check_password(new, email=found.email, field="new_password")
            if is_too_long(current) or not await self.passwords.verify(normalised(current), found.password_hash):
                raise WrongPassword("current_password", "This is not your password.")
            hashed = await self.passwords.hash(accepted)
            try:
                return await self.change_credentials(found, found.with_password(hashed, self.clock.now()))
            except VersionSuperseded:
                continue
