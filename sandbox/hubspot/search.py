"""HubSpot's search: filters, sorts and limits (developers.hubspot.com, CRM search guide)."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from msgspec import Struct

from sandbox.core.json_input import InputUnreadable, read_json
from sandbox.core.moments import parse_moment
from sandbox.core.records import Record
from sandbox.hubspot.records import DATES

MAX_BODY_CHARACTERS = 3000
MAX_RESULTS = 10_000
MAX_LIMIT = 200
MAX_GROUPS, MAX_FILTERS_PER_GROUP, MAX_FILTERS = 5, 6, 18
QUERIED = ("firstname", "lastname", "email", "phone", "company", "name", "domain", "dealname")

Operator = Literal[
    "EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN",
]  # fmt: skip
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
Comparable = tuple[int, float, str]
Value = str | int | float | bool


class SearchRefused(ValueError):
    """A search that HubSpot answers with 400."""


class Filter(Struct, rename="camel"):
    property_name: str
    operator: Operator
    value: Value | None = None
    high_value: Value | None = None
    values: list[Value] | None = None


class FilterGroup(Struct):
    filters: list[Filter]


class Sort(Struct, rename="camel"):
    property_name: str
    direction: Literal["ASCENDING", "DESCENDING"] = "ASCENDING"


class Search(Struct, rename="camel"):
    """Partial bodies are valid, whatever the published schema calls required."""

    filter_groups: list[FilterGroup] = []
    sorts: list[Sort | str] = []
    query: str = ""
    properties: list[str] = []
    limit: int = 10
    after: str | int | None = None

    def offset(self) -> int:
        after = str(self.after or 0)
        if not (after.isascii() and after.isdecimal() and len(after) < 10):
            raise SearchRefused(f"after {after!r} is not a position in this search")
        return int(after)


def read_search(body: bytes) -> Search:
    """Raises SearchRefused."""
    if len(body.decode(errors="replace")) > MAX_BODY_CHARACTERS:
        raise SearchRefused(f"The request body is longer than {MAX_BODY_CHARACTERS} characters.")
    try:
        search = read_json(body, Search)
    except InputUnreadable as error:
        raise SearchRefused(f"Invalid input JSON: {error}") from error
    _check(search)
    return search


def _check(search: Search) -> None:
    groups = [group.filters for group in search.filter_groups]
    if len(groups) > MAX_GROUPS or any(len(filters) > MAX_FILTERS_PER_GROUP for filters in groups):
        raise SearchRefused(f"At most {MAX_GROUPS} filter groups of {MAX_FILTERS_PER_GROUP} filters are allowed.")
    if sum(map(len, groups)) > MAX_FILTERS:
        raise SearchRefused(f"At most {MAX_FILTERS} filters are allowed in all.")
    if len(search.sorts) > 1:
        raise SearchRefused("Only one sort is allowed.")
    if not 1 <= search.limit <= MAX_LIMIT:
        raise SearchRefused(f"limit must be between 1 and {MAX_LIMIT}.")
    if search.offset() + search.limit > MAX_RESULTS:
        raise SearchRefused(f"No search returns more than {MAX_RESULTS} results: after and limit lead beyond.")


def matching(search: Search, records: Iterable[Record], known: Callable[[str], bool]) -> list[Record]:
    """All that match, sorted; by creation where no sort is given. Raises SearchRefused for what ``known`` denies."""
    tests = [[_test(f, known) for f in group.filters] for group in search.filter_groups]
    words = search.query.lower().split()
    found = [
        record
        for record in records
        if (not tests or any(all(test(record) for test in group) for group in tests))
        and (not words or _mentions(record, words))
    ]
    for sort in search.sorts:
        by = Sort(sort) if isinstance(sort, str) else sort
        if not known(by.property_name):
            raise SearchRefused(f"Property {by.property_name!r} does not exist.")
        key = _sort_key(by.property_name)
        found.sort(key=key, reverse=by.direction == "DESCENDING")
    return found


def _test(asked: Filter, known: Callable[[str], bool]) -> Callable[[Record], bool]:
    """One filter as a function; its own values are read once, not once per record."""
    name, operator = asked.property_name, asked.operator
    if not known(name):
        raise SearchRefused(f"Property {name!r} does not exist.")
    if operator == "HAS_PROPERTY":
        return lambda r: bool(r[name])
    if operator == "NOT_HAS_PROPERTY":
        return lambda r: not r[name]
    if operator in ("IN", "NOT_IN"):
        wanted = {_bound(name, value) for value in _required(asked.values, "values", operator)}
        return lambda r: ((value := r[name]) is not None and _comparable(name, value) in wanted) == (operator == "IN")
    value = _required(asked.value, "value", operator)
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        return lambda r: _contains(r[name], str(value)) == (operator == "CONTAINS_TOKEN")
    bound = _bound(name, value)
    if operator == "NEQ":
        return lambda r: (found := r[name]) is None or _comparable(name, found) != bound
    high = _bound(name, _required(asked.high_value, "highValue", operator)) if operator == "BETWEEN" else bound
    holds = COMPARISONS[operator]
    return lambda r: (found := r[name]) is not None and holds(_comparable(name, found), bound, high)


COMPARISONS: dict[str, Callable[[Comparable, Comparable, Comparable], bool]] = {
    "EQ": lambda value, bound, _: value == bound,
    "LT": lambda value, bound, _: value < bound,
    "LTE": lambda value, bound, _: value <= bound,
    "GT": lambda value, bound, _: value > bound,
    "GTE": lambda value, bound, _: value >= bound,
    "BETWEEN": lambda value, low, high: low <= value <= high,
}


def _required(given: Any, field: str, operator: str) -> Any:
    if given is None:
        raise SearchRefused(f"{operator} needs {field}.")
    return given


def _comparable(name: str, value: str) -> Comparable:
    """Numbers as numbers, dates as moments, all else as text without case; numbers come before text."""
    if name in DATES:
        return (1, 0, value)
    if NUMBER.fullmatch(value):
        return (0, float(value) if "." in value else int(value), "")
    return (1, 0, value.casefold())


def _bound(name: str, value: Value) -> Comparable:
    """What is asked for. A record's own dates have the form that sorts as time does; these may have others."""
    try:
        return _comparable(name, parse_moment(str(value)) if name in DATES else str(value))
    except (ValueError, OverflowError) as error:
        raise SearchRefused(f"{name} {value!r} is neither ISO 8601 nor Unix milliseconds.") from error


def _sort_key(name: str) -> Callable[[Record], tuple[bool, Comparable]]:
    def key(record: Record) -> tuple[bool, Comparable]:
        value = record[name]
        return (value is not None, (0, 0, "") if value is None else _comparable(name, value))

    return key


def _contains(value: str | None, token: str) -> bool:
    """Tokens are the words of a value; ``*`` at an end stands for the rest of a word."""
    words = (value or "").lower().replace("@", " ").replace(".", " ").split()
    wanted = token.lower()
    if wanted.strip("*") and (wanted.startswith("*") or wanted.endswith("*")):
        core = wanted.strip("*")
        if wanted.startswith("*") and wanted.endswith("*"):
            return core in (value or "").lower()
        return any(word.endswith(core) if wanted.startswith("*") else word.startswith(core) for word in words)
    return wanted in words or wanted == (value or "").lower()


def _mentions(record: Record, words: Sequence[str]) -> bool:
    text = " ".join(str(record[name] or "") for name in QUERIED).lower()
    return all(word in text for word in words)
