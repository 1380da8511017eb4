from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.promise import Promise
from application.seal_mail import SealMail
from domain.connection import Connection
from domain.credential import Credential
from domain.effect import Effect, EffectKind
from domain.ids import EffectId, UserId
from domain.mail import MailKind
from domain.secret import Secret


@dataclass(frozen=True, slots=True)
class PromiseMail:
    """A mail will be sent. Whether there is an account, and so what the mail says, is for the worker to find out:
    whoever asked learns nothing by the time that it took."""

    promise: Promise
    seal_mail: SealMail
    entropy: Entropy
    clock: Clock

    async def link(
        self, kind: EffectKind, subject: Mapping[str, str], *, secrets: Mapping[str, Secret] | None = None
    ) -> None:
        """One with a token of its own in it; ``secrets`` travel sealed."""
        id_, now = EffectId(self.entropy.identifier()), self.clock.now()
        hidden = {"token": Secret(self.entropy.token()), **(secrets or {})}
        sealed = {name: self.seal_mail(id_, name, secret) for name, secret in hidden.items()}
        await self.promise(Effect(id_, kind, {**subject, **sealed}, created_at=now, due_at=now))

    async def notice(self, user: UserId, mail: MailKind) -> None:
        """One that tells ``user`` what has happened."""
        now = self.clock.now()
        subject = {"user": user, "mail": str(mail)}
        id_ = EffectId(self.entropy.identifier())
        await self.promise(Effect(id_, EffectKind.MAIL_NOTICE, subject, created_at=now, due_at=now))

    async def broken(self, connection: Connection, lost: Credential, *, about: str) -> None:
        """One that tells its owner that ``connection``, in words ``about``, must be made again. However often it is
        promised for a credential that is ``lost``, it is the same one, at the same place of the outbox."""
        subject = {"user": connection.user, "mail": str(MailKind.CONNECTION_BROKEN)}
        subject |= {"connection": connection.id, "about": about}
        id_, now = EffectId(f"broken-{lost.revision}"), self.clock.now()
        await self.promise(Effect(id_, EffectKind.MAIL_NOTICE, subject, created_at=now, due_at=lost.obtained_at))
