"""/connections: a person's accounts at all providers."""

from datetime import datetime

import msgspec
from litestar import get
from litestar.params import FromPath

from adapters.inbound.http.authentication import Asking
from adapters.inbound.http.body import Use
from adapters.inbound.http.errors import problems
from adapters.inbound.http.runs import Run, run_shape
from adapters.inbound.http.sync_errors import Action, explain
from application.describe_connection import DescribedConnection
from application.list_connections import ListConnections
from application.show_connection import ShowConnection
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
    action: Action
    at: datetime


class Connection(msgspec.Struct):
    id: str
    provider: str
    account: Account
    status: str
    scopes: list[str]
    missing_scopes: list[str]
    created_at: datetime
    connected_at: datetime
    last_sync: datetime | None
    counts: dict[str, int]
    last_error: LastError | None
    run: Run | None


class ConnectionList(msgspec.Struct):
    items: list[Connection]
    next_cursor: str | None


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


def account_shape(account: DomainAccount) -> Account:
    return Account(account.id, account.name)


def _last_error(error: SyncError | None) -> LastError | None:
    if error is None:
        return None
    explanation = explain(error.code)
    return LastError(error.code, explanation.detail, explanation.next_step, explanation.action, error.at)


def connection_shape(described: DescribedConnection) -> Connection:
    connection = described.connection
    return Connection(
        id=connection.id,
        provider=connection.provider,
        account=account_shape(connection.account),
        status=described.status,
        scopes=list(connection.scopes),
        missing_scopes=list(described.missing_scopes),
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
        account=account_shape(connection.account),
        counts=dict(described.totals),
        last_error=_last_error(connection.last_error),
        run=run_shape(described.run) if described.run else None,
    )


@get("/connections", responses=problems(401, 503))
async def all_connections(request: Asking, list_connections: Use[ListConnections]) -> ConnectionList:
    """My accounts at all providers, the one connected last first; disconnected ones too."""
    found = await list_connections(request.user.user)
    return ConnectionList([connection_shape(described) for described in found], next_cursor=None)


@get("/connections/{connection_id:str}", responses=problems(400, 401, 404, 503))
async def one_connection(
    request: Asking, connection_id: FromPath[str], show_connection: Use[ShowConnection]
) -> Connection:
    """One of them."""
    return connection_shape(await show_connection(request.user.user, ConnectionId(connection_id)))
