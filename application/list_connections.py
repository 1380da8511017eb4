from dataclasses import dataclass

from application.describe_connection import DescribeConnection, DescribedConnection
from application.ports.connections import Connections
from domain.ids import UserId


@dataclass(frozen=True, slots=True)
class ListConnections:
    """A person's accounts at all providers, the one connected last first; disconnected ones too."""

    connections: Connections
    describe_connection: DescribeConnection

    async def __call__(self, user: UserId) -> list[DescribedConnection]:
        mine = sorted(await self.connections.of_user(user), key=lambda one: one.connected_at, reverse=True)
        return [await self.describe_connection(connection) for connection in mine]
