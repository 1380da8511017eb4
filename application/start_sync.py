from dataclasses import dataclass

from application.choose_connection import ChooseConnection
from application.limit_calls import LimitCalls
from application.ports.providers import Providers
from application.rates import SYNC
from application.request_sync import RequestSync
from domain.connection import ConnectionStatus
from domain.errors import NeedsReauth, ProviderNotConfigured
from domain.ids import ConnectionId, UserId
from domain.sync import Run


@dataclass(frozen=True, slots=True)
class StartSync:
    """A person wants fresh items."""

    choose_connection: ChooseConnection
    providers: Providers
    request_sync: RequestSync
    limit_calls: LimitCalls

    async def __call__(self, user: UserId, *, provider: str, connection: ConnectionId | None) -> Run:
        """Raises NotFound, NotConnected, ConnectionAmbiguous, ProviderNotConfigured, NeedsReauth,
        LimitReached."""
        chosen = await self.choose_connection.to_change(user, provider, connection)
        await self.limit_calls(SYNC, chosen.id)
        if not self.providers.get(provider).configured:
            raise ProviderNotConfigured
        if chosen.status is ConnectionStatus.NEEDS_REAUTH:
            raise NeedsReauth
        return await self.request_sync(chosen)
