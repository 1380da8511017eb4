from dataclasses import dataclass

from application.outcome import DONE, Outcome
from application.ports.users import Users
from application.send_mail import SendMail
from domain.effect import Effect
from domain.ids import UserId
from domain.mail import MailKind


@dataclass(frozen=True, slots=True)
class MailNotice:
    """A worker tells a person what has happened to the own account."""

    users: Users
    send_mail: SendMail

    async def __call__(self, effect: Effect) -> Outcome:
        user = await self.users.by_id(UserId(effect.subject["user"]))
        if user is None:
            return DONE
        mail, about = MailKind(effect.subject["mail"]), effect.subject.get("about")
        return await self.send_mail(effect, mail, user.email, about=about)
