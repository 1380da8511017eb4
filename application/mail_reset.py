from dataclasses import dataclass
from datetime import timedelta

from application.outcome import DONE, Done, Outcome
from application.ports.clock import Clock
from application.ports.password_resets import PasswordResets
from application.ports.users import Users
from application.record_event import RecordEvent
from application.seal_mail import SealMail
from application.send_mail import SendMail
from domain.caller import Caller
from domain.effect import Effect
from domain.email import EmailAddress
from domain.errors import LinkInvalid, VersionSuperseded
from domain.mail import MailKind
from domain.mail_token import mail_token_hash
from domain.password_reset import PasswordReset
from domain.secret import Secret
from domain.security_event import SecurityAction
from domain.user import User


@dataclass(frozen=True, slots=True)
class MailReset:
    """A worker mails the link that sets a new password, where there is an account."""

    users: Users
    password_resets: PasswordResets
    seal_mail: SealMail
    send_mail: SendMail
    record_event: RecordEvent
    clock: Clock
    web_url: str
    ttl: timedelta

    async def __call__(self, effect: Effect) -> Outcome:
        expires_at = effect.created_at + self.ttl
        if self.clock.now() >= expires_at:
            return Done("a link was not mailed in time")
        token = self.seal_mail.open(effect, "token")
        reset = PasswordReset(mail_token_hash(token), effect.created_at, expires_at)
        try:
            user = await self._user(effect, reset)
        except LinkInvalid:
            # A newer one was asked for, or the password has been changed since: this one would open nothing.
            return DONE
        if user is None:
            email = effect.subject["email"]
            await self.record_event(SecurityAction.PASSWORD_RESET_REQUEST, _caller(effect), email=email)
            return DONE
        # In the fragment: it reaches no server, no log and no Referer (RFC 3986 section 3.5).
        link = Secret(f"{self.web_url}/app/reset-password#token={token.reveal()}")
        return await self.send_mail(effect, MailKind.RESET_PASSWORD, user.email, link=link)

    async def _user(self, effect: Effect, reset: PasswordReset) -> User | None:
        """The account, with ``reset`` in force. Raises LinkInvalid."""
        while True:
            user = await self.users.by_email(EmailAddress(effect.subject["email"]))
            if user is None or user.reset == reset:
                return user
            asked = user.asked_to_reset(reset)
            await self.password_resets.add(reset.token, user.id, expires_at=reset.expires_at)
            try:
                await self.users.update(asked)
            except VersionSuperseded:
                continue
            await self.record_event(SecurityAction.PASSWORD_RESET_REQUEST, _caller(effect), user=user.id)
            return user


def _caller(effect: Effect) -> Caller:
    """Who asked."""
    address, request_id = effect.subject["address"], effect.subject["request_id"]
    return Caller(address=address, network=address, device="", request_id=request_id)
