from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from application.hold_lease import HoldLease
from application.keep_alive import KeepAlive
from application.ports.authorizations import Authorizations
from application.ports.clock import Clock
from application.ports.connections import Connections
from application.ports.credentials import Credentials
from application.ports.entropy import Entropy
from application.ports.failpoints import Failpoints
from application.ports.grants import Grants
from application.ports.providers import Providers
from application.ports.sessions import Sessions
from application.ports.shared_grants import SharedGrants
from application.ports.tokens import Tokens
from application.ports.vault import SealBroken, Vault
from application.record_event import RecordEvent
from application.request_sync import RequestSync
from application.seal_tokens import SealTokens
from application.share_grant import ShareGrant
from domain.authorization import Authorization, state_hash, verifier_place
from domain.caller import Caller
from domain.connection import Connection, ConnectionStatus
from domain.credential import Grant
from domain.credential import Tokens as GrantedTokens
from domain.errors import (
    AuthorizationEnded,
    AuthorizationRefused,
    AuthorizationUnknown,
    ConsentDenied,
    GrantRefused,
    ProviderAway,
    ProviderUnavailable,
    StorageUnavailable,
)
from domain.ids import ConnectionId
from domain.secret import Secret
from domain.security_event import SecurityAction
from domain.session import SessionLifetime

_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Callback:
    """What a browser brought back from the provider (RFC 6749 section 4.1.2)."""

    provider: str
    state: str
    code: str | None
    error: str | None
    issuer: str | None
    """RFC 9207; None when the provider does not send it."""
    flows: Mapping[str, str]
    """The flow cookies of this browser: flow id to secret."""
    refresh: Secret | None
    """This browser's refresh cookie: whoever it names must be the one who started."""


@dataclass(frozen=True, slots=True)
class FinishedConnection:
    connection: ConnectionId
    provider_name: str
    flow: str
    origin: str


@dataclass(frozen=True, slots=True)
class FinishConnection:
    """The provider has sent the person back."""

    providers: Providers
    authorizations: Authorizations
    tokens: Tokens
    vault: Vault
    sessions: Sessions
    lifetime: SessionLifetime
    grants: Grants
    connections: Connections
    credentials: Credentials
    shared_grants: SharedGrants
    share_grant: ShareGrant
    keep_alive: KeepAlive
    seal_tokens: SealTokens
    record_event: RecordEvent
    request_sync: RequestSync
    hold_lease: HoldLease
    entropy: Entropy
    clock: Clock
    failpoints: Failpoints

    async def __call__(self, callback: Callback, caller: Caller) -> FinishedConnection:
        """Raises NotFound, AuthorizationRefused, CacheUnavailable, StorageUnavailable."""
        provider = self.providers.get(callback.provider)
        try:
            authorization = await self._authorization(callback)
            finished = await self._finish(callback, authorization, provider.name)
        except AuthorizationRefused as refusal:
            # Whoever started it is told where that is known; to whom it came back is another question.
            await self.record_event(SecurityAction.CONNECT, caller, user=refusal.user, refusal=refusal)
            raise
        await self.record_event(SecurityAction.CONNECT, caller, user=authorization.user)
        return finished

    async def _finish(self, callback: Callback, authorization: Authorization, name: str) -> FinishedConnection:
        # A disconnection that is returning the old grant may be returning the very one that we are about to be given.
        lease = self.share_grant.lease(authorization.user, authorization.provider)
        async with self.hold_lease.patiently(lease, seconds=_PATIENCE_SECONDS):
            connection = await self._connect(callback, authorization)
        # Connected is connected: a first sync that could not be promised can be asked for by hand.
        with suppress(StorageUnavailable):
            await self.request_sync(connection)
        return FinishedConnection(connection.id, name, authorization.flow, authorization.origin)

    async def _connect(self, callback: Callback, authorization: Authorization) -> Connection:
        try:
            grant = await self._grant(callback, authorization)
        except AuthorizationRefused as refusal:
            authorization.named(refusal)
            raise
        except ProviderUnavailable as failure:
            raise authorization.named(ProviderAway()) from failure
        return await self._store(authorization, grant)

    async def _authorization(self, callback: Callback) -> Authorization:
        authorization = await self.authorizations.consume(state_hash(callback.state))
        if authorization is None:
            raise AuthorizationUnknown
        now = self.clock.now()
        cookie = callback.flows.get(authorization.flow)
        bearer = self.tokens.refresh_bearer(callback.refresh) if callback.refresh else None
        signed_in = bearer.user if bearer else None
        authorization.accept(provider=callback.provider, cookie=cookie, signed_in=signed_in, now=now)
        session = await self.sessions.find(authorization.user, authorization.session)
        if session is None or not session.is_live(now, self.lifetime):
            raise authorization.named(AuthorizationEnded())
        return authorization

    async def _grant(self, callback: Callback, authorization: Authorization) -> Grant:
        self.grants.check_issuer(callback.provider, callback.issuer)
        if callback.error == "access_denied":
            raise ConsentDenied
        if callback.code is None or callback.error is not None:
            raise GrantRefused
        grant = await self.grants.exchange(
            callback.provider, code=callback.code, verifier=self._verifier(authorization)
        )
        await self.failpoints.reach("connect.after_response")
        return grant

    def _verifier(self, authorization: Authorization) -> str:
        try:
            place = verifier_place(authorization.state)
            return self.vault.open(b64decode(authorization.verifier), place).decode()
        except SealBroken as error:
            raise AuthorizationUnknown from error

    async def _store(self, authorization: Authorization, grant: Grant) -> Connection:
        now = self.clock.now()
        connection = Connection(
            id=ConnectionId(self.entropy.identifier()),
            user=authorization.user,
            provider=authorization.provider,
            account=grant.account,
            status=ConnectionStatus.ACTIVE,
            scopes=grant.tokens.scopes,
            created_at=now,
            connected_at=now,
        )
        # Tokens are sealed for their connection, so its id must be known first; but an active connection is stored
        # last: a crash in between leaves one that says what it was before, never one that is active without a grant.
        # From the first step on it is newer than any disconnection still under way, which then leaves it alone.
        known = await self._known(connection)
        before = replace(connection, status=known.status if known else ConnectionStatus.DISCONNECTED)
        if known:
            # It may be active already, and the promise of its last connecting ends with that.
            await self.keep_alive.promised(replace(connection, id=known.id))
        stored = await self.connections.connect(before)
        await self._keep(stored, grant.tokens)
        if not known:
            await self.keep_alive.promised(stored)
        return await self.connections.connect(connection)

    async def _keep(self, connection: Connection, tokens: GrantedTokens) -> None:
        shared = self.share_grant.of(connection.provider, connection.account.id)
        if shared:
            # First: from now on nobody returns it who goes.
            await self.shared_grants.join(shared, connection.id)
        credential = self.seal_tokens(connection.id, tokens)
        await self.credentials.put(credential)
        if shared:
            # A provider may let the tokens end that it gave out before.
            await self.share_grant.hand_out(shared, credential, tokens)

    async def _known(self, new: Connection) -> Connection | None:
        mine = await self.connections.of_user(new.user)
        same = (one for one in mine if (one.provider, one.account.id) == (new.provider, new.account.id))
        return next(same, None)
