from dataclasses import dataclass

from application.ports.connections import Connections
from application.ports.providers import Providers
from domain.connection import Connection
from domain.errors import ConnectionAmbiguous, NotConnected, NotFound
from domain.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True)
class ChooseConnection:
    """Which of a person's accounts at a provider is meant."""

    connections: Connections
    providers: Providers

    async def to_read(self, user: UserId, provider: str, connection: ConnectionId | None) -> Connection | None:
        """The one that was named, else the newest live one, else None. Raises NotFound."""
        if connection is not None:
            return await self._named(user, provider, connection)
        return next(iter(await self._live(user, provider)), None)

    async def to_change(self, user: UserId, provider: str, connection: ConnectionId | None) -> Connection:
        """The live one that was named, else the only live one. Raises NotFound, NotConnected, ConnectionAmbiguous."""
        if connection is not None:
            named = await self._named(user, provider, connection)
            if not named.is_live:
                raise NotConnected
            return named
        live = await self._live(user, provider)
        if not live:
            raise NotConnected
        if len(live) > 1:
            raise ConnectionAmbiguous
        return live[0]

    async def to_remove(self, user: UserId, provider: str, connection: ConnectionId | None) -> Connection:
        """The one that was named, disconnected or not, else the only live one. Raises NotFound, NotConnected,
        ConnectionAmbiguous."""
        if connection is not None:
            return await self._named(user, provider, connection)
        return await self.to_change(user, provider, None)

    async def _named(self, user: UserId, provider: str, connection: ConnectionId) -> Connection:
        self.providers.get(provider)
        found = await self.connections.find(user, connection)
        if found is None or found.provider != provider:
            raise NotFound
        return found

    async def _live(self, user: UserId, provider: str) -> list[Connection]:
        self.providers.get(provider)
        mine = await self.connections.of_user(user)
        live = [one for one in mine if one.provider == provider and one.is_live]
        return sorted(live, key=lambda one: one.connected_at, reverse=True)
