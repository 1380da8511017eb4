from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from application.hold_lease import HoldLease
from application.ports.authorizations import Authorizations
from application.ports.clock import Clock
from application.ports.failpoints import Failpoints
from application.ports.grants import Grants
from application.ports.providers import Providers
from application.ports.sessions import Sessions
from application.ports.tokens import Tokens
from application.ports.users import Users
from application.ports.vault import SealBroken, Vault
from application.record_event import RecordEvent
from application.remove_connection import RemoveConnection
from application.request_sync import RequestSync
from application.return_grant import ReturnGrant
from application.share_grant import ShareGrant
from application.store_grant import StoreGrant
from domain.authorization import Authorization, state_hash, verifier_place
from domain.caller import Caller
from domain.connection import Connection
from domain.credential import Grant
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
    users: Users
    sessions: Sessions
    lifetime: SessionLifetime
    grants: Grants
    share_grant: ShareGrant
    store_grant: StoreGrant
    return_grant: ReturnGrant
    remove_connection: RemoveConnection
    record_event: RecordEvent
    request_sync: RequestSync
    hold_lease: HoldLease
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
            kept = refusal.user is not None and await self.users.by_id(refusal.user) is not None
            await self.record_event(SecurityAction.CONNECT, caller, user=refusal.user, refusal=refusal, kept=kept)
            raise
        # Connected is connected, whether or not its owner will be able to read of it.
        with suppress(StorageUnavailable):
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
            # The exchange took its time.
            await self._return_if_signed_out(authorization, grant)
            connection = await self.store_grant(authorization.user, authorization.provider, grant)
            if connection.is_new:
                await self._keep_only_if_still_signed_in(authorization, connection)
        except AuthorizationRefused as refusal:
            authorization.named(refusal)
            raise
        except ProviderUnavailable as failure:
            raise authorization.named(ProviderAway()) from failure
        return connection

    async def _return_if_signed_out(self, authorization: Authorization, grant: Grant) -> None:
        try:
            await self._check_session(authorization)
        except AuthorizationEnded:
            await self.return_grant(authorization.user, authorization.provider, grant)
            raise

    async def _keep_only_if_still_signed_in(self, authorization: Authorization, connection: Connection) -> None:
        """Whoever ends the sessions of an account and removes its connections may have missed this one."""
        try:
            await self._check_session(authorization)
        except AuthorizationEnded:
            await self.remove_connection(connection)
            raise

    async def _authorization(self, callback: Callback) -> Authorization:
        authorization = await self.authorizations.consume(state_hash(callback.state))
        if authorization is None:
            raise AuthorizationUnknown
        now = self.clock.now()
        cookie = callback.flows.get(authorization.flow)
        bearer = self.tokens.refresh_bearer(callback.refresh) if callback.refresh else None
        signed_in = bearer.user if bearer else None
        authorization.accept(provider=callback.provider, cookie=cookie, signed_in=signed_in, now=now)
        try:
            await self._check_session(authorization)
        except AuthorizationEnded as refusal:
            authorization.named(refusal)
            raise
        return authorization

    async def _check_session(self, authorization: Authorization) -> None:
        session = await self.sessions.find(authorization.user, authorization.session)
        if session is None or not session.is_live(self.clock.now(), self.lifetime):
            raise AuthorizationEnded

    async def _grant(self, callback: Callback, authorization: Authorization) -> Grant:
        self.grants.check_issuer(callback.provider, callback.issuer)
        if callback.error == "access_denied":
            raise ConsentDenied
        if not callback.code or callback.error is not None:
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
