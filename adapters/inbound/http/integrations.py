"""/integrations: providers, and a person's accounts there."""

from datetime import datetime

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from adapters.inbound.http.authentication import Asking
from adapters.inbound.http.body import Body, BodyOptional, Use
from adapters.inbound.http.caller import caller_of
from adapters.inbound.http.connections import (
    Account,
    Connection,
    ConnectionStatus,
    account_shape,
    connection_shape,
    status_shape,
)
from adapters.inbound.http.cookies import Cookies
from adapters.inbound.http.errors import problems
from adapters.inbound.http.place import Place
from adapters.inbound.http.runs import Run, run_shape
from application.disconnect import Disconnect
from application.list_integrations import ListIntegrations
from application.show_credentials import ShowCredentials
from application.show_status import ShowStatus
from application.start_connection import StartConnection
from application.start_sync import StartSync
from domain.ids import ConnectionId


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


class DisconnectBody(ConnectionBody):
    purge: bool = False
    """Whether the connection's items go too."""


class Credential(msgspec.Struct, omit_defaults=True):
    connection_id: str
    status: str
    account: Account
    scopes: list[str]
    obtained_at: datetime
    refreshable: bool
    expires_at: datetime | None
    access_token: str | msgspec.UnsetType = msgspec.UNSET


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
            connections=[connection_shape(described) for described in mine],
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
        account=account_shape(connection.account),
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
    data: JSONBody[DisconnectBody | None] = None,
) -> None:
    """Take an account back: its grant is revoked at the provider; its items stay, unless they are purged."""
    await disconnect(
        request.user.user,
        provider=provider,
        connection=_named(data),
        purge=data is not None and data.purge,
        caller=caller_of(request),
    )
