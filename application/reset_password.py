from dataclasses import dataclass

from application.change_credentials import ChangeCredentials
from application.check_password import CheckPassword
from application.limit_calls import LimitCalls
from application.limit_guesses import LimitGuesses
from application.ports.clock import Clock
from application.ports.password_resets import PasswordResets
from application.ports.passwords import Passwords
from application.ports.users import Users
from application.promise_mail import PromiseMail
from application.rates import RESET_PASSWORD
from application.record_event import RecordEvent
from domain.caller import Caller
from domain.errors import LinkInvalid, VersionSuperseded
from domain.mail import MailKind
from domain.mail_token import MailTokenHash, mail_token_hash
from domain.secret import Secret
from domain.security_event import SecurityAction
from domain.user import User


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """Whoever reads the mail of an account gives it a new password."""

    users: Users
    password_resets: PasswordResets
    passwords: Passwords
    check_password: CheckPassword
    change_credentials: ChangeCredentials
    limit_calls: LimitCalls
    limit_guesses: LimitGuesses
    promise_mail: PromiseMail
    record_event: RecordEvent
    clock: Clock

    async def __call__(self, *, token: Secret, new_password: Secret, caller: Caller) -> None:
        """Of all that come with one link, however many at once, the first sets its password. Raises LinkInvalid;
        InvalidInput, which leaves the link as it is; LimitReached, Overloaded."""
        await self.limit_calls(RESET_PASSWORD, caller.network)
        hashed_token = mail_token_hash(token)
        try:
            user = await self._user(hashed_token)
            accepted = self.check_password(new_password, email=user.email, field="new_password")
            changed = await self._change(hashed_token, await self.passwords.hash(accepted))
        except LinkInvalid as refusal:
            await self.record_event(SecurityAction.PASSWORD_RESET, caller, refusal=refusal)
            raise
        await self.promise_mail.notice(changed.id, MailKind.PASSWORD_CHANGED)
        await self.limit_guesses.forget(changed.email)
        await self.record_event(SecurityAction.PASSWORD_RESET, caller, user=changed.id)

    async def _user(self, token: MailTokenHash) -> User:
        id_ = await self.password_resets.user_of(token)
        user = await self.users.by_id(id_) if id_ else None
        if user is None:
            raise LinkInvalid
        user.check_reset(token, self.clock.now())
        return user

    async def _change(self, token: MailTokenHash, password_hash: str) -> User:
        while True:
            user, now = await self._user(token), self.clock.now()
            try:
                # One step uses the link up and sets the password: the reset in force is a part of the account.
                return await self.change_credentials(user, user.with_password(password_hash, now).proven(now))
            except VersionSuperseded:
                continue
