from dataclasses import dataclass

from application.describe_connection import DescribeConnection, DescribedConnection
from application.ports.connections import Connections
from application.ports.providers import Providers
from domain.ids import UserId
from domain.provider import Provider


@dataclass(frozen=True, slots=True)
class ListIntegrations:
    """Every provider, with a person's accounts there, the newest first."""

    providers: Providers
    connections: Connections
    describe_connection: DescribeConnection

    async def __call__(self, user: UserId) -> list[tuple[Provider, list[DescribedConnection]]]:
        mine = sorted(await self.connections.of_user(user), key=lambda one: one.connected_at, reverse=True)
        described = [await self.describe_connection(connection) for connection in mine]
        return [
            (provider, [one for one in described if one.connection.provider == provider.slug])
            for provider in self.providers.all()
        ]
