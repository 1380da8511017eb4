"""Airtable's API: who calls, their bases, the tables of one and the records of one table."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from sandbox.airtable.access import (
    DATA,
    EMAIL,
    SCHEMA,
    USER_CALLS,
    Call,
    Caller,
    address_query,
    caller_of,
)
from sandbox.airtable.errors import AirtableError, NotFound, invalid_request
from sandbox.airtable.fields import FIELDS, show_record, show_table
from sandbox.airtable.formula import read_formula
from sandbox.airtable.memory import AirtableMemory
from sandbox.airtable.query import (
    ListQuery,
    check_view,
    read_list_body,
    read_list_query,
    read_one_query,
    shown_fields,
    sort_records,
)
from sandbox.core.consent import single_values
from sandbox.core.records import Record
from sandbox.core.world import World

BASES_PAGE = 1000

Answer = dict[str, Any]


@get("/v0/meta/whoami")
async def who_am_i(request: Call, world: NamedDependency[World], memory: NamedDependency[AirtableMemory]) -> Answer:
    caller = caller_of(request, world, memory)
    caller.count_call("user", USER_CALLS)
    email = {"email": caller.account.user_email} if EMAIL in caller.grant.scopes else {}
    return {"id": caller.account.user_id, **email, "scopes": caller.grant.scopes}


@get("/v0/meta/bases")
async def list_bases(request: Call, world: NamedDependency[World], memory: NamedDependency[AirtableMemory]) -> Answer:
    caller = caller_of(request, world, memory)
    caller.count_call("user", USER_CALLS)
    caller.need(SCHEMA)
    asked = _single(request, "offset")
    page, offset = _page(
        caller,
        "bases",
        asked.get("offset", ""),
        BASES_PAGE,
        every=lambda: list(caller.records("base").live()),
        still_there=lambda base_id: caller.living("base", base_id),
    )
    shown = [
        # One that was added has no level of its own: who adds a base may do anything in it.
        {"id": base.id, "name": base["name"], "permissionLevel": base["permissionLevel"] or "create"}
        for base in page
    ]
    return {"bases": shown, **offset}


@get("/v0/meta/bases/{base_id:str}/tables")
async def show_schema(
    request: Call, world: NamedDependency[World], memory: NamedDependency[AirtableMemory], base_id: FromPath[str]
) -> Answer:
    caller = caller_of(request, world, memory)
    base = caller.base(base_id)
    caller.need(SCHEMA)
    included = _single(request, "include", "include[]").values()
    if set(included) - {"visibleFieldIds"}:
        raise invalid_request()
    return {"tables": [show_table(table, visible_field_ids=bool(included)) for table in caller.tables(base)]}


@get("/v0/{base_id:str}/{table_name:str}")
async def list_records(
    request: Call,
    world: NamedDependency[World],
    memory: NamedDependency[AirtableMemory],
    base_id: FromPath[str],
    table_name: FromPath[str],
) -> Answer:
    caller, table = _table(caller_of(request, world, memory), base_id, table_name)
    return _records_page(caller, table, read_list_query(address_query(request)))


@post("/v0/{base_id:str}/{table_name:str}/listRecords", status_code=200)
async def list_records_by_body(
    request: Call,
    world: NamedDependency[World],
    memory: NamedDependency[AirtableMemory],
    base_id: FromPath[str],
    table_name: FromPath[str],
) -> Answer:
    caller, table = _table(caller_of(request, world, memory), base_id, table_name)
    query = read_list_body(request.content_type[0], await request.body(), address_query(request))
    return _records_page(caller, table, query)


@get("/v0/{base_id:str}/{table_name:str}/{record_id:str}")
async def show_one(
    request: Call,
    world: NamedDependency[World],
    memory: NamedDependency[AirtableMemory],
    base_id: FromPath[str],
    table_name: FromPath[str],
    record_id: FromPath[str],
) -> Answer:
    caller, table = _table(caller_of(request, world, memory), base_id, table_name)
    query = read_one_query(address_query(request))
    record = caller.record(table, record_id)
    if record is None:
        raise NotFound
    return show_record(record, FIELDS, by_id=query.return_fields_by_field_id)


API_CALLS: list[ControllerRouterHandler] = [
    who_am_i,
    list_bases,
    show_schema,
    list_records,
    list_records_by_body,
    show_one,
]


def _table(caller: Caller, base_id: str, table_name: str) -> tuple[Caller, Record]:
    base = caller.base(base_id)
    caller.need(DATA)
    return caller, caller.table(base, table_name)


def _records_page(caller: Caller, table: Record, query: ListQuery) -> Answer:
    check_view(query, table.id)
    fields, test = shown_fields(query, table.id), read_formula(query.filter_by_formula, table.id)

    def every() -> list[Record]:
        found = [r for r in caller.records("record").live() if r["tableId"] == table.id and test(r)]
        sort_records(found, query, table.id)
        return found[: query.max_records] if isinstance(query.max_records, int) else found

    page, offset = _page(
        caller,
        (table.id, query.question()),
        query.offset,
        query.page_size,
        every=every,
        still_there=lambda record_id: caller.record(table, record_id),
    )
    shown = [show_record(record, fields, by_id=query.return_fields_by_field_id) for record in page]
    return {"records": shown, **offset}


def _page(
    caller: Caller,
    question: Hashable,
    offset: str,
    size: int,
    *,
    every: Callable[[], Sequence[Record]],
    still_there: Callable[[str], Record | None],
) -> tuple[list[Record], dict[str, str]]:
    """A page of what was there when its list began, without what has gone since, and the ``offset`` of the next one.
    Raises AirtableError."""
    iterators, now, owner = caller.memory.iterators, caller.world.now(), (caller.grant.id, question)
    if offset:
        resumed = iterators.resume(offset, owner, now)
        if resumed is None:
            message = "The offset is unknown or too old. Begin the list again."
            raise AirtableError(422, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE", message)
        walk, start = resumed
    else:
        walk, start = iterators.begin(owner, [record.id for record in every()], now), 0
    page: list[Record] = []
    for position in range(start, len(walk.ids)):
        record = still_there(walk.ids[position])
        if record is None:
            continue
        if len(page) == size:
            return page, {"offset": iterators.offset(walk, position, now)}
        page.append(record)
    return page, {}


def _single(request: Call, *allowed: str) -> dict[str, str]:
    """Parameters that are given once each. Raises AirtableError."""
    try:
        given = single_values(address_query(request))
    except ValueError as error:
        raise invalid_request() from error
    if set(given) - set(allowed):
        raise invalid_request()
    return given
