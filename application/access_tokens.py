import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field

from application.break_connection import BreakConnection
from application.ports.clock import Clock
from application.ports.credentials import Credentials
from application.renew_grant import Renewed, RenewGrant
from application.seal_tokens import SealTokens
from domain.connection import Connection, ConnectionStatus
from domain.credential import Credential, Tokens
from domain.errors import NeedsReauth, ProviderUnavailable
from domain.secret import Secret

_PATIENCE_SECONDS = 15.0
_LOOK_EVERY_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Gives out an access token that works: one read of the store, as long as the stored one is fresh."""

    credentials: Credentials
    seal_tokens: SealTokens
    renew_grant: RenewGrant
    break_connection: BreakConnection
    clock: Clock
    _under_way: set[asyncio.Task[Renewed | None]] = field(default_factory=set, init=False, repr=False, compare=False)

    async def __call__(self, connection: Connection, *, refused: Secret | None = None) -> Secret:
        """A token; a renewed one if the provider did not take ``refused``. Raises NeedsReauth, ProviderUnavailable,
        ProviderNotConfigured."""
        return (await self.credential(connection, refused=refused))[1].access

    async def credential(self, connection: Connection, *, refused: Secret | None = None) -> tuple[Credential, Tokens]:
        """The same, with the credential that it comes from."""
        if connection.status is not ConnectionStatus.ACTIVE:
            # The provider has given its verdict; asking again with the same grant would not change it.
            raise NeedsReauth
        for _ in range(int(_PATIENCE_SECONDS / _LOOK_EVERY_SECONDS)):
            credential = await self.credentials.find(connection.id)
            if credential is None:
                raise NeedsReauth
            tokens = await self._opened(connection, credential)
            if tokens.access != refused and not credential.is_ending(self.clock.now()):
                return credential, tokens
            is_refused = tokens.access == refused
            renewal = self.renew_grant(connection, credential, tokens, refused=is_refused)
            if renewed := await self._shielded(renewal):
                if renewed[1].access == refused:
                    raise ProviderUnavailable("The provider renews a token that it does not accept.")
                return renewed
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
        raise ProviderUnavailable("New tokens have been asked for, and are not here yet.")

    async def _shielded(self, renewal: Coroutine[None, None, Renewed | None]) -> Renewed | None:
        """Whoever asked may be cancelled, but a refresh token that was spent must have its successor kept."""
        task = asyncio.create_task(renewal)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def settle(self) -> None:
        """Wait for renewals that are under way, but not for ever."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_PATIENCE_SECONDS)

    async def _opened(self, connection: Connection, credential: Credential) -> Tokens:
        try:
            return self.seal_tokens.open(credential)
        except NeedsReauth:
            await self.break_connection(connection, credential)
            raise
