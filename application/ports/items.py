from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.ids import ConnectionId, ItemKey
from domain.item import Item


@dataclass(frozen=True, slots=True)
class StoredItem:
    """Enough of an item to tell whether a new reading differs."""

    content_hash: bytes
    number: int
    deleted: bool


class Items(Protocol):
    """Items, by connection and key."""

    @abstractmethod
    async def put_all(self, epoch: int, items: Sequence[Item]) -> None:
        """Store items of one connection, whole, each in place of what its key held. Repeating is harmless. What was
        stored under a higher epoch, or under the same epoch and a higher number, stays: a late writer loses."""

    @abstractmethod
    async def stored(self, connection: ConnectionId, keys: Sequence[ItemKey]) -> Mapping[ItemKey, StoredItem]:
        """What is stored under these keys; those without an item are absent."""

    @abstractmethod
    async def find(self, connection: ConnectionId, key: ItemKey) -> Item | None:
        """The item under this key, deleted ones included."""

    @abstractmethod
    async def page(
        self, connection: ConnectionId, *, kind: str | None, after: ItemKey | None, limit: int
    ) -> tuple[Item, ...]:
        """At most ``limit`` items that are not deleted, in the order of their keys (compared as bytes), beginning
        behind ``after`` (None: at the first), of ``kind`` alone if it is given. Fewer than ``limit`` means that
        nothing follows. The cost depends on ``limit``, not on how many items there are."""

    @abstractmethod
    async def clear(self, connection: ConnectionId) -> None:
        """Remove every item of a connection that nobody will write to again, deleted ones too; repeating is
        harmless, and so is being stopped in the middle and called again."""
