from dataclasses import dataclass

from application.choose_connection import ChooseConnection
from application.end_connection import EndConnection
from application.ports.clock import Clock
from application.ports.credentials import Credentials
from application.promise_revocation import PromiseRevocation
from application.record_event import RecordEvent
from domain.caller import Caller
from domain.ids import ConnectionId, UserId
from domain.security_event import SecurityAction


@dataclass(frozen=True, slots=True)
class Disconnect:
    """A person takes an account back: nothing is read from it any more, and the grant is returned."""

    choose_connection: ChooseConnection
    credentials: Credentials
    promise_revocation: PromiseRevocation
    end_connection: EndConnection
    record_event: RecordEvent
    clock: Clock

    async def __call__(self, user: UserId, *, provider: str, connection: ConnectionId | None, caller: Caller) -> None:
        """Raises NotFound, NotConnected, ConnectionAmbiguous."""
        chosen = await self.choose_connection.to_change(user, provider, connection)
        # Promised before anything is done: a worker completes it however far this process gets.
        now = self.clock.now()
        effect = await self.promise_revocation(chosen, await self.credentials.find(chosen.id), at=now)
        await self.end_connection(effect)
        await self.record_event(SecurityAction.DISCONNECT, caller, user=user)
