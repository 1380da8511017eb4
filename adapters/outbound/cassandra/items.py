import asyncio
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from adapters.outbound.cassandra.batches import batches, unlogged
from adapters.outbound.cassandra.database import Database, Row, Statement
from adapters.outbound.cassandra.item_rows import COLUMNS, from_row, to_row
from application.ports.items import Items, StoredItem
from domain.ids import ConnectionId, ItemKey
from domain.item import BUCKETS, Item, bucket_of, kind_range

_KEYS_AT_ONCE = 100
_NUMBER_BITS = 40
_ABOVE_ALL = 1 << 62
"""A timestamp above that of any epoch below four million."""

_COLUMNS = ", ".join(COLUMNS)
_PLACES = ", ".join("?" for _ in COLUMNS)
_INSERT = "INSERT INTO integration_items"
_SELECT = f"SELECT {_COLUMNS}"
_IN_BUCKET = "FROM integration_items WHERE connection_id = ? AND bucket = ?"


class CassandraItems(Items):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._put = database.prepare(f"{_INSERT} ({_COLUMNS}) VALUES ({_PLACES}) USING TIMESTAMP ?")
        self._put_deleted = database.prepare(
            f"{_INSERT} ({_COLUMNS}, deleted_at) VALUES ({_PLACES}, ?) USING TIMESTAMP ?"
        )
        self._unlist = database.prepare(
            "DELETE FROM integration_items USING TIMESTAMP ?"
            " WHERE connection_id = ? AND bucket = ? AND deleted = false AND item_key = ?"
        )
        self._stored = database.prepare(
            "SELECT item_key, content_hash, number, deleted, writetime(number) FROM integration_items"
            " WHERE connection_id = ? AND bucket = ? AND deleted IN (false, true) AND item_key IN ?"
        )
        self._find = database.prepare(
            f"{_SELECT}, deleted_at, writetime(number) {_IN_BUCKET} AND deleted IN (false, true) AND item_key = ?"
        )
        self._clear = database.prepare(
            "DELETE FROM integration_items USING TIMESTAMP ? WHERE connection_id = ? AND bucket = ?"
        )
        self._page = database.prepare(
            f"{_SELECT}, deleted_at {_IN_BUCKET} AND deleted = false AND item_key > ? AND item_key < ? LIMIT ?"
        )

    async def put_all(self, epoch: int, items: Sequence[Item]) -> None:
        of_buckets = groupby(sorted(items, key=lambda item: item.key), lambda item: bucket_of(item.key))
        await asyncio.gather(*(self._put_in_bucket(epoch, list(some)) for _, some in of_buckets))

    async def stored(self, connection: ConnectionId, keys: Sequence[ItemKey]) -> Mapping[ItemKey, StoredItem]:
        asked = [self._stored.bind((connection, bucket, part)) for bucket, part in _parts(keys)]
        answers = await asyncio.gather(*(self._database.rows(statement) for statement in asked))
        rows = sorted((row for rows in answers for row in rows), key=lambda row: row[-1])
        # Of the two rows that a key can have the later one is the last one here.
        return {ItemKey(key): StoredItem(hash_, number, deleted) for key, hash_, number, deleted, _ in rows}

    async def find(self, connection: ConnectionId, key: ItemKey) -> Item | None:
        rows = await self._database.rows(self._find.bind((connection, bucket_of(key), key)))
        return from_row(max(rows, key=lambda row: row[-1])[:-1]) if rows else None

    async def page(
        self, connection: ConnectionId, *, kind: str | None, after: ItemKey | None, limit: int
    ) -> tuple[Item, ...]:
        found: list[Row] = []
        for ranges in _waves(list(_ranges(kind, after))):
            asked = [
                self._page.bind((connection, bucket, first, behind, limit - len(found)))
                for bucket, first, behind in ranges
            ]
            for rows in await asyncio.gather(*(self._database.rows(statement) for statement in asked)):
                found += rows
            if len(found) >= limit:
                break
        return tuple(from_row(row) for row in found[:limit])

    async def clear(self, connection: ConnectionId) -> None:
        # Whoever is still writing loses, whatever its epoch: this deletes what is written later, too.
        asked = [self._clear.bind((_ABOVE_ALL, connection, bucket)) for bucket in range(BUCKETS)]
        await asyncio.gather(*(self._database.write(statement) for statement in asked))

    async def _put_in_bucket(self, epoch: int, items: Sequence[Item]) -> None:
        for batch in batches(self._writes(epoch, item) for item in items):
            await self._database.write(unlogged(batch))

    def _writes(self, epoch: int, item: Item) -> list[Statement]:
        """Of two writes to one key the one of the higher epoch stays, then that of the higher number."""
        timestamp = epoch << _NUMBER_BITS | item.number
        row = to_row(item)
        if item.deleted_at is None:
            return [self._put.bind((*row, timestamp))]
        unlist = self._unlist.bind((timestamp, item.connection, bucket_of(item.key), item.key))
        return [unlist, self._put_deleted.bind((*row, item.deleted_at.isoformat(), timestamp))]


def _parts(keys: Sequence[ItemKey]) -> Iterator[tuple[int, list[ItemKey]]]:
    for bucket, of_bucket in groupby(sorted(keys), bucket_of):
        part = list(of_bucket)
        for start in range(0, len(part), _KEYS_AT_ONCE):
            yield bucket, part[start : start + _KEYS_AT_ONCE]


def _ranges(kind: str | None, after: ItemKey | None) -> Iterator[tuple[int, bytes, bytes]]:
    """Of each bucket that may hold items behind ``after``: the key they come after, and the one they come before."""
    for bucket in range(BUCKETS):
        first, behind = kind_range(bucket, kind)
        start = max(first, after or b"")  # no key is as short as ``first``, so being greater is enough
        if start < behind:
            yield bucket, start, behind


def _waves(
    ranges: Sequence[tuple[int, bytes, bytes]],
) -> Iterator[Sequence[tuple[int, bytes, bytes]]]:
    """One bucket, then two, four, … at once: a large connection fills its page from the first, and a small one, which
    is spread over all, does not wait for each of them."""
    start, size = 0, 1
    while start < len(ranges):
        yield ranges[start : start + size]
        start, size = start + size, size * 2
