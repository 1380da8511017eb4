from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import datetime

from application.ports.entropy import Entropy
from application.promise import Promise
from domain.connection import Connection
from domain.credential import Credential
from domain.effect import Effect, EffectKind
from domain.ids import EffectId

RENEWED = "renewed"
"""Stands in a promise whose tokens have been renewed for it."""


@dataclass(frozen=True, slots=True)
class PromiseRevocation:
    """A connection ends, and what was granted to it will be returned."""

    promise: Promise
    entropy: Entropy

    async def __call__(self, connection: Connection, credential: Credential | None, *, at: datetime) -> Effect:
        """The promise, stored. It does not touch a connection that was made again after ``at``."""
        subject = {"user": connection.user, "connection": connection.id, "provider": connection.provider}
        subject |= {"account": connection.account.id}
        if credential:
            subject |= _moved(credential)
        effect = Effect(EffectId(self.entropy.identifier()), EffectKind.DISCONNECT, subject, created_at=at, due_at=at)
        await self.promise(effect)
        return effect

    async def renewed(self, promised: Effect, credential: Credential) -> None:
        """The same promise, for tokens that had to be renewed to keep it: those of before are spent."""
        id_ = EffectId(self.entropy.identifier())
        subject = {**promised.subject, **_moved(credential), RENEWED: "yes"}
        await self.promise(replace(promised, id=id_, subject=subject))


def _moved(credential: Credential) -> dict[str, str]:
    """The tokens as they are: sealed, and for the place they came from."""
    moved = {"revision": credential.revision, "access": b64encode(credential.access).decode()}
    return moved | ({"refresh": b64encode(credential.refresh).decode()} if credential.refresh else {})
