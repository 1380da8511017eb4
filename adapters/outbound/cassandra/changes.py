from collections.abc import Sequence
from itertools import groupby

import msgspec

from adapters.outbound.cassandra.batches import batches, unlogged
from adapters.outbound.cassandra.database import Database, Row, Statement
from application.ports.changes import Changes
from domain.errors import EpochSuperseded
from domain.ids import ConnectionId
from domain.item import Item
from domain.sync import Change, ChangeKind

_LIMIT = 1000
_SLOT = 5000
"""Numbers in a partition. Not fewer than ``_LIMIT``: see ``take_over``."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Item).decode


class CassandraChanges(Changes):
    """Each slot of a log has an epoch, and every append is under the condition that it is the writer's own: lower, the
    writer raises it; higher, the writer has been replaced. The condition and the rows are of one partition, so they
    are one step. Appending the same under the same condition once more changes nothing, so an unknown outcome is
    simply tried again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._epoch = database.prepare(
            "SELECT DISTINCT connection_id, slot, epoch FROM item_changes WHERE connection_id = ? AND slot = ?"
        )
        self._read = database.prepare(
            "SELECT change, item, counts FROM item_changes"
            " WHERE connection_id = ? AND slot = ? AND number > ? AND number <= ?"
        )
        self._fence = database.prepare(
            "UPDATE item_changes SET epoch = ? WHERE connection_id = ? AND slot = ? IF epoch = ?"
        )
        self._put = database.prepare(
            "UPDATE item_changes SET change = ?, item = ?, counts = ?"
            " WHERE connection_id = ? AND slot = ? AND number = ?"
        )
        self._put_fenced = database.prepare(
            "UPDATE item_changes SET epoch = ?, change = ?, item = ?, counts = ?"
            " WHERE connection_id = ? AND slot = ? AND number = ? IF epoch = ?"
        )
        self._is_used = database.prepare(
            "SELECT number, epoch FROM item_changes WHERE connection_id = ? AND slot = ? AND number <= ? LIMIT 1"
        )
        self._delete = database.prepare("DELETE FROM item_changes WHERE connection_id = ? AND slot = ? AND number <= ?")

    async def append(self, connection: ConnectionId, epoch: int, changes: Sequence[Change]) -> None:
        for _, part in groupby(changes, lambda change: _slot_of(change.number)):
            rows = [_row(connection, change) for change in part]
            start = 0
            for batch in batches([self._put.bind(row)] for row in rows):
                # One after the other: stopped in the middle, a prefix is there.
                await self._append(epoch, rows[start], batch[1:])
                start += len(batch)

    async def take_over(self, connection: ConnectionId, epoch: int, *, published: int) -> tuple[Change, ...]:
        # A writer that is replaced here can still append at most 1,000 numbers beyond what it has published, which is
        # not more than ``published``: whoever published since has fenced it off below. It publishes nothing any more
        # (the sync state has our epoch already), so it gets no further. These numbers are of the next slot and the one
        # behind. The slots after them need no fence, nor do those that are full.
        slot = _slot_of(published + 1)
        for fenced in (slot, slot + 1):
            await self._raise(connection, fenced, epoch)
        # No SERIAL: the fences, which are done, have brought to an end whatever was on its way before them.
        everything = (published, (slot + 2) * _SLOT)
        rows = [row for of in (slot, slot + 1) for row in await self._rows(connection, of, everything)]
        return tuple(_change(row) for row in rows)

    async def between(self, connection: ConnectionId, *, after: int, until: int) -> tuple[Change, ...]:
        until = min(until, after + _LIMIT)
        slots = range(_slot_of(after + 1), _slot_of(until) + 1) if until > after else range(0)
        rows = [row for slot in slots for row in await self._rows(connection, slot, (after, until))]
        return tuple(_change(row) for row in rows)

    async def clear(self, connection: ConnectionId, *, until: int) -> None:
        for slot in range(_slot_of(until) + 1):
            await self._clear(connection, slot, until)

    async def _clear(self, connection: ConnectionId, slot: int, until: int) -> None:
        # The fence is of the partition, not of its rows, so rows may be deleted: the epoch outlives them, and an append
        # of somebody who was replaced is refused as before. In a batch with the fence, as it stands, because a delete
        # of a range takes no condition, and a delete without any has no defined order among the writes here.
        async def attempt(_: bool) -> None:
            row = await self._database.row(self._is_used.bind((connection, slot, until)), serial=True)
            if row is not None:
                _, epoch = row
                fence = self._fence.bind((epoch, connection, slot, epoch))
                await self._database.apply(unlogged([fence, self._delete.bind((connection, slot, until))]))

        await self._database.settled(("item_changes", connection, f"{slot}"), attempt)

    async def _append(self, epoch: int, first: Row, others: Sequence[Statement]) -> None:
        *_, connection, slot, _ = first

        async def attempt(serial: bool) -> None:
            stored = await self._epoch_of(connection, slot, epoch) if serial else epoch
            await self._database.apply(unlogged([self._put_fenced.bind((epoch, *first, stored)), *others]))

        await self._database.settled(("item_changes", connection, f"{slot}"), attempt)

    async def _raise(self, connection: ConnectionId, slot: int, epoch: int) -> None:
        async def attempt(_: bool) -> None:
            stored = await self._epoch_of(connection, slot, epoch)
            if stored != epoch:
                await self._database.apply(self._fence.bind((epoch, connection, slot, stored)))

        await self._database.settled(("item_changes", connection, f"{slot}"), attempt)

    async def _epoch_of(self, connection: ConnectionId, slot: int, epoch: int) -> int | None:
        """The epoch of a slot; None of one that nobody has used. Raises EpochSuperseded if it is above ``epoch``."""
        row = await self._database.row(self._epoch.bind((connection, slot)), serial=True)
        stored: int | None = row[2] if row else None
        if stored is not None and stored > epoch:
            raise EpochSuperseded
        return stored

    async def _rows(self, connection: ConnectionId, slot: int, numbers: tuple[int, int]) -> list[Row]:
        return await self._database.rows(self._read.bind((connection, slot, *numbers)))


def _slot_of(number: int) -> int:
    return number // _SLOT


def _row(connection: ConnectionId, change: Change) -> Row:
    return change.kind.value, _encode(change.item), change.counts, connection, _slot_of(change.number), change.number


def _change(row: Row) -> Change:
    kind, item, counts = row
    return Change(ChangeKind(kind), _decode(item), counts)
