"""Items as rows. None of the columns is ever null: an optional field that the item lacks is named in ``absent``."""

from datetime import datetime
from typing import Any

from adapters.outbound.cassandra.database import Row
from domain.ids import ConnectionId, ItemKey
from domain.item import Item, SourceItem, bucket_of

COLUMNS = (
    *("connection_id", "bucket", "deleted", "item_key", "number", "content_hash", "synced_at"),
    *("kind", "external_id", "name", "item_type", "directory", "visibility", "properties", "absent"),
    *("parent_id", "parent_path_or_name", "url", "mime_type", "delta", "drive_id"),
    *("creation_time", "last_modified_time"),
)
"""All but ``deleted_at``, which only deleted ones have."""

_TEXTS = ("parent_id", "parent_path_or_name", "url", "mime_type", "delta", "drive_id")
_TIMES = ("creation_time", "last_modified_time")


def to_row(item: Item) -> Row:
    """The values of ``COLUMNS``."""
    source = item.source
    texts = [getattr(source, name) for name in _TEXTS]
    times = [getattr(source, name) for name in _TIMES]
    optional = zip((*_TEXTS, *_TIMES), (*texts, *times), strict=True)
    return (
        *(item.connection, bucket_of(item.key), item.deleted_at is not None, item.key, item.number),
        *(item.content_hash, item.synced_at.isoformat()),
        *(source.kind, source.external_id, source.name, source.type, source.directory, source.visibility),
        *(source.properties, {name for name, value in optional if value is None}),
        *(text or "" for text in texts),
        *(time.isoformat() if time else "" for time in times),
    )


def from_row(row: Row) -> Item:
    """From the values of ``COLUMNS`` and ``deleted_at``."""
    connection, _, _, key, number, content_hash, synced_at, *of_source, deleted_at = row
    kind, external_id, name, type_, directory, visibility, properties, absent, *optional = of_source
    given: dict[str, Any] = {
        column: value for column, value in zip((*_TEXTS, *_TIMES), optional, strict=True) if column not in absent
    }
    times = {column: datetime.fromisoformat(given[column]) for column in _TIMES if column in given}
    return Item(
        connection=ConnectionId(connection),
        key=ItemKey(key),
        source=SourceItem(
            kind=kind,
            external_id=external_id,
            name=name,
            type=type_,
            directory=directory,
            visibility=visibility,
            properties=properties,
            **given | times,
        ),
        content_hash=content_hash,
        number=number,
        synced_at=datetime.fromisoformat(synced_at),
        deleted_at=datetime.fromisoformat(deleted_at) if deleted_at else None,
    )
