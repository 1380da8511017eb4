"""/items, and /integrations/{provider}/get_{provider}_items with its alias /load."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from adapters.inbound.http.authentication import Asking
from adapters.inbound.http.body import Body, BodyOptional, Limit, Use
from adapters.inbound.http.errors import problems
from adapters.inbound.http.paging import PageLimit, check_limit
from adapters.inbound.http.runs import Run, run_shape
from application.list_items import ItemPage as FoundPage
from application.list_items import ItemQuery, ListItems
from application.load_items import LoadItems
from application.show_item import ShowItem
from domain.connection import Connection
from domain.errors import QueryNotSupported
from domain.ids import ConnectionId
from domain.item import Item as DomainItem
from domain.item import item_id, key_at


class Item(msgspec.Struct):
    id: str
    type: str
    name: str
    directory: bool
    parent_id: str | None
    parent_path_or_name: str | None
    creation_time: datetime | None
    last_modified_time: datetime | None
    url: str | None
    children: list[str] | None
    mime_type: str | None
    delta: str | None
    drive_id: str | None
    visibility: bool
    source: str
    connection_id: str
    external_id: str
    kind: str
    properties: dict[str, Any]
    synced_at: datetime
    deleted_at: datetime | None


class ItemPage(msgspec.Struct):
    items: list[Item]
    next_cursor: str | None
    total: int
    total_exact: bool


class SyncSummary(msgspec.Struct):
    status: str
    last_run: Run | None


class ProviderItemPage(ItemPage):
    sync: SyncSummary


class LoadBody(Body):
    connection_id: str | None = None
    kind: str | None = None
    parent_id: str | None = None
    q: str | None = None
    cursor: str | None = None
    limit: Limit = 100
    refresh: bool = False


def item_shape(item: DomainItem, connection: Connection) -> Item:
    source = item.source
    properties: Any = msgspec.Raw(source.properties.encode())
    return Item(
        id=item.id,
        type=source.type,
        name=source.name,
        directory=source.directory,
        parent_id=item_id(item.connection, key_at(source.parent_id)) if source.parent_id else None,
        parent_path_or_name=source.parent_path_or_name,
        creation_time=source.creation_time,
        last_modified_time=source.last_modified_time,
        url=source.url,
        children=None,
        mime_type=source.mime_type,
        delta=source.delta,
        drive_id=source.drive_id,
        visibility=source.visibility,
        source=connection.provider,
        connection_id=connection.id,
        external_id=source.external_id,
        kind=source.kind,
        # Stored as JSON already: encoded as it stands, without being read.
        properties=properties,
        synced_at=item.synced_at,
        deleted_at=item.deleted_at,
    )


def _page(found: FoundPage) -> ItemPage:
    return ItemPage([item_shape(*entry) for entry in found.items], found.next_cursor, found.total, total_exact=True)


@get("/items", responses=problems(400, 401, 404, 503))
async def all_items(  # noqa: PLR0917 - the filters of the contract
    request: Asking,
    list_items: Use[ListItems],
    provider: FromQuery[str | None] = None,
    connection_id: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    parent_id: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    updated_since: FromQuery[str | None] = None,
    deleted: FromQuery[bool | None] = None,
    sort: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 100,
) -> ItemPage:
    """My items, page by page; connection by connection, in an order that stays."""
    check_limit(request)
    _refuse_filters(parent_id, q, updated_since, deleted or None, None if sort == "key" else sort)
    connection = ConnectionId(connection_id) if connection_id is not None else None
    query = ItemQuery(provider, connection, kind)
    return _page(await list_items(request.user.user, query, cursor=cursor, limit=limit))


def _refuse_filters(*asked: object) -> None:
    """No store serves these at flat cost yet. Raises QueryNotSupported."""
    if any(value is not None for value in asked):
        raise QueryNotSupported("Filter by provider, connection_id and kind; sort by key.")


@get("/items/{item_id:str}", responses=problems(400, 401, 404, 503))
async def one_item(request: Asking, item_id: FromPath[str], show_item: Use[ShowItem]) -> Item:
    """One item."""
    return item_shape(*await show_item(request.user.user, item_id))


@post(
    "/integrations/{provider:str}/load",
    status_code=200,
    operation_class=BodyOptional,
    responses=problems(400, 401, 404, 409, 429, 503),
)
async def load(
    request: Asking,
    provider: FromPath[str],
    load_items: Use[LoadItems],
    data: JSONBody[LoadBody | None] = None,
) -> ProviderItemPage:
    """A page of a provider's items; fresh ones if asked for, or when there was no sync yet."""
    return await _load(request, provider, load_items, data)


async def _load(request: Asking, provider: str, load_items: LoadItems, data: LoadBody | None) -> ProviderItemPage:
    asked = data or LoadBody()
    _refuse_filters(asked.parent_id, asked.q)
    found, described = await load_items(
        request.user.user,
        provider=provider,
        connection=ConnectionId(asked.connection_id) if asked.connection_id is not None else None,
        kind=asked.kind,
        cursor=asked.cursor,
        limit=asked.limit,
        refresh=asked.refresh,
    )
    page = _page(found)
    run = run_shape(described.run) if described.run else None
    return ProviderItemPage(
        items=page.items,
        next_cursor=page.next_cursor,
        total=page.total,
        total_exact=page.total_exact,
        sync=SyncSummary(described.status, run),
    )


def documented_route(slug: str) -> HTTPRouteHandler:
    """The same under the name that the documented system gave it: get_{provider}_items."""

    @post(
        f"/integrations/{slug}/get_{slug}_items",
        status_code=200,
        operation_id=f"get_{slug}_items",
        operation_class=BodyOptional,
        responses=problems(400, 401, 404, 409, 429, 503),
    )
    async def get_items(
        request: Asking, load_items: Use[LoadItems], data: JSONBody[LoadBody | None] = None
    ) -> ProviderItemPage:
        """A page of this provider's items; fresh ones if asked for, or when there was no sync yet."""
        return await _load(request, slug, load_items, data)

    return get_items
