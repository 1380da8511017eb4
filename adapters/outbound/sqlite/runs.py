import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import msgspec

from adapters.outbound.sqlite.database import Database, Row
from adapters.outbound.sqlite.times import to_moment, to_moment_or_none, to_text, to_text_or_none
from application.ports.runs import Runs
from domain.ids import ConnectionId, RunId
from domain.sync import Run, RunCounts, RunStatus

_SELECT = """
    SELECT id, connection_id, user_id, provider, status, requested_at, started_at, ended_at, counts, error,
           cancel_requested
    FROM sync_runs
"""
_BY_ID = f"{_SELECT} WHERE id = ?"
_LATEST = f"{_SELECT} WHERE connection_id = ? ORDER BY opening DESC LIMIT 1"
_UPDATE = """
    UPDATE sync_runs
    SET status = ?, requested_at = ?, started_at = ?, ended_at = ?, counts = ?, error = ?, cancel_requested = ?
    WHERE id = ?
"""

_decode_counts = msgspec.json.Decoder(RunCounts).decode


class SqliteRuns(Runs):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, run: Run) -> Run:
        def insert(sql: sqlite3.Connection) -> Run:
            before = _run(sql.execute(_BY_ID, (run.id,)).fetchone())
            latest = _run(sql.execute(_LATEST, (run.connection,)).fetchone())
            if before is not None:
                return before
            if latest is not None and not latest.status.is_final:
                return latest
            sql.execute("INSERT INTO sync_runs VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _row(run))
            return run

        return await self._database.write(insert)

    async def find(self, run: RunId) -> Run | None:
        return _run(self._database.read_one(_BY_ID, (run,)))

    async def latest(self, connection: ConnectionId) -> Run | None:
        return _run(self._database.read_one(_LATEST, (connection,)))

    async def mark(self, run: RunId, status: RunStatus, *, at: datetime, error: str | None = None) -> Run | None:
        def change(before: Run) -> Run:
            starts = status is RunStatus.RUNNING and before.started_at is None
            return replace(before, status=status, started_at=at if starts else before.started_at, error=error)

        return await self._change(run, change)

    async def request_cancel(self, run: RunId) -> Run | None:
        return await self._change(run, lambda before: replace(before, cancel_requested=True))

    async def finish(
        self, run: RunId, status: RunStatus, *, at: datetime, counts: RunCounts, error: str | None = None
    ) -> Run | None:
        return await self._change(
            run, lambda before: replace(before, status=status, ended_at=at, counts=counts, error=error)
        )

    async def clear(self, connection: ConnectionId) -> None:
        await self._database.execute("DELETE FROM sync_runs WHERE connection_id = ?", (connection,))

    async def _change(self, run: RunId, change: Callable[[Run], Run]) -> Run | None:
        """The run after ``change``, or as it is if it has ended."""

        def update(sql: sqlite3.Connection) -> Run | None:
            before = _run(sql.execute(_BY_ID, (run,)).fetchone())
            if before is None or before.status.is_final:
                return before
            after = change(before)
            sql.execute(_UPDATE, (*_row(after)[4:], run))
            return after

        return await self._database.write(update)


def _row(run: Run) -> Row:
    return (
        run.id,
        run.connection,
        run.user,
        run.provider,
        run.status.value,
        to_text(run.requested_at),
        to_text_or_none(run.started_at),
        to_text_or_none(run.ended_at),
        msgspec.json.encode(run.counts).decode(),
        run.error,
        run.cancel_requested,
    )


def _run(row: Row | None) -> Run | None:
    if row is None:
        return None
    id_, connection, user, provider, status, requested, started, ended, counts, error, cancel_requested = row
    return Run(
        id=id_,
        connection=connection,
        user=user,
        provider=provider,
        status=RunStatus(status),
        requested_at=to_moment(requested),
        started_at=to_moment_or_none(started),
        ended_at=to_moment_or_none(ended),
        counts=_decode_counts(counts),
        error=error,
        cancel_requested=bool(cancel_requested),
    )
