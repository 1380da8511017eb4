from dataclasses import dataclass

from application.describe_connection import DescribeConnection, DescribedConnection
from application.ports.connections import Connections
from domain.errors import NotFound
from domain.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True)
class ShowConnection:
    """How one of a person's accounts is doing."""

    connections: Connections
    describe_connection: DescribeConnection

    async def __call__(self, user: UserId, connection: ConnectionId) -> DescribedConnection:
        """Raises NotFound."""
        found = await self.connections.find(user, connection)
        if found is None:
            raise NotFound
        return await self.describe_connection(found)
