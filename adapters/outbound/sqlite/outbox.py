from collections.abc import Sequence
from datetime import datetime

import msgspec

from adapters.outbound.sqlite.database import Database, Row
from adapters.outbound.sqlite.times import to_moment, to_text
from application.ports.outbox import Outbox
from domain.effect import Effect

_decode_subject = msgspec.json.Decoder(dict[str, str]).decode


class SqliteOutbox(Outbox):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, effect: Effect) -> None:
        row = (
            effect.id,
            str(effect.kind),
            msgspec.json.encode(effect.subject).decode(),
            to_text(effect.created_at),
            to_text(effect.due_at),
            effect.attempts,
        )
        sql = "INSERT OR REPLACE INTO outbox VALUES (?, ?, ?, ?, ?, ?)"
        await self._database.execute(sql, row)

    async def due(self, now: datetime, *, limit: int) -> Sequence[Effect]:
        rows = self._database.read(
            "SELECT id, kind, subject, created_at, due_at, attempts FROM outbox"
            " WHERE due_at <= ? ORDER BY due_at LIMIT ?",
            (to_text(now), limit),
        )
        return [_effect(row) for row in rows]

    async def postpone(self, effect: Effect, *, until: datetime, attempts: int) -> None:
        sql = "UPDATE outbox SET due_at = ?, attempts = ? WHERE id = ?"
        await self._database.execute(sql, (to_text(until), attempts, effect.id))

    async def done(self, effect: Effect) -> None:
        await self._database.execute("DELETE FROM outbox WHERE id = ?", (effect.id,))


def _effect(row: Row) -> Effect:
    id_, kind, subject, created_at, due_at, attempts = row
    return Effect(id_, kind, _decode_subject(subject), to_moment(created_at), to_moment(due_at), attempts)
