from collections.abc import Callable
from dataclasses import dataclass

from application.ports.connections import Connections
from domain.connection import Connection
from domain.errors import VersionSuperseded
from domain.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True)
class AmendConnection:
    """Changes a connection whatever else is being changed in it at the same time."""

    connections: Connections

    async def __call__(
        self, user: UserId, connection: ConnectionId, change: Callable[[Connection], Connection]
    ) -> Connection | None:
        """The connection after ``change``, which may be called again when somebody else was faster and returns its
        argument to leave all as it is; None when there is no such connection."""
        while True:
            before = await self.connections.find(user, connection)
            if before is None:
                return None
            after = change(before)
            if after is before:
                return before
            try:
                return await self.connections.update(after)
            except VersionSuperseded:
                continue
