from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from application.ports.items import Items, StoredItem
from domain.ids import ConnectionId, ItemKey
from domain.item import BUCKETS, Item, kind_range


class MemoryItems(Items):
    def __init__(self) -> None:
        self._of_connection: dict[ConnectionId, _Shelf] = {}

    async def put_all(self, epoch: int, items: Sequence[Item]) -> None:
        for item in items:
            self._of_connection.setdefault(item.connection, _Shelf()).put(epoch, item)

    async def stored(self, connection: ConnectionId, keys: Sequence[ItemKey]) -> Mapping[ItemKey, StoredItem]:
        found = (item for item in (self._item(connection, key) for key in keys) if item)
        return {item.key: StoredItem(item.content_hash, item.number, item.deleted_at is not None) for item in found}

    async def find(self, connection: ConnectionId, key: ItemKey) -> Item | None:
        return self._item(connection, key)

    async def page(
        self, connection: ConnectionId, *, kind: str | None, after: ItemKey | None, limit: int
    ) -> tuple[Item, ...]:
        shelf = self._of_connection.get(connection)
        return tuple(islice(shelf.listed(kind, after), limit)) if shelf else ()

    async def clear(self, connection: ConnectionId) -> None:
        self._of_connection.pop(connection, None)

    def _item(self, connection: ConnectionId, key: ItemKey) -> Item | None:
        shelf = self._of_connection.get(connection)
        return shelf.items[key] if shelf and key in shelf.items else None


class _Shelf:
    """The items of one connection."""

    def __init__(self) -> None:
        self.items: dict[ItemKey, Item] = {}
        self._written: dict[ItemKey, tuple[int, int]] = {}
        """Epoch and number of the last write of each."""
        self._listed: list[ItemKey] = []
        """The keys of those not deleted, sorted."""

    def put(self, epoch: int, item: Item) -> None:
        if (epoch, item.number) < self._written.get(item.key, (0, 0)):
            return
        before = self.items.get(item.key)
        was_listed, is_listed = before is not None and before.deleted_at is None, item.deleted_at is None
        self.items[item.key], self._written[item.key] = item, (epoch, item.number)
        if is_listed and not was_listed:
            insort(self._listed, item.key)
        elif was_listed and not is_listed:
            del self._listed[bisect_left(self._listed, item.key)]

    def listed(self, kind: str | None, after: ItemKey | None) -> Iterator[Item]:
        beginning = 0 if after is None else bisect_right(self._listed, after)
        for bucket in range(BUCKETS):
            first, behind = kind_range(bucket, kind)
            for index in range(max(beginning, _place(self._listed, first)), _place(self._listed, behind)):
                yield self.items[self._listed[index]]


def _place(keys: list[ItemKey], bound: bytes) -> int:
    return bisect_left(keys, ItemKey(bound))
