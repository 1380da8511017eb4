"""Notion's API: search, pages, databases, data sources, blocks and users."""

from typing import Any

from litestar import Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from sandbox.core.records import Record
from sandbox.notion.caller import DATABASES_ONLY, Caller, read_body, read_id, read_query
from sandbox.notion.errors import NotionError, not_found
from sandbox.notion.lists import Query, Search, found, part_of, read_page_size, rows_of, searched_kinds
from sandbox.notion.shapes import blocks_of, markdown_of, show, show_bot, users_of

Call = Request[Any, Any, State]
Answer = dict[str, Any]


@post("/v1/search", status_code=200)
async def search(request: Call, caller: NamedDependency[Caller]) -> Answer:
    asked = await read_body(request, Search)
    kinds = searched_kinds(asked, caller.version)
    matching = found(asked, [(kind, caller.records(kind)) for kind in kinds])
    part = part_of([record.id for _, record in matching], asked.start_cursor, asked.page_size)
    results = [show(caller, kind, record) for kind, record in matching[part.start : part.end]]
    type_name = "page_or_database" if caller.version == DATABASES_ONLY else "page_or_data_source"
    return part.answer(type_name, results) | {"request_status": part.status}


@get("/v1/pages/{page_id:str}")
async def show_page(request: Call, caller: NamedDependency[Caller], page_id: FromPath[str]) -> Answer:
    read_query(request)
    kind, record = _page(caller, read_id(page_id, "page_id"))
    return show(caller, kind, record)


@get("/v1/pages/{page_id:str}/markdown")
async def show_markdown(caller: NamedDependency[Caller], page_id: FromPath[str]) -> Answer:
    _, record = _page(caller, read_id(page_id, "page_id"))
    return {
        "object": "page_markdown",
        "id": record.id,
        "markdown": markdown_of(record),
        "truncated": False,
        "unknown_block_ids": [],
    }


@get("/v1/blocks/{block_id:str}/children")
async def list_children(request: Call, caller: NamedDependency[Caller], block_id: FromPath[str]) -> Answer:
    asked = read_query(request)
    _, record = _page(caller, read_id(block_id, "block_id"), "block")
    blocks = blocks_of(caller, record)
    return _listed(blocks, "block", asked)


@get("/v1/databases/{database_id:str}")
async def show_database(caller: NamedDependency[Caller], database_id: FromPath[str]) -> Answer:
    wanted = read_id(database_id, "database_id")
    record = caller.get(wanted, "database")
    if record is None:
        raise not_found("database", wanted)
    return show(caller, "database", record)


@get("/v1/data_sources/{data_source_id:str}")
async def show_data_source(caller: NamedDependency[Caller], data_source_id: FromPath[str]) -> Answer:
    return show(caller, "data_source", _data_source(caller, data_source_id))


@post("/v1/data_sources/{data_source_id:str}/query", status_code=200)
async def query_data_source(request: Call, caller: NamedDependency[Caller], data_source_id: FromPath[str]) -> Answer:
    read_query(request)
    source = _data_source(caller, data_source_id)
    asked = await read_body(request, Query)
    rows = rows_of(asked, source.id, caller.records("row"), caller.version)
    part = part_of([row.id for row in rows], asked.start_cursor, asked.page_size)
    results = [show(caller, "row", row) for row in rows[part.start : part.end]]
    return part.answer("page_or_data_source", results) | {"request_status": part.status}


@get("/v1/users")
async def list_users(request: Call, caller: NamedDependency[Caller]) -> Answer:
    return _listed(users_of(caller), "user", read_query(request))


@get("/v1/users/me")
async def show_me(caller: NamedDependency[Caller]) -> Answer:
    return show_bot(caller)


OBJECT_CALLS: list[ControllerRouterHandler] = [
    search,
    show_page,
    show_markdown,
    list_children,
    show_database,
    show_data_source,
    query_data_source,
    list_users,
    show_me,
]


def _listed(items: list[Answer], type_name: str, asked: dict[str, str]) -> Answer:
    part = part_of([item["id"] for item in items], asked.get("start_cursor"), read_page_size(asked), where="query")
    return part.answer(type_name, items[part.start : part.end])


def _page(caller: Caller, page_id: str, what: str = "page") -> tuple[str, Record]:
    """A page or a row, with its kind. Raises NotionError."""
    for kind in ("page", "row"):
        record = caller.get(page_id, kind)
        if record is not None:
            return kind, record
    raise not_found(what, page_id)


def _data_source(caller: Caller, given_id: str) -> Record:
    """Raises NotionError."""
    if caller.version == DATABASES_ONLY:
        raise NotionError(400, "invalid_request_url", "Invalid request URL.")
    wanted = read_id(given_id, "data_source_id")
    record = caller.get(wanted, "data_source")
    if record is None:
        raise not_found("data_source", wanted)
    return record
