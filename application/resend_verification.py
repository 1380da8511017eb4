from dataclasses import dataclass

from application.limit_calls import LimitCalls
from application.promise_mail import PromiseMail
from application.rates import RESEND_VERIFICATION, VERIFICATION_MAILS
from domain.caller import Caller
from domain.effect import EffectKind
from domain.email import email_address


@dataclass(frozen=True, slots=True)
class ResendVerification:
    """A person waits for a mail that proves an address."""

    limit_calls: LimitCalls
    promise_mail: PromiseMail

    async def __call__(self, *, email: str, caller: Caller) -> None:
        """Says nothing about the address. Raises InvalidInput, LimitReached."""
        await self.limit_calls(RESEND_VERIFICATION, caller.network)
        address = email_address(email)
        if await self.limit_calls.allows(VERIFICATION_MAILS, address):
            await self.promise_mail.link(EffectKind.MAIL_VERIFICATION, {"email": address})
