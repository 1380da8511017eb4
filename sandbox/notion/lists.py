"""Notion's lists: pages of a list, search, and the query of a data source."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, structs

from sandbox.core.moments import parse_moment
from sandbox.core.records import Record, Records
from sandbox.notion.caller import DATABASES_ONLY, NEWEST
from sandbox.notion.errors import invalid
from sandbox.notion.records import hyphenated
from sandbox.notion.shapes import data_source_id_of, title_of, to_the_minute

MAX_PAGE = 100
MAX_RESULTS = 10_000
"""No query shows more, however it is paged."""

Direction = Literal["ascending", "descending"]
Timestamp = Literal["created_time", "last_edited_time"]
Comparison = Callable[[str, str], bool]


class SearchSort(Struct, forbid_unknown_fields=True):
    timestamp: Literal["last_edited_time"] | UnsetType = UNSET
    direction: Direction | UnsetType = UNSET
    property: Literal["relevance"] | UnsetType = UNSET


class SearchFilter(Struct, frozen=True, forbid_unknown_fields=True):
    property: Literal["object"] | UnsetType = UNSET
    value: str | UnsetType = UNSET
    in_trash: bool = False


class Search(Struct, forbid_unknown_fields=True):
    query: str = ""
    sort: SearchSort | UnsetType = UNSET
    filter: SearchFilter = SearchFilter()
    start_cursor: str | None = None
    page_size: int = MAX_PAGE


class Condition(Struct, forbid_unknown_fields=True):
    after: str | UnsetType = UNSET
    on_or_after: str | UnsetType = UNSET
    before: str | UnsetType = UNSET
    on_or_before: str | UnsetType = UNSET


class TimestampFilter(Struct, forbid_unknown_fields=True):
    """The one kind of filter that is played."""

    timestamp: Timestamp
    created_time: Condition | UnsetType = UNSET
    last_edited_time: Condition | UnsetType = UNSET


class QuerySort(Struct, forbid_unknown_fields=True):
    timestamp: Timestamp
    direction: Direction


class Query(Struct, forbid_unknown_fields=True):
    sorts: list[QuerySort] = []
    filter: TimestampFilter | UnsetType = UNSET
    start_cursor: str | None = None
    page_size: int = MAX_PAGE
    in_trash: bool = False
    archived: bool | UnsetType = UNSET
    result_type: Literal["page", "data_source"] = "page"


COMPARISONS: dict[str, Comparison] = {
    "after": lambda value, bound: value > bound,
    "on_or_after": lambda value, bound: value >= bound,
    "before": lambda value, bound: value < bound,
    "on_or_before": lambda value, bound: value <= bound,
}


@dataclass(frozen=True, slots=True)
class Part:
    """One page of a list."""

    start: int
    end: int
    next_cursor: str | None
    complete: bool = True
    """False on the last page of a list that was cut off."""

    def answer(self, type_name: str, results: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "object": "list",
            "results": results,
            "next_cursor": self.next_cursor,
            "has_more": self.next_cursor is not None,
            "type": type_name,
            type_name: {},
        }

    @property
    def status(self) -> dict[str, str]:
        if self.complete:
            return {"type": "complete"}
        return {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}


def part_of(ids: Sequence[str], cursor: str | None, size: int, *, where: str = "body") -> Part:
    """A cursor is the id of what comes next, wherever that stands by now. Raises NotionError."""
    if not 1 <= size <= MAX_PAGE:
        raise invalid(f"{where} failed validation: {where}.page_size should be 1 to {MAX_PAGE}, instead was `{size}`.")
    start, limit = 0, min(len(ids), MAX_RESULTS)
    if cursor is not None:
        next_id = hyphenated(cursor)
        if next_id is None:
            message = f'{where}.start_cursor should be a valid uuid, instead was `"{cursor}"`.'
            raise invalid(f"{where} failed validation: {message}")
        if next_id not in ids:
            raise invalid(f"The start_cursor provided is invalid: {cursor}.")
        start = ids.index(next_id)
    end = min(start + size, limit)
    if end < limit:
        return Part(start, end, ids[end])
    return Part(start, end, None, complete=len(ids) <= MAX_RESULTS)


def read_page_size(query: dict[str, str]) -> int:
    """Of a list that is asked for by GET. Raises NotionError."""
    text = query.get("page_size", str(MAX_PAGE))
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise invalid(f'query failed validation: query.page_size should be a number, instead was `"{text}"`.')
    return int(text)


def searched_kinds(search: Search, version: str) -> tuple[str, ...]:
    """Raises NotionError."""
    container = "database" if version == DATABASES_ONLY else "data_source"
    given = search.filter.value
    if (given is UNSET) != (search.filter.property is UNSET):
        raise invalid("body failed validation: body.filter.property and body.filter.value belong together.")
    if given is UNSET:
        return ("page", "row", container)
    if given not in ("page", container):
        message = f'body.filter.value should be `"page"` or `"{container}"`, instead was `"{given}"`.'
        raise invalid(f"body failed validation: {message}")
    return ("page", "row") if given == "page" else (container,)


def found(search: Search, kinds: Iterable[tuple[str, Records]]) -> list[tuple[str, Record]]:
    """All that match, with their kinds, in the order asked for: last edited first if none is. Raises NotionError."""
    sort = search.sort or SearchSort("last_edited_time", "descending")
    if (sort.property is UNSET) == (sort.timestamp is UNSET or sort.direction is UNSET):
        raise invalid("body failed validation: body.sort should have timestamp and direction.")
    words = search.query.lower()
    matching = [
        (kind, record)
        for kind, records in kinds
        for record in _present(records, in_trash=search.filter.in_trash)
        if not words or words in title_of(record).lower()
    ]
    matching.sort(key=lambda one: one[1]["last_edited_time"], reverse=sort.direction != "ascending")
    return matching


def rows_of(query: Query, data_source_id: str, rows: Records, version: str) -> list[Record]:
    """The rows of a data source that match, sorted; in their own order where no sort is given. Raises NotionError."""
    if query.archived is not UNSET and version == NEWEST:
        raise invalid("body failed validation: body.archived should be not present.")
    in_trash = query.in_trash if query.archived is UNSET else query.archived
    holds = _test(query.filter) if query.filter else lambda _: True
    if query.result_type == "data_source":
        return []
    matching = [
        row for row in _present(rows, in_trash=in_trash) if data_source_id_of(row) == data_source_id and holds(row)
    ]
    for sort in reversed(query.sorts):
        name = sort.timestamp
        matching.sort(key=lambda row, name=name: row[name], reverse=sort.direction == "descending")  # type: ignore[misc]
    return matching


def _present(records: Records, *, in_trash: bool) -> Iterable[Record]:
    return records.page(0, sys.maxsize, removed=True)[0] if in_trash else records.live()


def _test(asked: TimestampFilter) -> Callable[[Record], bool]:
    """What is compared is what is shown: a time without its seconds."""
    name = asked.timestamp
    others = {"created_time": asked.last_edited_time, "last_edited_time": asked.created_time}
    condition = asked.created_time if name == "created_time" else asked.last_edited_time
    if condition is UNSET or others[name] is not UNSET:
        raise invalid(f"body failed validation: body.filter should have {name} and no other condition.")
    given = [(key, bound) for key, bound in structs.asdict(condition).items() if bound is not UNSET]
    if len(given) != 1:
        raise invalid(f"body failed validation: body.filter.{name} should have one of {', '.join(COMPARISONS)}.")
    [(key, text)] = given
    try:
        bound = parse_moment(text)
    except (ValueError, OverflowError) as error:
        message = f'body.filter.{name}.{key} should be a valid ISO 8601 date string, instead was `"{text}"`.'
        raise invalid(f"body failed validation: {message}") from error
    compare = COMPARISONS[key]
    return lambda row: compare(to_the_minute(row[name]), bound)
