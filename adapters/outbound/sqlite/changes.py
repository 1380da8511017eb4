import sqlite3
from collections.abc import Sequence

import msgspec

from adapters.outbound.sqlite.database import Database, Row
from application.ports.changes import Changes
from domain.errors import EpochSuperseded
from domain.ids import ConnectionId
from domain.item import Item
from domain.sync import Change, ChangeKind

_LIMIT = 1000
_SELECT = "SELECT change, item, counts FROM item_changes WHERE connection_id = ?"
_CLEAR = """
    DELETE FROM item_changes
    WHERE rowid IN (SELECT rowid FROM item_changes WHERE connection_id = ? AND number <= ? LIMIT ?)
"""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Item).decode


class SqliteChanges(Changes):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, connection: ConnectionId, epoch: int, changes: Sequence[Change]) -> None:
        def insert(sql: sqlite3.Connection) -> None:
            _check_epoch(sql, connection, epoch)
            rows = (
                (connection, change.number, change.kind.value, _encode(change.item), change.counts)
                for change in changes
            )
            sql.executemany("INSERT OR REPLACE INTO item_changes VALUES (?, ?, ?, ?, ?)", rows)

        await self._database.write(insert)

    async def take_over(self, connection: ConnectionId, epoch: int, *, published: int) -> tuple[Change, ...]:
        def raise_epoch(sql: sqlite3.Connection) -> tuple[Change, ...]:
            _check_epoch(sql, connection, epoch)
            sql.execute("INSERT OR REPLACE INTO item_change_epochs VALUES (?, ?)", (connection, epoch))
            rows = sql.execute(f"{_SELECT} AND number > ? ORDER BY number", (connection, published))
            return tuple(_change(row) for row in rows)

        return await self._database.write(raise_epoch)

    async def between(self, connection: ConnectionId, *, after: int, until: int) -> tuple[Change, ...]:
        until = min(until, after + _LIMIT)

        def read(sql: sqlite3.Connection) -> tuple[Change, ...]:
            rows = sql.execute(f"{_SELECT} AND number > ? AND number <= ? ORDER BY number", (connection, after, until))
            return tuple(_change(row) for row in rows)

        return await self._database.read_up_to(until - after, read)

    async def clear(self, connection: ConnectionId, *, until: int) -> None:
        await self._database.execute_in_pieces(_CLEAR, (connection, until))


def _check_epoch(sql: sqlite3.Connection, connection: ConnectionId, epoch: int) -> None:
    row = sql.execute("SELECT epoch FROM item_change_epochs WHERE connection_id = ?", (connection,)).fetchone()
    if row is not None and epoch < row[0]:
        raise EpochSuperseded


def _change(row: Row) -> Change:
    kind, item, counts = row
    return Change(ChangeKind(kind), _decode(item), bool(counts))
