"""The shapes in which Notion shows pages, databases, data sources, blocks and users."""

import re
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sandbox.core.records import Record
from sandbox.notion.caller import DATABASES_ONLY, NEWEST, Caller, bot_id, owner
from sandbox.notion.records import STATUSES, WORKSPACE, id_of

OBJECTS = {"page": "page", "row": "page", "database": "database", "data_source": "data_source"}
"""What records of a kind are called in answers."""
PLAIN = {
    "bold": False, "italic": False, "strikethrough": False, "underline": False, "code": False, "color": "default",
}  # fmt: skip
OPTIONS = [
    {"id": f"option-{n}", "name": name, "color": color, "description": None}
    for n, (name, color) in enumerate(zip(STATUSES, ("gray", "blue", "green"), strict=True))
]
SCHEMA: dict[str, Any] = {
    "Name": {"id": "title", "name": "Name", "description": None, "type": "title", "title": {}},
    "Status": {
        "id": "stat", "name": "Status", "description": None, "type": "select", "select": {"options": OPTIONS},
    },
    "Amount": {
        "id": "amnt", "name": "Amount", "description": None, "type": "number", "number": {"format": "number"},
    },
    "Due": {"id": "due1", "name": "Due", "description": None, "type": "date", "date": {}},
}  # fmt: skip
"""Of every data source."""
BLOCK_TYPES = (("# ", "heading_1"), ("## ", "heading_2"), ("- ", "bulleted_list_item"))


def show(caller: Caller, kind: str, record: Record) -> dict[str, Any]:
    """A record as Notion answers it."""
    by = {"object": "user", "id": caller.account.user_id}
    trashed = record.removed_at is not None
    shown = {
        "object": OBJECTS[kind],
        "id": record.id,
        "created_time": to_the_minute(record["created_time"]),
        "last_edited_time": to_the_minute(record["last_edited_time"]),
        "created_by": by,
        "last_edited_by": by,
        "icon": None,
        "cover": None,
        "parent": _parent(caller, kind, record),
        "in_trash": trashed,
        "url": _url(record),
        "public_url": None,
    }
    if caller.version != NEWEST:
        shown["archived"] = trashed
    match kind:
        case "page":
            return shown | {"is_archived": False, "is_locked": False, "properties": {"title": _title_property(record)}}
        case "row":
            return shown | {"is_archived": False, "is_locked": False, "properties": _row_properties(record)}
        case "database":
            return shown | _database(caller, record)
        case _:
            return shown | _data_source(caller, record)


def markdown_of(record: Record) -> str:
    return str(record["markdown"] or "")


def title_of(record: Record) -> str:
    return "".join(record["title"] or [])


def to_the_minute(moment: str) -> str:
    """Notion keeps no seconds."""
    return f"{moment[:16]}:00.000Z"


def blocks_of(caller: Caller, record: Record) -> list[dict[str, Any]]:
    """A page's text, a block for each line."""
    lines = [line for line in markdown_of(record).splitlines() if line.strip()]
    return [_block(caller, record, n, line) for n, line in enumerate(lines)]


def users_of(caller: Caller) -> list[dict[str, Any]]:
    """The workspace's one person, and the bot that the connection is."""
    return [owner(caller.account), show_bot(caller)]


def show_bot(caller: Caller) -> dict[str, Any]:
    account = caller.account
    return {
        "object": "user",
        "id": bot_id(caller.grant),
        "type": "bot",
        "name": caller.grant.client_id,
        "avatar_url": None,
        "bot": {
            "owner": {"type": "user", "user": owner(account)},
            "workspace_id": account.id,
            "workspace_name": account.title,
        },
    }


def _block(caller: Caller, record: Record, n: int, line: str) -> dict[str, Any]:
    mark, block_type = next((known for known in BLOCK_TYPES if line.startswith(known[0])), ("", "paragraph"))
    by = {"object": "user", "id": caller.account.user_id}
    return {
        "object": "block",
        "id": str(uuid5(NAMESPACE_URL, f"block:{record.id}:{n}")),
        "parent": {"type": "page_id", "page_id": record.id},
        "created_time": to_the_minute(record["created_time"]),
        "last_edited_time": to_the_minute(record["last_edited_time"]),
        "created_by": by,
        "last_edited_by": by,
        "has_children": False,
        "in_trash": record.removed_at is not None,
        "type": block_type,
        block_type: {"rich_text": _rich_text([line.removeprefix(mark)]), "color": "default"},
    }


def _parent(caller: Caller, kind: str, record: Record) -> dict[str, Any]:
    parent: dict[str, Any] = record["parent"] or _first_parent(kind)
    if kind != "row":
        return parent
    source = caller.get(parent["data_source_id"], "data_source")
    if source is None:
        return parent
    database_id = _parent(caller, "data_source", source)["database_id"]
    if caller.version == DATABASES_ONLY:
        return {"type": "database_id", "database_id": database_id}
    return parent | {"database_id": database_id}


def _first_parent(kind: str) -> dict[str, Any]:
    """Of a record that was added without one."""
    match kind:
        case "row":
            return {"type": "data_source_id", "data_source_id": id_of("data_source", 0)}
        case "data_source":
            return {"type": "database_id", "database_id": id_of("database", 0)}
        case _:
            return WORKSPACE


def data_source_id_of(row: Record) -> str:
    return str((row["parent"] or _first_parent("row"))["data_source_id"])


def _database(caller: Caller, record: Record) -> dict[str, Any]:
    shown: dict[str, Any] = {"title": _rich_text(record["title"]), "description": [], "is_inline": False}
    if caller.version == DATABASES_ONLY:
        return shown | {"properties": SCHEMA}
    sources = [
        {"id": source.id, "name": title_of(source)}
        for source in caller.records("data_source").live()
        if _parent(caller, "data_source", source)["database_id"] == record.id
    ]
    return shown | {"is_locked": False, "data_sources": sources}


def _data_source(caller: Caller, record: Record) -> dict[str, Any]:
    database = caller.get(_parent(caller, "data_source", record)["database_id"], "database")
    return {
        "title": _rich_text(record["title"]),
        "description": [],
        "is_inline": False,
        "database_parent": _parent(caller, "database", database) if database else WORKSPACE,
        "properties": SCHEMA,
    }


def _row_properties(record: Record) -> dict[str, Any]:
    status, due = record["Status"], record["Due"]
    option = next(({k: o[k] for k in ("id", "name", "color")} for o in OPTIONS if o["name"] == status), None)
    return {
        "Name": _title_property(record),
        "Status": {"id": "stat", "type": "select", "select": option},
        "Amount": {"id": "amnt", "type": "number", "number": record["Amount"]},
        "Due": {"id": "due1", "type": "date", "date": due and due | {"time_zone": None}},
    }


def _title_property(record: Record) -> dict[str, Any]:
    return {"id": "title", "type": "title", "title": _rich_text(record["title"])}


def _rich_text(runs: list[str] | None) -> list[dict[str, Any]]:
    return [
        {
            "type": "text",
            "text": {"content": run, "link": None},
            "annotations": PLAIN,
            "plain_text": run,
            "href": None,
        }
        for run in runs or []
    ]


def _url(record: Record) -> str:
    words = re.findall(r"[A-Za-z0-9]+", title_of(record))
    return f"https://www.notion.so/{'-'.join([*words, record.id.replace('-', '')])}"
