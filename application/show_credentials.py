from dataclasses import dataclass

from application.access_tokens import AccessTokens
from application.choose_connection import ChooseConnection
from application.ports.credentials import Credentials
from domain.connection import Connection
from domain.credential import Credential, Tokens
from domain.errors import NeedsReauth, NotConnected
from domain.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True)
class ShowCredentials:
    """A person looks at what was granted."""

    choose_connection: ChooseConnection
    credentials: Credentials
    access_tokens: AccessTokens

    async def __call__(
        self, user: UserId, *, provider: str, connection: ConnectionId | None
    ) -> tuple[Connection, Credential, Tokens | None]:
        """Refreshed if it was about to end; without tokens when the provider no longer accepts the grant. Raises
        NotFound, NotConnected, ProviderUnavailable."""
        chosen = await self.choose_connection.to_read(user, provider, connection)
        if chosen is None or not chosen.is_live:
            raise NotConnected
        try:
            return chosen, *(await self.access_tokens.credential(chosen))
        except NeedsReauth:
            stored = await self.credentials.find(chosen.id)
            now = await self.choose_connection.to_read(user, provider, chosen.id)
            if stored is None or now is None:
                raise NotConnected from None
            return now, stored, None
