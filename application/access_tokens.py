import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import timedelta

from application.amend_connection import AmendConnection
from application.ports.clock import Clock
from application.ports.credentials import Credentials
from application.ports.entropy import Entropy
from application.ports.failpoints import Failpoints
from application.ports.grants import Grants
from application.promise_mail import PromiseMail
from application.promise_revocation import PromiseRevocation
from application.record_event import RecordEvent
from application.seal_tokens import SealTokens
from domain.connection import Connection, ConnectionStatus, SyncError
from domain.credential import Credential, Tokens
from domain.errors import GrantRefused, NeedsReauth, ProviderNotConfigured, ProviderUnavailable, StorageUnavailable
from domain.mail import MailKind
from domain.secret import Secret
from domain.security_event import SecurityAction

_CLAIM = timedelta(seconds=60)
_PATIENCE_SECONDS = 15.0
_LOOK_EVERY_SECONDS = 0.1
_STORE_AGAIN_SECONDS = (0.2, 1.0, 3.0)

_Renewed = tuple[Credential, Tokens]


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Gives out an access token that works. However many ask at once, on however many processes, one of them spends
    the refresh token: it claims that right in the credential's row before it calls the provider."""

    credentials: Credentials
    seal_tokens: SealTokens
    grants: Grants
    amend_connection: AmendConnection
    promise_revocation: PromiseRevocation
    promise_mail: PromiseMail
    record_event: RecordEvent
    entropy: Entropy
    clock: Clock
    failpoints: Failpoints
    _under_way: set[asyncio.Task[_Renewed | None]] = field(default_factory=set, init=False, repr=False, compare=False)

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
            now = self.clock.now()
            if tokens.access != refused and not credential.is_ending(now):
                return credential, tokens
            if await self.credentials.claim(credential, until=now + _CLAIM, now=now):
                if renewed := await self._shielded(self._refresh(connection, credential, tokens)):
                    if renewed[1].access == refused:
                        raise ProviderUnavailable("The provider renews a token that it does not accept.")
                    return renewed
            else:
                await asyncio.sleep(_LOOK_EVERY_SECONDS)
        raise ProviderUnavailable("New tokens have been asked for, and are not here yet.")

    async def _shielded(self, refresh: Coroutine[None, None, _Renewed | None]) -> _Renewed | None:
        """Whoever asked may be cancelled, but a refresh token that was spent must have its successor kept."""
        task = asyncio.create_task(refresh)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def settle(self) -> None:
        """Wait for refreshes that are under way, but not for ever."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_PATIENCE_SECONDS)

    async def _opened(self, connection: Connection, credential: Credential) -> Tokens:
        try:
            return self.seal_tokens.open(credential)
        except NeedsReauth:
            await self._needs_reauth(connection)
            raise

    async def _refresh(self, connection: Connection, credential: Credential, tokens: Tokens) -> _Renewed | None:
        """The new pair, stored; None when somebody else's word on this credential came first."""
        try:
            if tokens.refresh is None:
                raise GrantRefused
            renewed = await self.grants.refresh(connection.provider, tokens.refresh)
        except GrantRefused as refusal:
            await self._refused(connection, credential, refusal)
            return None
        except (ProviderUnavailable, ProviderNotConfigured):
            await self._release(credential)
            raise
        await self.failpoints.reach("refresh.after_response")
        sealed = self.seal_tokens(connection.id, renewed)
        if await self._keep(sealed, instead_of=credential):
            return sealed, renewed
        now = self.clock.now()
        if await self.credentials.find(connection.id) is None:
            # Disconnected meanwhile: nobody else knows of this pair, so nobody else would return it.
            await self.promise_revocation(connection, sealed, at=now)
        return None

    async def _keep(self, sealed: Credential, *, instead_of: Credential) -> bool:
        """The old pair may be spent and the new one is known here alone: a store that is away is asked again."""
        for delay in _STORE_AGAIN_SECONDS:
            try:
                return await self.credentials.replace(sealed, expected=instead_of.revision)
            except StorageUnavailable:
                await asyncio.sleep(delay)
        return await self.credentials.replace(sealed, expected=instead_of.revision)

    async def _refused(self, connection: Connection, credential: Credential, refusal: GrantRefused) -> None:
        now = await self.credentials.find(connection.id)
        if now is None or now.revision == credential.revision:
            await self._needs_reauth(connection)
            raise NeedsReauth from refusal

    async def _release(self, credential: Credential) -> None:
        free = replace(credential, revision=self.entropy.identifier(), claimed_until=None)
        await self.credentials.replace(free, expected=credential.revision)

    async def _needs_reauth(self, connection: Connection) -> None:
        broken = False

        def change(before: Connection) -> Connection:
            nonlocal broken
            # Reconnected since: that verdict was on the old grant.
            broken = before.status is ConnectionStatus.ACTIVE and before.connected_at == connection.connected_at
            if not broken:
                return before
            error = SyncError(NeedsReauth.code, self.clock.now())
            return replace(before, status=ConnectionStatus.NEEDS_REAUTH, last_error=error)

        await self.amend_connection(connection.user, connection.id, change)
        if broken:
            await self.promise_mail.notice(connection.user, MailKind.CONNECTION_BROKEN)
            await self.record_event(SecurityAction.CONNECTION_BROKEN, None, user=connection.user, refusal=NeedsReauth())
