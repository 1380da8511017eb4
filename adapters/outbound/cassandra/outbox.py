import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zlib import crc32

from adapters.outbound.cassandra.database import Database, Row
from adapters.outbound.cassandra.times import to_moment, to_text
from application.ports.outbox import Outbox
from domain.effect import Effect
from domain.ids import EffectId

_SHARDS = 4
_SLOT_SECONDS = 600
_SAFELY_PAST_SLOTS = 2


class CassandraOutbox(Outbox):
    """Effects lie in slots of ten minutes, so that what is read is never mixed with the tombstones of older ones; an
    index tells which slots there are. An effect is written before its slot, so one that was added has its slot."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._add = database.prepare(
            "INSERT INTO outbox (shard, slot, due_at, effect_id, kind, subject, created_at, attempts)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        self._remove = database.prepare(
            "DELETE FROM outbox WHERE shard = ? AND slot = ? AND due_at = ? AND effect_id = ?"
        )
        self._due = database.prepare(
            "SELECT effect_id, kind, subject, created_at, due_at, attempts FROM outbox"
            " WHERE shard = ? AND slot = ? AND due_at <= ? LIMIT ?"
        )
        self._use = database.prepare("INSERT INTO outbox_slots (shard, slot, used) VALUES (?, ?, true)")
        self._used = database.prepare("SELECT slot, writetime(used) FROM outbox_slots WHERE shard = ? AND slot <= ?")
        self._drop = database.prepare("DELETE FROM outbox_slots USING TIMESTAMP ? WHERE shard = ? AND slot = ?")

    async def add(self, effect: Effect) -> None:
        place = _place(effect)
        values = (str(effect.kind), effect.subject, to_text(effect.created_at), effect.attempts)
        await self._database.write(self._add.bind((*place, *values)))
        await self._database.write(self._use.bind(place[:2]))

    async def due(self, now: datetime, *, limit: int) -> Sequence[Effect]:
        of_shards = await asyncio.gather(*(self._due_of(shard, now, limit) for shard in range(_SHARDS)))
        rows = sorted((row for rows in of_shards for row in rows), key=lambda row: row[-2])
        once = {row[0]: row for row in reversed(rows)}  # one stopped while it was postponed may be there twice
        return [_effect(row) for row in rows if once[row[0]] is row][:limit]

    async def postpone(self, effect: Effect, *, until: datetime, attempts: int) -> None:
        later = replace(effect, due_at=until, attempts=attempts)
        await self.add(later)
        if _place(later) != _place(effect):
            await self.done(effect)

    async def done(self, effect: Effect) -> None:
        await self._database.write(self._remove.bind(_place(effect)))

    async def _due_of(self, shard: int, now: datetime, limit: int) -> list[Row]:
        present = _slot_of(now)
        found: list[Row] = []
        for slot, used_at in await self._database.rows(self._used.bind((shard, present))):
            asked = self._due.bind((shard, slot, to_text(now), limit - len(found)))
            rows = await self._database.rows(asked)
            if not rows and slot < present - _SAFELY_PAST_SLOTS:
                # Of the time at which it was seen in use: whoever uses it at this moment has done so later.
                await self._database.write(self._drop.bind((used_at, shard, slot)))
            found += rows
            if len(found) == limit:
                break
        return found


def _place(effect: Effect) -> tuple[int, int, str, EffectId]:
    return crc32(effect.id.encode()) % _SHARDS, _slot_of(effect.due_at), to_text(effect.due_at), effect.id


def _slot_of(moment: datetime) -> int:
    return int(moment.timestamp()) // _SLOT_SECONDS


def _effect(row: Row) -> Effect:
    id_, kind, subject, created_at, due_at, attempts = row
    return Effect(id_, kind, dict(subject), to_moment(created_at), to_moment(due_at), attempts)
