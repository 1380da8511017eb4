from dataclasses import dataclass

from application.end_connection import EndConnection
from application.ports.clock import Clock
from application.ports.connections import Connections
from application.ports.credentials import Credentials
from application.ports.entropy import Entropy
from application.promise import Promise
from application.promise_revocation import PromiseRevocation
from domain.connection import Connection
from domain.effect import Effect, EffectKind
from domain.ids import EffectId


@dataclass(frozen=True, slots=True)
class RemoveConnection:
    """A connection goes with everything that came through it: at once out of everybody's sight, then for good."""

    connections: Connections
    credentials: Credentials
    promise_revocation: PromiseRevocation
    end_connection: EndConnection
    promise: Promise
    entropy: Entropy
    clock: Clock

    async def __call__(self, connection: Connection) -> None:
        now = connection.not_before(self.clock.now())
        revocation = await self.promise_revocation(connection, await self.credentials.find(connection.id), at=now)
        id_, subject = EffectId(self.entropy.identifier()), {"user": connection.user, "connection": connection.id}
        await self.promise(Effect(id_, EffectKind.PURGE, subject, created_at=now, due_at=now))
        await self.end_connection(revocation)
        await self.connections.remove(connection.user, connection.id)
        if left := await self.credentials.find(connection.id):
            # Of somebody who connected the account again in that moment.
            await self.promise_revocation(connection, left, at=self.clock.now())
