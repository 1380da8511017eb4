"""Airtable's bases, tables and records as seeds, and how each is read from Airtable's shape."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.airtable.fields import FIELDS, STATUSES
from sandbox.airtable.ids import id_of, is_id, number_of
from sandbox.core.moments import moment, parse_moment
from sandbox.core.people import FIRST_NAMES, LAST_NAMES, MAIL_DOMAINS, company, pick, scatter
from sandbox.core.provider import ACME, Kind
from sandbox.core.records import FIRST_ADDED, Column, Seed

BEGINNING = 1_704_067_200
"""2024-01-01, Unix seconds: no seeded record is older, and none is younger than two years later."""
YEAR = 365 * 24 * 3600
TABLES_PER_BASE = 2
SMALL_ROWS = 10
"""The first rows of all lie in the first two tables: a small account has no others."""
FIRST_TABLES = ("Contacts", "Customers", "Suppliers", "Members")
SECOND_TABLES = ("Tasks", "Orders", "Events", "Invoices")
PREFIXES = {"base": "app", "table": "tbl", "record": "rec"}
SHAPE_FIELDS = {
    "base": ("id", "name"),
    "table": ("id", "baseId", "name"),
    "record": ("id", "baseId", "tableId", "createdTime", "fields"),
}


def kinds(seed: int) -> tuple[Kind, ...]:
    return (
        Kind(("base", "bases"), _seed("app", seed, _bases(seed)), {ACME: 3, "globex": 1}),
        Kind(("table", "tables"), _seed("tbl", seed, _tables(seed)), {ACME: 6, "globex": 2}),
        Kind(("record", "records"), _seed("rec", seed, _records(seed)), {ACME: 150, "globex": 7}),
    )


def table_of(index: int) -> int:
    """The number of the table in which a record lies. Three in four are in the first, which is longer than a page."""
    if index < SMALL_ROWS:
        return index % TABLES_PER_BASE
    return 0 if index % 4 else 1 + index // 4 % 5


def read_record(kind: Kind, shape: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """From Airtable's shape, with the ids of its parents, to an id, if there is one, and values; cells that are not
    named stay. A record's ``baseId`` is only read: a table's id leads to its base. Raises ValueError."""
    allowed = SHAPE_FIELDS[kind.name]
    if unknown := set(shape) - set(allowed):
        raise ValueError(f"unknown field {min(unknown)}; a {kind.name} has {', '.join(allowed)}")
    record_id = None if shape.get("id") is None else _read_id(shape, "id", PREFIXES[kind.name])
    if kind.name == "base":
        return record_id, {"name": _read_name(shape)}
    base_id = _read_id(shape, "baseId", "app")
    if kind.name == "table":
        return record_id, {"baseId": base_id, "name": _read_name(shape)}
    values = {"tableId": _read_id(shape, "tableId", "tbl"), **_read_cells(shape.get("fields", {}))}
    if "createdTime" in shape:
        values["createdTime"] = _read_time(shape["createdTime"])
    return record_id, values


def _read_id(shape: dict[str, Any], name: str, prefix: str) -> str:
    given = shape.get(name)
    if not (isinstance(given, str) and is_id(prefix, given)):
        raise ValueError(f"{name} {given!r} is not an id: {prefix} and 14 letters or digits")
    return given


def _read_name(shape: dict[str, Any]) -> str:
    name = shape.get("name")
    if not (isinstance(name, str) and name.strip()):
        raise ValueError("name must be a string that is not empty")
    return name


def _read_cells(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ValueError("fields must be an object")
    known = {field.name: field for field in FIELDS}
    if unknown := set(given) - set(known):
        raise ValueError(f"unknown field fields.{min(unknown)}; every table has {', '.join(known)}")
    return {name: known[name].read(value) for name, value in given.items()}


def _read_time(given: Any) -> str:
    try:
        return parse_moment(str(given))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"createdTime {given!r} is not ISO 8601") from error


def _seed(prefix: str, seed: int, columns: dict[str, Column]) -> Seed:
    return Seed(
        columns={
            "id": _ids(prefix),
            **columns,
            "createdTime": lambda i: moment(_created(seed, i)),
            "modifiedTime": lambda i: moment(_created(seed, i) + scatter(seed, i, 21) % YEAR),
        },
        index_of=lambda record_id: _index_of(prefix, record_id),
        new_id=lambda n: id_of(prefix, FIRST_ADDED + n),
        id_name="id",
        created_name="createdTime",
        changed_name="modifiedTime",
    )


def _ids(prefix: str) -> Callable[[int], str]:
    return lambda index: id_of(prefix, index)


def _index_of(prefix: str, record_id: str) -> int | None:
    number = number_of(prefix, record_id)
    return number if number is not None and number < FIRST_ADDED else None


def _bases(seed: int) -> dict[str, Column]:
    return {
        "name": lambda i: f"{company(seed, i)} {pick(('planner', 'tracker', 'inventory'), seed, i, 1)}",
        "permissionLevel": lambda i: pick(("create", "edit", "read"), seed, i, 2),
    }


def _tables(seed: int) -> dict[str, Column]:
    return {
        "baseId": lambda i: id_of("app", i // TABLES_PER_BASE),
        "name": lambda i: pick((FIRST_TABLES, SECOND_TABLES)[i % TABLES_PER_BASE], seed, i, 3),
    }


def _records(seed: int) -> dict[str, Column]:
    def name(index: int) -> str:
        return f"{pick(FIRST_NAMES, seed, index, 4)} {pick(LAST_NAMES, seed, index, 5)}"

    def some(index: int, salt: int) -> bool:
        """False for one cell in five, which is empty."""
        return scatter(seed, index, salt) % 5 > 0

    return {
        "tableId": lambda i: id_of("tbl", table_of(i)),
        "Name": lambda i: f"{name(i)} {i + 1}",
        "Amount": lambda i: scatter(seed, i, 7) % 10_000 if some(i, 6) else None,
        "Status": lambda i: pick(STATUSES, seed, i, 8),
        "Done": lambda i: scatter(seed, i, 9) % 2 == 0,
        "Due": lambda i: _day(_created(seed, i) + 30 * 24 * 3600) if some(i, 10) else None,
        "Email": lambda i: f"{name(i).replace(' ', '.').lower()}.{i + 1}@{pick(MAIL_DOMAINS, seed, i, 11)}",
    }


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _created(seed: int, index: int) -> int:
    return BEGINNING + scatter(seed, index, 20) % YEAR
