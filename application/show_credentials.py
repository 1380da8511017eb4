from dataclasses import dataclass

from application.access_tokens import AccessTokens
from application.choose_connection import ChooseConnection
from domain.connection import Connection
from domain.credential import Credential, Tokens
from domain.errors import NotConnected
from domain.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True)
class ShowCredentials:
    """A person looks at what was granted."""

    choose_connection: ChooseConnection
    access_tokens: AccessTokens

    async def __call__(
        self, user: UserId, *, provider: str, connection: ConnectionId | None
    ) -> tuple[Connection, Credential, Tokens]:
        """Refreshed if it was about to end. Raises NotFound, NotConnected, NeedsReauth, ProviderUnavailable."""
        chosen = await self.choose_connection.to_read(user, provider, connection)
        if chosen is None or not chosen.is_live:
            raise NotConnected
        return chosen, *(await self.access_tokens.credential(chosen))
