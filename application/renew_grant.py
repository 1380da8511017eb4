import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

from application.break_connection import BreakConnection
from application.pause_renewals import PauseRenewals
from application.ports.clock import Clock
from application.ports.connections import Connections
from application.ports.credentials import Credentials
from application.ports.entropy import Entropy
from application.ports.failpoints import Failpoints
from application.ports.grants import Grants
from application.ports.shared_grants import SharedGrants
from application.promise_revocation import PromiseRevocation
from application.seal_tokens import SealTokens
from application.share_grant import ShareGrant
from domain.connection import Connection, ConnectionStatus
from domain.credential import Credential, GrantId, Tokens
from domain.errors import (
    ClientRefused,
    GrantRefused,
    NeedsReauth,
    ProviderNotConfigured,
    ProviderUnavailable,
    StorageUnavailable,
)

_CLAIM = timedelta(seconds=45)
"""Longer than a call to a provider and the storing of its answer can take, and shorter than the minute for which most
providers still take a refresh token that they have replaced."""
_STORE_AGAIN_SECONDS = (0.2, 1.0, 3.0)

Renewed = tuple[Credential, Tokens]


@dataclass(frozen=True, slots=True)
class RenewGrant:
    """Spends a refresh token, and keeps its successor before anybody uses it. However many try at once, on however many
    processes, one does it: it claims that right before it calls the provider, in the credential's row, or for a grant
    that is shared in the one row of that grant."""

    connections: Connections
    credentials: Credentials
    shared_grants: SharedGrants
    share_grant: ShareGrant
    seal_tokens: SealTokens
    grants: Grants
    pause_renewals: PauseRenewals
    break_connection: BreakConnection
    promise_revocation: PromiseRevocation
    entropy: Entropy
    clock: Clock
    failpoints: Failpoints

    async def __call__(
        self, connection: Connection, credential: Credential, tokens: Tokens, *, refused: bool = False
    ) -> Renewed | None:
        """The new pair, stored; None when somebody else is at it, or was faster: what is stored tells. ``refused``: the
        provider does not take the access token, whatever its time says. Raises NeedsReauth, ProviderUnavailable,
        ProviderNotConfigured."""
        grant = self.share_grant.of(connection.provider, connection.account.id)
        paused = grant or connection.id
        self.pause_renewals.check(paused, credential.obtained_at)
        try:
            if grant is None:
                return await self._renew_own(connection, credential, tokens)
            return await self._renew_claimed(grant, connection, credential, tokens, refused=refused)
        except ClientRefused:
            # Not the grant's fault: nothing will change before an operator has changed it.
            raise
        except ProviderUnavailable as failure:
            self.pause_renewals.begin(paused, credential.obtained_at, failure)
            raise

    async def _renew_own(self, connection: Connection, credential: Credential, tokens: Tokens) -> Renewed | None:
        now = self.clock.now()
        until = now + _CLAIM
        if not await self.credentials.claim(credential, until=until, now=now):
            await self._look_again(connection)
            return None
        try:
            return await self._renew(connection, credential, tokens)
        except (ProviderUnavailable, ProviderNotConfigured):
            # Only this claim: whoever has waited too long for us may have taken the next one.
            await self.credentials.release(credential, claimed=until)
            raise

    async def _renew_claimed(
        self, grant: GrantId, connection: Connection, credential: Credential, tokens: Tokens, *, refused: bool
    ) -> Renewed | None:
        now = self.clock.now()
        claim = self.entropy.identifier()
        if not await self.shared_grants.claim(grant, claim, until=now + _CLAIM, now=now):
            await self._look_again(connection)
            return None
        try:
            return await self._renew_shared(grant, connection, credential, tokens, refused=refused)
        finally:
            await self.shared_grants.release(grant, claim)

    async def _look_again(self, connection: Connection) -> None:
        """Raises NeedsReauth when whoever was faster had that verdict."""
        now = await self.connections.find(connection.user, connection.id)
        if now is None or now.status is not ConnectionStatus.ACTIVE:
            raise NeedsReauth

    async def _renew_shared(
        self, grant: GrantId, connection: Connection, credential: Credential, tokens: Tokens, *, refused: bool
    ) -> Renewed | None:
        await self._look_again(connection)
        mine = await self.credentials.find(connection.id)
        if mine is None or mine.revision != credential.revision:
            return None
        if connection.id not in await self.shared_grants.holders(grant):
            await self.shared_grants.join(grant, connection.id)
        newest, newest_tokens = await self.share_grant.newest(grant, (credential, tokens))
        is_other = newest_tokens.access != tokens.access
        if is_other and not refused and not newest.is_ending(self.clock.now()):
            # Renewed for another connection, by somebody who was stopped before they had handed it out. (Not after a
            # refusal: what refused one may refuse the other, and only one retry is left.)
            copy = self.share_grant.copied(newest, newest_tokens, connection.id)
            return (copy, newest_tokens) if await self._keep(copy, instead_of=credential) else None
        return await self._renew(connection, credential, newest_tokens)

    async def _renew(self, connection: Connection, credential: Credential, tokens: Tokens) -> Renewed | None:
        begun_at = self.clock.now()
        try:
            if tokens.refresh is None:
                raise GrantRefused
            renewed = await self.grants.refresh(connection.provider, tokens.refresh)
        except GrantRefused as refusal:
            await self._refused(connection, credential, refusal)
            return None
        await self.failpoints.reach("refresh.after_response")
        # An answer that does not name scopes has not changed them (RFC 6749 section 5.1).
        renewed = replace(renewed, scopes=renewed.scopes or tokens.scopes)
        sealed = self.seal_tokens(connection.id, renewed)
        kept = await self._keep(sealed, instead_of=credential)
        if grant := self.share_grant.of(connection.provider, connection.account.id):
            # Kept here or not: the others' refresh token may be spent too.
            await self.share_grant.hand_out(grant, sealed, renewed)
        if kept:
            # Somebody may have taken this for dead meanwhile, if it took long.
            await self.break_connection.mend(connection)
            return sealed, renewed
        if await self.credentials.find(connection.id) is None:
            # Disconnected meanwhile: nobody else knows of this pair, so nobody else would return it. Whoever has begun
            # to connect again since may be given the same, and keeps it.
            await self.promise_revocation(connection, sealed, at=begun_at)
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
            await self.break_connection(connection, credential)
            raise NeedsReauth from refusal
