from dataclasses import dataclass
from datetime import timedelta

from application.outcome import DONE, Again, Done, Outcome
from application.ports.clock import Clock
from application.ports.failpoints import Failpoints
from application.ports.mailer import Mailer, MailRefused
from domain.effect import Effect
from domain.email import EmailAddress
from domain.errors import MailerUnavailable
from domain.mail import Mail, MailKind
from domain.secret import Secret

_LONGEST_WAIT_SECONDS = 30.0
"""So soon after the mail server is back a mail leaves."""
_GIVE_UP_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class SendMail:
    """A promised mail leaves: once, and only after a crash perhaps once more, with the same Message-ID."""

    mailer: Mailer
    failpoints: Failpoints
    clock: Clock

    async def __call__(
        self,
        effect: Effect,
        kind: MailKind,
        to: EmailAddress,
        *,
        link: Secret | None = None,
        about: str | None = None,
    ) -> Outcome:
        if self.clock.now() > effect.created_at + _GIVE_UP_AFTER:
            return Done("a mail was not sent in time")
        try:
            await self.mailer.send(Mail(effect.id, kind, to, effect.created_at, link, about))
        except MailerUnavailable:
            return Again(min(2.0 ** min(effect.attempts, 10), _LONGEST_WAIT_SECONDS), effect.attempts + 1)
        except MailRefused:
            return Done("a mail was refused for its address")
        await self.failpoints.reach("mail.after_send")
        return DONE
