"""/integrations: providers, and a person's accounts there."""

from datetime import datetime

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from adapters.inbound.http.authentication import Asking
from adapters.inbound.http.body import Body, BodyOptional, Use
from adapters.inbound.http.caller import caller_of
from adapters.inbound.http.cookies import Cookies
from adapters.inbound.http.errors import problems
from adapters.inbound.http.place import Place
from adapters.inbound.http.runs import Run, run_shape
from adapters.inbound.http.sync_errors import explain
from application.describe_connection import DescribedConnection
from application.disconnect import Disconnect
from application.list_integrations import ListIntegrations
from application.show_credentials import ShowCredentials
from application.show_status import ShowStatus
from application.start_connection import StartConnection
from application.start_sync import StartSync
from domain.connection import Account as DomainAccount
from domain.connection import SyncError
from domain.ids import ConnectionId


class Account(msgspec.Struct):
    id: str
    name: str


class LastError(msgspec.Struct):
    code: str
    detail: str
    next_step: str
    at: datetime


class Connection(msgspec.Struct):
    id: str
    provider: str
    account: Account
    status: str
    scopes: list[str]
    created_at: datetime
    connected_at: datetime
    last_sync: datetime | None
    counts: dict[str, int]
    last_error: LastError | None
    run: Run | None


class Integration(msgspec.Struct):
    slug: str
    name: str
    logo: str
    kinds: list[str]
    configured: bool
    sandbox: bool
    connections: list[Connection]


class IntegrationList(msgspec.Struct):
    items: list[Integration]
    next_cursor: str | None
    sandbox_url: str | None


class AuthorizeStarted(msgspec.Struct):
    url: str
    flow_id: str
    expires_in: int


class ConnectionBody(Body):
    connection_id: str | None = None


class SyncBody(ConnectionBody):
    full: bool = False
    """Every sync reads everything so far; taken so that clients may already say what they need."""


class Credential(msgspec.Struct, omit_defaults=True):
    connection_id: str
    status: str
    account: Account
    scopes: list[str]
    obtained_at: datetime
    refreshable: bool
    expires_at: datetime | None
    access_token: str | msgspec.UnsetType = msgspec.UNSET


class ConnectionStatus(msgspec.Struct):
    connected: bool
    status: str
    connection_id: str | None
    last_sync: datetime | None
    next_sync: datetime | None
    account: Account | None
    counts: dict[str, int]
    last_error: LastError | None
    run: Run | None


def _account(account: DomainAccount) -> Account:
    return Account(account.id, account.name)


def _last_error(error: SyncError | None) -> LastError | None:
    if error is None:
        return None
    explanation = explain(error.code)
    return LastError(error.code, explanation.detail, explanation.next_step, error.at)


def _connection(described: DescribedConnection) -> Connection:
    connection = described.connection
    return Connection(
        id=connection.id,
        provider=connection.provider,
        account=_account(connection.account),
        status=described.status,
        scopes=list(connection.scopes),
        created_at=connection.created_at,
        connected_at=connection.connected_at,
        last_sync=connection.last_sync_at,
        counts=dict(described.totals),
        last_error=_last_error(connection.last_error),
        run=run_shape(described.run) if described.run else None,
    )


def status_shape(described: DescribedConnection | None) -> ConnectionStatus:
    if described is None:
        return ConnectionStatus(False, "disconnected", None, None, None, None, {}, None, None)
    connection = described.connection
    return ConnectionStatus(
        connected=connection.is_live,
        status=described.status,
        connection_id=connection.id,
        last_sync=connection.last_sync_at,
        next_sync=None,
        account=_account(connection.account),
        counts=dict(described.totals),
        last_error=_last_error(connection.last_error),
        run=run_shape(described.run) if described.run else None,
    )


def _named(data: ConnectionBody | None) -> ConnectionId | None:
    return ConnectionId(data.connection_id) if data and data.connection_id is not None else None


@get("/integrations", responses=problems(401, 503))
async def all_integrations(
    request: Asking, list_integrations: Use[ListIntegrations], place: Use[Place]
) -> IntegrationList:
    """Every provider, with my accounts there, the newest first."""
    found = await list_integrations(request.user.user)
    items = [
        Integration(
            slug=provider.slug,
            name=provider.name,
            logo=provider.logo,
            kinds=list(provider.kinds),
            configured=provider.configured,
            sandbox=provider.sandbox,
            connections=[_connection(described) for described in mine],
        )
        for provider, mine in found
    ]
    return IntegrationList(items, next_cursor=None, sandbox_url=place.sandbox_url)


@post(
    "/integrations/{provider:str}/authorize",
    status_code=200,
    operation_class=BodyOptional,
    responses=problems(400, 401, 404, 409, 429, 503),
)
async def authorize(
    request: Asking,
    provider: FromPath[str],
    start_connection: Use[StartConnection],
    jar: Use[Cookies],
    place: Use[Place],
    data: JSONBody[Body | None] = None,
) -> Response[AuthorizeStarted]:
    """Set out to connect an account: the address where a person consents."""
    del data
    origin = request.headers.get("origin") or place.web_url
    started = await start_connection(request.user, provider=provider, origin=origin)
    return Response(
        AuthorizeStarted(started.url, started.flow, started.expires_in),
        cookies=[jar.flow(started.flow, started.cookie, started.expires_in)],
    )


@post(
    "/integrations/{provider:str}/credentials",
    status_code=200,
    operation_class=BodyOptional,
    responses=problems(400, 401, 404, 409, 503),
)
async def credentials(
    request: Asking,
    provider: FromPath[str],
    show_credentials: Use[ShowCredentials],
    place: Use[Place],
    data: JSONBody[ConnectionBody | None] = None,
) -> Credential:
    """What was granted; refreshed when it is about to end. Never the refresh token."""
    connection, credential, tokens = await show_credentials(
        request.user.user, provider=provider, connection=_named(data)
    )
    return Credential(
        connection_id=connection.id,
        status=connection.status.value,
        account=_account(connection.account),
        scopes=list(credential.scopes),
        obtained_at=credential.obtained_at,
        refreshable=credential.refresh is not None,
        expires_at=credential.expires_at,
        access_token=tokens.access.reveal() if tokens and place.expose_access_token else msgspec.UNSET,
    )


@get("/integrations/{provider:str}/status", responses=problems(400, 401, 404, 503))
async def status(
    request: Asking,
    provider: FromPath[str],
    show_status: Use[ShowStatus],
    connection_id: FromQuery[str | None] = None,
) -> ConnectionStatus:
    """How my account there is doing."""
    named = ConnectionId(connection_id) if connection_id is not None else None
    return status_shape(await show_status(request.user.user, provider=provider, connection=named))


@post(
    "/integrations/{provider:str}/sync",
    status_code=202,
    operation_class=BodyOptional,
    responses=problems(400, 401, 404, 409, 429, 503),
)
async def sync(
    request: Asking,
    provider: FromPath[str],
    start_sync: Use[StartSync],
    data: JSONBody[SyncBody | None] = None,
) -> Run:
    """Start a sync; one that goes on already is returned, not doubled."""
    return run_shape(await start_sync(request.user.user, provider=provider, connection=_named(data)))


@post(
    "/integrations/{provider:str}/disconnect",
    status_code=204,
    operation_class=BodyOptional,
    responses=problems(400, 401, 404, 409, 503),
)
async def disconnect(
    request: Asking,
    provider: FromPath[str],
    disconnect: Use[Disconnect],
    data: JSONBody[ConnectionBody | None] = None,
) -> None:
    """Take an account back: its grant is revoked at the provider; its items stay."""
    await disconnect(request.user.user, provider=provider, connection=_named(data), caller=caller_of(request))
