import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from adapters.outbound.sqlite.database import Database, Row
from adapters.outbound.sqlite.times import to_moment, to_moment_or_none, to_text, to_text_or_none
from application.ports.items import Items, StoredItem
from domain.ids import ConnectionId, ItemKey
from domain.item import BUCKETS, Item, SourceItem, kind_range

_KEY = ("connection_id", "key")
_VALUES = (
    *("epoch", "number", "content_hash", "synced_at", "deleted_at"),
    *("kind", "external_id", "name", "item_type", "directory", "parent_id", "parent_path_or_name"),
    *("creation_time", "last_modified_time", "url", "mime_type", "delta", "drive_id", "visibility", "properties"),
)
_COLUMNS = _KEY + _VALUES

# Composed of our own names alone, hence no S608.
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM integration_items"  # noqa: S608
_PUT = f"""
    INSERT INTO integration_items ({", ".join(_COLUMNS)}) VALUES ({", ".join("?" * len(_COLUMNS))})
    ON CONFLICT ({", ".join(_KEY)}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _VALUES)}
    WHERE (excluded.epoch, excluded.number) >= (integration_items.epoch, integration_items.number)
"""  # noqa: S608
_STORED = """
    SELECT key, content_hash, number, deleted_at IS NOT NULL FROM integration_items WHERE connection_id = ? AND key IN
"""
_PAGE = f"""
    {_SELECT} INDEXED BY listed_items
    WHERE connection_id = ? AND key >= ? AND key < ? AND deleted_at IS NULL ORDER BY key LIMIT ?
"""
_CLEAR = """
    DELETE FROM integration_items
    WHERE rowid IN (SELECT rowid FROM integration_items WHERE connection_id = ? LIMIT ?)
"""
_BEHIND_ALL = bytes((BUCKETS,))


class SqliteItems(Items):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_all(self, epoch: int, items: Sequence[Item]) -> None:
        def put(connection: sqlite3.Connection) -> None:
            connection.executemany(_PUT, (_row(epoch, item) for item in items))

        if items:
            await self._database.write(put)

    async def stored(self, connection: ConnectionId, keys: Sequence[ItemKey]) -> Mapping[ItemKey, StoredItem]:
        def read(sql: sqlite3.Connection) -> Mapping[ItemKey, StoredItem]:
            rows = sql.execute(f"{_STORED} ({', '.join('?' * len(keys))})", (connection, *keys))
            return {key: StoredItem(content_hash, number, bool(deleted)) for key, content_hash, number, deleted in rows}

        return await self._database.read_up_to(len(keys), read)

    async def find(self, connection: ConnectionId, key: ItemKey) -> Item | None:
        row = self._database.read_one(f"{_SELECT} WHERE connection_id = ? AND key = ?", (connection, key))
        return None if row is None else _item(row)

    async def page(
        self, connection: ConnectionId, *, kind: str | None, after: ItemKey | None, limit: int
    ) -> tuple[Item, ...]:
        def read(sql: sqlite3.Connection) -> tuple[Item, ...]:
            found: list[Item] = []
            for first, behind in _ranges(kind, after):
                rows = sql.execute(_PAGE, (connection, first, behind, limit - len(found)))
                found += [_item(row) for row in rows]
                if len(found) == limit:
                    break
            return tuple(found)

        return await self._database.read_up_to(limit, read)

    async def clear(self, connection: ConnectionId) -> None:
        await self._database.execute_in_pieces(_CLEAR, (connection,))


def _ranges(kind: str | None, after: ItemKey | None) -> Iterator[tuple[bytes, bytes]]:
    """Where the keys of ``kind`` behind ``after`` lie, in order: for one kind a range in each bucket."""
    # No key lies between another one and that one with a zero byte behind it.
    beginning = b"" if after is None else after + b"\0"
    ranges = [(b"", _BEHIND_ALL)] if kind is None else [kind_range(bucket, kind) for bucket in range(BUCKETS)]
    for first, behind in ranges:
        if beginning < behind:
            yield max(first, beginning), behind


def _row(epoch: int, item: Item) -> Row:
    source = item.source
    return (
        item.connection,
        item.key,
        epoch,
        item.number,
        item.content_hash,
        to_text(item.synced_at),
        to_text_or_none(item.deleted_at),
        source.kind,
        source.external_id,
        source.name,
        source.type,
        source.directory,
        source.parent_id,
        source.parent_path_or_name,
        to_text_or_none(source.creation_time),
        to_text_or_none(source.last_modified_time),
        source.url,
        source.mime_type,
        source.delta,
        source.drive_id,
        source.visibility,
        source.properties,
    )


def _item(row: Row) -> Item:
    connection, key, _, number, content_hash, synced_at, deleted_at = row[:7]
    kind, external_id, name, type_, directory, parent_id, parent, created, modified = row[7:16]
    url, mime_type, delta, drive_id, visibility, properties = row[16:]
    source = SourceItem(
        kind,
        external_id,
        name,
        type_,
        bool(directory),
        parent_id,
        parent,
        to_moment_or_none(created),
        to_moment_or_none(modified),
        url,
        mime_type,
        delta,
        drive_id,
        bool(visibility),
        properties,
    )
    return Item(connection, key, source, content_hash, number, to_moment(synced_at), to_moment_or_none(deleted_at))
