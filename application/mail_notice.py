from dataclasses import dataclass
from datetime import timedelta

from application.outcome import DONE, LEFT, Outcome
from application.ports.clock import Clock
from application.ports.connections import Connections
from application.ports.users import Users
from application.send_mail import SendMail
from domain.connection import ConnectionStatus
from domain.effect import Effect
from domain.ids import ConnectionId, UserId
from domain.mail import MailKind

_SOON = timedelta(seconds=30)
"""Until then it may still happen."""


@dataclass(frozen=True, slots=True)
class MailNotice:
    """A worker tells a person what has happened to the own account."""

    users: Users
    connections: Connections
    send_mail: SendMail
    clock: Clock

    async def __call__(self, effect: Effect) -> Outcome:
        user = await self.users.by_id(UserId(effect.subject["user"]))
        if user is None:
            return DONE
        about = None
        if "connection" in effect.subject:
            # It was promised before it had happened.
            if not await self._is_broken(user.id, ConnectionId(effect.subject["connection"])):
                return LEFT if self.clock.now() < effect.created_at + _SOON else DONE
            about = effect.subject["about"]
        return await self.send_mail(effect, MailKind(effect.subject["mail"]), user.email, about=about)

    async def _is_broken(self, user: UserId, id_: ConnectionId) -> bool:
        connection = await self.connections.find(user, id_)
        return connection is not None and connection.status is ConnectionStatus.NEEDS_REAUTH
