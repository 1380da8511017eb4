from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass

from application.choose_connection import ChooseConnection
from application.end_connection import EndConnection
from application.ports.clock import Clock
from application.ports.credentials import Credentials
from application.ports.entropy import Entropy
from application.ports.jobs import Jobs
from application.ports.outbox import Outbox
from domain.effect import Effect, EffectKind
from domain.errors import CacheUnavailable
from domain.ids import ConnectionId, EffectId, UserId


@dataclass(frozen=True, slots=True)
class Disconnect:
    """A person takes an account back: nothing is read from it any more, and the grant is returned."""

    choose_connection: ChooseConnection
    credentials: Credentials
    end_connection: EndConnection
    outbox: Outbox
    jobs: Jobs
    entropy: Entropy
    clock: Clock

    async def __call__(self, user: UserId, *, provider: str, connection: ConnectionId | None) -> None:
        """Raises NotFound, NotConnected, ConnectionAmbiguous."""
        chosen = await self.choose_connection.to_change(user, provider, connection)
        credential = await self.credentials.find(chosen.id)
        now = self.clock.now()
        subject = {"user": user, "connection": chosen.id, "provider": provider}
        if credential:
            # The tokens move as they are: sealed, and for the place they came from.
            subject |= {"revision": credential.revision, "access": b64encode(credential.access).decode()}
            subject |= {"refresh": b64encode(credential.refresh).decode()} if credential.refresh else {}
        effect = Effect(EffectId(self.entropy.identifier()), EffectKind.DISCONNECT, subject, created_at=now, due_at=now)
        # Promised before anything is done: a worker completes it however far this process gets.
        await self.outbox.add(effect)
        await self.end_connection(effect)
        with suppress(CacheUnavailable):
            await self.jobs.ring()
