from dataclasses import dataclass

from application.outcome import Done, Outcome
from application.ports.vault import SealBroken
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
        try:
            email = EmailAddress(self.seal_mail.open(effect, "email").reveal())
        except SealBroken:
            return Done("a farewell was not mailed: the key of its address is gone")
        return await self.send_mail(effect, MailKind.ACCOUNT_DELETED, email)
