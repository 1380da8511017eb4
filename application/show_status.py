from dataclasses import dataclass

from application.choose_connection import ChooseConnection
from application.describe_connection import DescribeConnection, DescribedConnection
from domain.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """How a person's connection to a provider is doing."""

    choose_connection: ChooseConnection
    describe_connection: DescribeConnection

    async def __call__(
        self, user: UserId, *, provider: str, connection: ConnectionId | None
    ) -> DescribedConnection | None:
        """None when nothing is connected. Raises NotFound."""
        chosen = await self.choose_connection.to_read(user, provider, connection)
        return await self.describe_connection(chosen) if chosen else None
