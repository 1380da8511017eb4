from dataclasses import dataclass

from application.describe_connection import DescribedConnection
from application.list_connections import ListConnections
from application.ports.providers import Providers
from domain.ids import UserId
from domain.provider import Provider


@dataclass(frozen=True, slots=True)
class ListIntegrations:
    """Every provider, with a person's accounts there, the newest first."""

    providers: Providers
    list_connections: ListConnections

    async def __call__(self, user: UserId) -> list[tuple[Provider, list[DescribedConnection]]]:
        described = await self.list_connections(user)
        return [
            (provider, [one for one in described if one.connection.provider == provider.slug])
            for provider in self.providers.all()
        ]
