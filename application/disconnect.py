from dataclasses import dataclass

from application.choose_connection import ChooseConnection
from application.end_connection import EndConnection
from application.ports.clock import Clock
from application.ports.credentials import Credentials
from application.promise_revocation import PromiseRevocation
from application.record_event import RecordEvent
from application.remove_connection import RemoveConnection
from domain.caller import Caller
from domain.connection import Connection
from domain.ids import ConnectionId, UserId
from domain.security_event import SecurityAction


@dataclass(frozen=True, slots=True)
class Disconnect:
    """A person takes an account back: nothing is read from it any more, and the grant is returned."""

    choose_connection: ChooseConnection
    credentials: Credentials
    promise_revocation: PromiseRevocation
    end_connection: EndConnection
    remove_connection: RemoveConnection
    record_event: RecordEvent
    clock: Clock

    async def __call__(
        self, user: UserId, *, provider: str, connection: ConnectionId | None, purge: bool, caller: Caller
    ) -> None:
        """``purge``: the connection goes too, with its items; also one that was disconnected before. Raises NotFound,
        NotConnected, ConnectionAmbiguous."""
        if purge:
            await self.remove_connection(await self.choose_connection.to_remove(user, provider, connection))
        else:
            await self._end(await self.choose_connection.to_change(user, provider, connection))
        await self.record_event(SecurityAction.DISCONNECT, caller, user=user)

    async def _end(self, connection: Connection) -> None:
        # Promised before anything is done: a worker completes it however far this process gets.
        at = connection.not_before(self.clock.now())
        effect = await self.promise_revocation(connection, await self.credentials.find(connection.id), at=at)
        await self.end_connection(effect)
