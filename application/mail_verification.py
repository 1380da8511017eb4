from dataclasses import dataclass
from datetime import timedelta

from application.mail_registration import verification_link
from application.outcome import DONE, Done, Outcome
from application.ports.clock import Clock
from application.ports.registrations import Registrations
from application.ports.users import Users
from application.seal_mail import SealMail
from application.send_mail import SendMail
from domain.effect import Effect
from domain.email import EmailAddress
from domain.mail import MailKind
from domain.mail_token import MailTokenHash, mail_token_hash
from domain.registration import Registration


@dataclass(frozen=True, slots=True)
class MailVerification:
    """A worker mails the link of a registration once more: a new one, which takes the place of the last."""

    users: Users
    registrations: Registrations
    seal_mail: SealMail
    send_mail: SendMail
    clock: Clock
    web_url: str
    ttl: timedelta

    async def __call__(self, effect: Effect) -> Outcome:
        if self.clock.now() >= effect.created_at + self.ttl:
            return Done("a link was not mailed in time")
        email, token = EmailAddress(effect.subject["email"]), self.seal_mail.open(effect, "token")
        if not await self._renew(email, effect, mail_token_hash(token)):
            return DONE
        return await self.send_mail(effect, MailKind.VERIFY_EMAIL, email, link=verification_link(self.web_url, token))

    async def _renew(self, email: EmailAddress, effect: Effect, token: MailTokenHash) -> bool:
        """Whether there is a registration which ``token`` proves from now on."""
        user = await self.users.by_email(email)
        if user is not None and not user.is_provable(effect.created_at):
            return False
        waiting = await self.registrations.of(email)
        if waiting and waiting[0].created_at > effect.created_at:
            return False
        if waiting:
            password_hash, full_name = waiting[0].password_hash, waiting[0].full_name
        elif user is not None and user.password_hash is not None:
            # Made before addresses had to be proven.
            password_hash, full_name = user.password_hash, None
        else:
            return False
        expires_at = effect.created_at + self.ttl
        await self.registrations.add(
            Registration(token, email, password_hash, full_name, effect.created_at, expires_at)
        )
        # A hash is salted: the same one is the same registration, under the tokens of before.
        for before in waiting:
            if before.password_hash == password_hash and before.token != token:
                await self.registrations.remove(before)
        return True
