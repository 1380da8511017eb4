import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

from application.amend_connection import AmendConnection
from application.ports.clock import Clock
from application.ports.credentials import Credentials
from application.ports.entropy import Entropy
from application.ports.failpoints import Failpoints
from application.ports.grants import Grants
from application.seal_tokens import SealTokens
from domain.connection import Connection, ConnectionStatus, SyncError
from domain.credential import Credential, Tokens
from domain.errors import GrantRefused, NeedsReauth, ProviderUnavailable
from domain.secret import Secret

_CLAIM = timedelta(seconds=60)
_PATIENCE_SECONDS = 15.0
_LOOK_EVERY_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Gives out an access token that works. However many ask at once, on however many processes, one of them spends
    the refresh token: it claims that right in the credential's row before it calls the provider."""

    credentials: Credentials
    seal_tokens: SealTokens
    grants: Grants
    amend_connection: AmendConnection
    entropy: Entropy
    clock: Clock
    failpoints: Failpoints

    async def __call__(self, connection: Connection, *, refused: Secret | None = None) -> Secret:
        """A token other than ``refused``, which the provider did not take. Raises NeedsReauth, ProviderUnavailable."""
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
            now = self.clock.now()
            if tokens.access != refused and not credential.is_ending(now):
                return credential, tokens
            if await self.credentials.claim(credential, until=now + _CLAIM, now=now):
                await self._refresh(connection, credential, tokens)
            else:
                await asyncio.sleep(_LOOK_EVERY_SECONDS)
        raise ProviderUnavailable("Another process is still waiting for new tokens.")

    async def _opened(self, connection: Connection, credential: Credential) -> Tokens:
        try:
            return self.seal_tokens.open(credential)
        except NeedsReauth:
            await self._needs_reauth(connection)
            raise

    async def _refresh(self, connection: Connection, credential: Credential, tokens: Tokens) -> None:
        try:
            if tokens.refresh is None:
                raise GrantRefused
            renewed = await self.grants.refresh(connection.provider, tokens.refresh)
        except GrantRefused as refusal:
            await self._refused(connection, credential, refusal)
            return
        except ProviderUnavailable:
            await self._release(credential)
            raise
        await self.failpoints.reach("refresh.after_response")
        # Whoever reconnected or disconnected meanwhile has changed the revision: their word stands, this pair is lost.
        await self.credentials.replace(self.seal_tokens(connection.id, renewed), expected=credential.revision)

    async def _refused(self, connection: Connection, credential: Credential, refusal: GrantRefused) -> None:
        now = await self.credentials.find(connection.id)
        if now is None or now.revision == credential.revision:
            await self._needs_reauth(connection)
            raise NeedsReauth from refusal

    async def _release(self, credential: Credential) -> None:
        free = replace(credential, revision=self.entropy.identifier(), claimed_until=None)
        await self.credentials.replace(free, expected=credential.revision)

    async def _needs_reauth(self, connection: Connection) -> None:
        def change(before: Connection) -> Connection:
            # Reconnected since: that verdict was on the old grant.
            if before.status is not ConnectionStatus.ACTIVE or before.connected_at != connection.connected_at:
                return before
            error = SyncError(NeedsReauth.code, self.clock.now())
            return replace(before, status=ConnectionStatus.NEEDS_REAUTH, last_error=error)

        await self.amend_connection(connection.user, connection.id, change)
