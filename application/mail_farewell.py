from dataclasses import dataclass

from application.outcome import Outcome
from application.seal_mail import SealMail
from application.send_mail import SendMail
from domain.effect import Effect
from domain.email import EmailAddress
from domain.mail import MailKind


@dataclass(frozen=True, slots=True)
class MailFarewell:
    """A worker tells a person that the own account is gone."""

    seal_mail: SealMail
    send_mail: SendMail

    async def __call__(self, effect: Effect) -> Outcome:
        email = EmailAddress(self.seal_mail.open(effect, "email").reveal())
        return await self.send_mail(effect, MailKind.ACCOUNT_DELETED, email)
