from dataclasses import dataclass
from datetime import timedelta

from application.outcome import DONE, Done, Outcome
from application.ports.clock import Clock
from application.ports.registrations import Registrations
from application.ports.users import Users
from application.seal_mail import SealMail
from application.send_mail import SendMail
from domain.effect import Effect
from domain.email import EmailAddress
from domain.mail import MailKind
from domain.mail_token import mail_token_hash
from domain.registration import Registration
from domain.secret import Secret

_WAITING_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class MailRegistration:
    """A worker answers a registration by mail: with a link that proves the address, or, where it has an account, with
    the word that it has one."""

    users: Users
    registrations: Registrations
    seal_mail: SealMail
    send_mail: SendMail
    clock: Clock
    web_url: str
    ttl: timedelta

    async def __call__(self, effect: Effect) -> Outcome:
        email = EmailAddress(effect.subject["email"])
        user = await self.users.by_email(email)
        if user is not None and user.email_verified_at is not None:
            if user.email_verified_at > effect.created_at:
                # By this very registration, or by another that was asked for with it: nobody needs to be told.
                return DONE
            return await self.send_mail(effect, MailKind.ALREADY_REGISTERED, user.email)
        if self.clock.now() >= effect.created_at + self.ttl:
            return Done("a link was not mailed in time")
        token = self.seal_mail.open(effect, "token")
        await self._keep(effect, email, token)
        return await self.send_mail(effect, MailKind.VERIFY_EMAIL, email, link=verification_link(self.web_url, token))

    async def _keep(self, effect: Effect, email: EmailAddress, token: Secret) -> None:
        registration = Registration(
            token=mail_token_hash(token),
            email=email,
            password_hash=self.seal_mail.open(effect, "password_hash").reveal(),
            full_name=effect.subject.get("full_name"),
            created_at=effect.created_at,
            expires_at=effect.created_at + self.ttl,
        )
        await self.registrations.add(registration)
        for surplus in (await self.registrations.of(email))[_WAITING_AT_MOST:]:
            await self.registrations.remove(surplus)


def verification_link(web_url: str, token: Secret) -> Secret:
    # In the fragment: it reaches no server, no log and no Referer (RFC 3986 section 3.5).
    return Secret(f"{web_url}/app/verify-email#token={token.reveal()}")
