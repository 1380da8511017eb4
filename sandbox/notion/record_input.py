"""From Notion's shape of a page, a database or a data source to the values of a record."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.core.moments import parse_moment
from sandbox.core.provider import Kind
from sandbox.notion.records import STATUSES, WORKSPACE, hyphenated, index_of
from sandbox.notion.shapes import OBJECTS, SCHEMA

DERIVED = {
    "object", "created_by", "last_edited_by", "in_trash", "archived", "is_archived", "is_locked", "icon", "cover",
    "url", "public_url",
}  # fmt: skip
"""Taken, so that an answer can be sent back, and not looked at."""
KEPT = {"id", "title", "parent", "created_time", "last_edited_time"}
OWN = {
    "page": {"properties", "markdown"},
    "row": {"properties", "markdown"},
    "database": {"description", "is_inline", "data_sources", "properties"},
    "data_source": {"description", "is_inline", "database_parent", "properties"},
}
PARENTS = {
    "page": ("page_id", "workspace"),
    "row": ("data_source_id",),
    "database": ("page_id", "workspace"),
    "data_source": ("database_id",),
}


def read_record(kind: Kind, shape: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The id, if there is one, and values. ``title`` may stand for a page's title property too. Raises ValueError."""
    allowed = KEPT | OWN[kind.name]
    if unknown := set(shape) - allowed - DERIVED:
        raise ValueError(f"unknown field {min(unknown)}; a {kind.name} has {', '.join(sorted(allowed))}")
    if shape.get("object", OBJECTS[kind.name]) != OBJECTS[kind.name]:
        raise ValueError(f"the object of a {kind.name} is {OBJECTS[kind.name]}")
    if shape.get("in_trash") or shape.get("archived"):
        raise ValueError("records are put into the trash by delete")
    values: dict[str, Any] = {}
    for name in ("created_time", "last_edited_time"):
        if name in shape:
            values[name] = _moment(name, shape[name])
    if "title" in shape:
        values["title"] = _runs(shape["title"])
    if "parent" in shape:
        values["parent"] = _parent(kind.name, shape["parent"])
    if "markdown" in shape:
        values["markdown"] = _text("markdown", shape["markdown"])
    if "properties" in shape:
        values |= _properties(kind.name, shape["properties"])
    return _id(kind, shape.get("id")), values


def _id(kind: Kind, given: Any) -> str | None:
    if given is None:
        return None
    record_id = hyphenated(given) if isinstance(given, str) else None
    if record_id is None:
        raise ValueError(f"id {given!r} is not a UUID")
    for other in OWN.keys() - {kind.name}:
        if index_of(other, record_id) is not None:
            raise ValueError(f"id {given!r} is that of a {other}")
    return record_id


def _parent(kind: str, given: Any) -> dict[str, Any]:
    names = PARENTS[kind]
    found = [name for name in names if isinstance(given, dict) and name in given]
    if not found or given.get("type", found[0]) != found[0]:
        raise ValueError(f"the parent of a {kind} has {' or '.join(names)}")
    if found[0] == "workspace":
        return WORKSPACE
    parent_id = hyphenated(_text(f"parent.{found[0]}", given[found[0]]))
    if parent_id is None:
        raise ValueError(f"parent.{found[0]} is not a UUID")
    return {"type": found[0], found[0]: parent_id}


def _properties(kind: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ValueError("properties must be an object")
    if kind in ("database", "data_source"):
        if given != SCHEMA:
            raise ValueError(f"the properties of a {kind} cannot be changed")
        return {}
    readers = ROW_PROPERTIES if kind == "row" else PAGE_PROPERTIES
    if unknown := set(given) - set(readers):
        raise ValueError(f"unknown property {min(unknown)}; a {kind} has {', '.join(readers)}")
    values = {}
    for key, value in given.items():
        name, type_name, read = readers[key]
        if not isinstance(value, dict) or type_name not in value:
            raise ValueError(f"properties.{key} must be an object with {type_name}")
        values[name] = read(value[type_name])
    return values


def _runs(given: Any) -> list[str]:
    """The runs of a rich text, without their formatting; a plain string is one."""
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list):
        raise ValueError("a title must be a string or a list of rich text")
    return [_run(item) for item in given]


def _run(item: Any) -> str:
    text = item.get("text") if isinstance(item, dict) else None
    if isinstance(text, dict) and isinstance(text.get("content"), str):
        return str(text["content"])
    if isinstance(item, dict) and isinstance(item.get("plain_text"), str):
        return str(item["plain_text"])
    raise ValueError("rich text has text.content or plain_text")


def _status(given: Any) -> str | None:
    name = given.get("name") if isinstance(given, dict) else given
    if name is not None and name not in STATUSES:
        raise ValueError(f"Status is one of {', '.join(STATUSES)}")
    return name


def _number(given: Any) -> int | float | None:
    if given is None or (isinstance(given, int | float) and not isinstance(given, bool)):
        return given
    raise ValueError("a number must be a number or null")


def _date(given: Any) -> dict[str, Any] | None:
    if given is None:
        return None
    if not isinstance(given, dict) or "start" not in given:
        raise ValueError("a date must be an object with start, or null")
    for name in ("start", "end"):
        if given.get(name) is not None:
            datetime.fromisoformat(_text(f"date.{name}", given[name]))
    return {"start": _text("date.start", given["start"]), "end": given.get("end")}


def _text(name: str, given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError(f"{name} must be a string")
    return given


def _moment(name: str, given: Any) -> str:
    try:
        return parse_moment(_text(name, given))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} {given!r} is not ISO 8601") from error


Reader = tuple[str, str, Callable[[Any], Any]]
PAGE_PROPERTIES: dict[str, Reader] = {"title": ("title", "title", _runs)}
ROW_PROPERTIES: dict[str, Reader] = {
    "Name": ("title", "title", _runs),
    "title": ("title", "title", _runs),
    "Status": ("Status", "select", _status),
    "Amount": ("Amount", "number", _number),
    "Due": ("Due", "date", _date),
}
"""By name, the title by its id too, as Notion takes it: the value's name, its type, how it is read."""
