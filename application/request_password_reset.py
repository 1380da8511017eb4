from dataclasses import dataclass

from application.limit_calls import LimitCalls
from application.promise_mail import PromiseMail
from application.rates import FORGOT_PASSWORD, RESET_MAILS
from domain.caller import Caller
from domain.effect import EffectKind
from domain.email import email_address


@dataclass(frozen=True, slots=True)
class RequestPasswordReset:
    """A person has forgotten a password."""

    limit_calls: LimitCalls
    promise_mail: PromiseMail

    async def __call__(self, *, email: str, caller: Caller) -> None:
        """Says nothing about the address. Raises InvalidInput, LimitReached."""
        await self.limit_calls(FORGOT_PASSWORD, caller.network)
        address = email_address(email)
        if await self.limit_calls.allows(RESET_MAILS, address):
            asked = {"email": address, "address": caller.address, "request_id": caller.request_id}
            await self.promise_mail.link(EffectKind.MAIL_RESET, asked)
