"""What a caller may ask of a list of records: the same names in an address and in a JSON body."""

import re
from collections.abc import Callable, Hashable, Sequence
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from sandbox.airtable.errors import AirtableError, invalid_request
from sandbox.airtable.fields import FIELDS, VIEW_NAME, Field, find_field, view_id
from sandbox.core.json_input import InputUnreadable, read_json
from sandbox.core.records import Record

T = TypeVar("T")

MAX_PAGE = 100
MAX_PARAMETERS = 1000
ONLY_IN_ADDRESS = ("timeZone", "userLocale")
"""Airtable's own clients leave these in the address when all else is in the body."""
_LISTED = re.compile(r"(fields|recordMetadata)\[\d{0,3}\]", re.ASCII)
_SORT = re.compile(r"sort\[(\d{1,3})\]\[(field|direction)\]", re.ASCII)


class Sort(Struct, forbid_unknown_fields=True, frozen=True):
    field: str
    direction: Literal["asc", "desc"] = "asc"


class OneQuery(Struct, rename="camel", forbid_unknown_fields=True):
    """For one record. What says how cells are written is taken, and cells stay as they are."""

    return_fields_by_field_id: bool = False
    cell_format: Literal["json", "string"] = "json"
    time_zone: str = ""
    user_locale: str = ""


class ListQuery(OneQuery, rename="camel", forbid_unknown_fields=True):
    page_size: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = MAX_PAGE
    max_records: Annotated[int, Meta(ge=1)] | UnsetType = UNSET
    offset: str = ""
    fields: list[str] | UnsetType = UNSET
    sort: list[Sort] = []
    view: str = ""
    filter_by_formula: str = ""
    record_metadata: list[Literal["commentCount"]] = []

    def question(self) -> Hashable:
        """What must stay the same from page to page."""
        return self.max_records, tuple(self.sort), self.view, self.filter_by_formula


def read_one_query(address: str) -> OneQuery:
    """Raises AirtableError."""
    return _converted(_parameters(address), OneQuery)


def read_list_query(address: str) -> ListQuery:
    """Raises AirtableError."""
    return _converted(_parameters(address), ListQuery)


def read_list_body(content_type: str, body: bytes, address: str) -> ListQuery:
    """Raises AirtableError."""
    if set(_parameters(address)) - set(ONLY_IN_ADDRESS):
        raise invalid_request()
    if content_type != "application/json":
        raise _unreadable()
    try:
        asked = read_json(body, dict[str, Any])
    except InputUnreadable as error:
        raise _unreadable() from error
    return _converted(asked, ListQuery, strict=True)


def shown_fields(query: ListQuery, table_id: str) -> Sequence[Field]:
    """Raises AirtableError."""
    if query.fields is UNSET:
        return FIELDS
    wanted = [_field(table_id, name) for name in query.fields]
    return [field for field in FIELDS if field in wanted]


def check_view(query: ListQuery, table_id: str) -> None:
    """Raises AirtableError."""
    if query.view and query.view not in (VIEW_NAME, view_id(table_id)):
        raise AirtableError(422, "VIEW_NAME_NOT_FOUND", f"View {query.view} not found")


def sort_records(records: list[Record], query: ListQuery, table_id: str) -> None:
    """In place; empty cells come first. Raises AirtableError."""
    for sort in reversed(query.sort):
        records.sort(key=_sort_key(_field(table_id, sort.field).name), reverse=sort.direction == "desc")


def _sort_key(name: str) -> Callable[[Record], tuple[bool, Any]]:
    def key(record: Record) -> tuple[bool, Any]:
        value = record[name]
        if value is None:
            return (False, 0)
        return (True, value.casefold() if isinstance(value, str) else value)

    return key


def _field(table_id: str, name: str) -> Field:
    field = find_field(table_id, name)
    if field is None:
        raise AirtableError(422, "UNKNOWN_FIELD_NAME", f'Unknown field name: "{name}"')
    return field


def _parameters(address: str) -> dict[str, Any]:
    """An address's query in the shape of the JSON body. Raises AirtableError."""
    try:
        pairs = parse_qsl(address, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError as error:
        raise invalid_request() from error
    found: dict[str, Any] = {}
    sorts: dict[int, dict[str, str]] = {}
    for name, value in pairs:
        if listed := _LISTED.fullmatch(name):
            found.setdefault(listed[1], []).append(value)
            continue
        sort = _SORT.fullmatch(name)
        target, key = (sorts.setdefault(int(sort[1]), {}), sort[2]) if sort else (found, name)
        if key in target:
            raise invalid_request(f"{name} is given twice")
        target[key] = value
    return found | ({"sort": [sorts[n] for n in sorted(sorts)]} if sorts else {})


def _converted(given: dict[str, Any], shape: type[T], *, strict: bool = False) -> T:
    try:
        return msgspec.convert(given, shape, strict=strict)
    except msgspec.ValidationError as error:
        raise invalid_request() from error


def _unreadable() -> AirtableError:
    return AirtableError(422, "INVALID_REQUEST_BODY", "Could not parse request body")
