import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from application.ports.connections import Connections
from application.ports.items import Items
from application.ports.providers import Providers
from application.ports.sync_states import SyncStates
from application.seal_cursor import SealCursor
from domain.connection import Connection
from domain.errors import NotFound
from domain.ids import ConnectionId, ItemKey, UserId
from domain.item import Item

_LARGEST_PAGE = 8 * 1024 * 1024
"""Characters of properties, after which a page ends before its limit."""
_AT_FIRST, _AT_ONCE = 25, 250
_SMALL = 16 * 1024
"""Characters of an item on average."""


@dataclass(frozen=True, slots=True)
class ItemQuery:
    provider: str | None = None
    connection: ConnectionId | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class ItemPage:
    items: tuple[tuple[Item, Connection], ...]
    next_cursor: str | None
    total: int
    """How many the whole listing has."""


@dataclass(frozen=True, slots=True)
class _Position:
    connection: ConnectionId
    after: ItemKey | None


@dataclass(frozen=True, slots=True)
class ListItems:
    """A person's items, connection by connection, each in the order of its keys."""

    connections: Connections
    providers: Providers
    items: Items
    sync_states: SyncStates
    seal_cursor: SealCursor

    async def __call__(self, user: UserId, query: ItemQuery, *, cursor: str | None, limit: int) -> ItemPage:
        """Raises NotFound, CursorInvalid."""
        selected = await self._selected(user, query)
        position = self._open(user, query, cursor) if cursor else None
        rest = [one for one in selected if position is None or one.id >= position.connection]
        # One more than asked for tells whether anything follows.
        found, cut = await self._read(rest, query.kind, position, limit + 1)
        page, more = found[:limit], cut or len(found) > limit
        return ItemPage(
            items=tuple(page),
            next_cursor=self._seal(user, query, page[-1][0]) if more else None,
            total=await self._total(selected, query.kind),
        )

    async def _selected(self, user: UserId, query: ItemQuery) -> list[Connection]:
        if query.provider is not None:
            self.providers.get(query.provider)
        mine = await self.connections.of_user(user)
        if query.connection is not None and all(one.id != query.connection for one in mine):
            raise NotFound
        return [one for one in mine if query.connection in (None, one.id) and query.provider in (None, one.provider)]

    async def _read(
        self, connections: Sequence[Connection], kind: str | None, position: _Position | None, limit: int
    ) -> tuple[list[tuple[Item, Connection]], bool]:
        """What was found, and whether that was cut short: a page is no larger than memory allows."""
        found: list[tuple[Item, Connection]] = []
        size = 0
        for connection in connections:
            after = position.after if position and position.connection == connection.id else None
            while len(found) < limit:
                # Few, until it has shown that they are small.
                asked = min(_AT_ONCE if found and size < len(found) * _SMALL else _AT_FIRST, limit - len(found))
                page = await self.items.page(connection.id, kind=kind, after=after, limit=asked)
                found += [(item, connection) for item in page]
                size += sum(len(item.source.properties) + len(item.source.name) for item in page)
                if size > _LARGEST_PAGE:
                    return found, True
                if len(page) < asked:
                    break
                after = page[-1].key
        return found, False

    async def _total(self, connections: Sequence[Connection], kind: str | None) -> int:
        states = [await self.sync_states.find(connection.id) for connection in connections]
        return sum(count for state in states for name, count in state.totals.items() if kind in (None, name))

    def _seal(self, user: UserId, query: ItemQuery, last: Item) -> str:
        return self.seal_cursor([last.connection, last.key.hex()], _place(user, query))

    def _open(self, user: UserId, query: ItemQuery, cursor: str) -> _Position:
        """Raises CursorInvalid."""
        connection, key = cast("list[str]", self.seal_cursor.open(cursor, _place(user, query)))
        return _Position(ConnectionId(connection), ItemKey(bytes.fromhex(key)))


def _place(user: UserId, query: ItemQuery) -> str:
    """The associated data of a cursor: it opens for its user and its query only."""
    asked = json.dumps([query.provider, query.connection, query.kind])
    return f"items-cursor|{user}|{sha256(asked.encode('utf-8', 'surrogatepass')).hexdigest()}"
