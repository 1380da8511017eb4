from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from application.ports.entropy import Entropy
from application.promise import Promise
from domain.connection import Connection
from domain.credential import Credential
from domain.effect import Effect, EffectKind
from domain.ids import EffectId


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
            # The tokens move as they are: sealed, and for the place they came from.
            subject |= {"revision": credential.revision, "access": b64encode(credential.access).decode()}
            subject |= {"refresh": b64encode(credential.refresh).decode()} if credential.refresh else {}
        effect = Effect(EffectId(self.entropy.identifier()), EffectKind.DISCONNECT, subject, created_at=at, due_at=at)
        await self.promise(effect)
        return effect
