from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import msgspec

from adapters.outbound.cassandra.conditional import new_write_id
from adapters.outbound.cassandra.database import Database, Row
from adapters.outbound.cassandra.times import to_moment, to_moment_or_none, to_text, to_text_or_none
from application.ports.runs import Runs
from domain.ids import ConnectionId, RunId
from domain.sync import Run, RunCounts, RunStatus

_UPDATE = "UPDATE sync_runs SET"

_decode_counts = msgspec.json.Decoder(RunCounts).decode


class CassandraRuns(Runs):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = database.prepare(
            "SELECT connection_id, run_id, user_id, provider, status, requested_at, started_at, ended_at, counts,"
            " error, cancel_requested, write_id FROM sync_runs WHERE connection_id = ? AND run_id = ?"
        )
        self._find_latest = database.prepare(
            "SELECT DISTINCT connection_id, latest FROM sync_runs WHERE connection_id = ?"
        )
        columns = (
            "user_id = ?, provider = ?, status = ?, requested_at = ?, started_at = ?, ended_at = ?, counts = ?,"
            " error = ?, cancel_requested = ?, write_id = ? WHERE connection_id = ? AND run_id = ?"
        )
        self._open = database.prepare(f"{_UPDATE} latest = ?, {columns} IF latest = ?")
        self._store = database.prepare(f"{_UPDATE} {columns} IF write_id = ?")
        self._of_connection = database.prepare("SELECT run_id, write_id FROM sync_runs WHERE connection_id = ?")
        self._remove = database.prepare("DELETE FROM sync_runs WHERE connection_id = ? AND run_id = ? IF write_id = ?")
        self._remove_latest = database.prepare("DELETE latest FROM sync_runs WHERE connection_id = ? IF latest = ?")
        self._drop_connection = database.prepare("DELETE FROM sync_run_ids WHERE run_id = ?")
        self._find_connection = database.prepare("SELECT connection_id FROM sync_run_ids WHERE run_id = ?")
        self._put_connection = database.prepare("INSERT INTO sync_run_ids (run_id, connection_id) VALUES (?, ?)")

    async def open(self, run: Run) -> Run:
        write_id = new_write_id()

        async def attempt(serial: bool) -> Run:
            opened, _ = await self._read(run.connection, run.id, serial=serial)
            if opened is not None:
                return opened
            latest = await self._latest(run.connection, serial=serial)
            going_on, _ = await self._read(run.connection, latest, serial=serial) if latest else (None, None)
            if going_on is not None and not going_on.status.is_final:
                return going_on
            # First the way from the id to the run: it stays, leading nowhere, if the race is lost.
            await self._database.write(self._put_connection.bind((run.id, run.connection)))
            await self._database.apply(self._open.bind((run.id, *_values(run, write_id), latest)))
            return run

        return await self._database.settled(("sync_runs", run.connection), attempt)

    async def find(self, run: RunId) -> Run | None:
        connection = await self._connection_of(run)
        return (await self._read(connection, run))[0] if connection else None

    async def latest(self, connection: ConnectionId) -> Run | None:
        latest = await self._latest(connection)
        return (await self._read(connection, latest))[0] if latest else None

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
        async def attempt(serial: bool) -> None:
            for run, seen in await self._database.rows(self._of_connection.bind((connection,)), serial=serial):
                if run is not None:
                    await self._database.write(self._drop_connection.bind((run,)))
                    await self._database.apply(self._remove.bind((connection, run, seen)))
            if (latest := await self._latest(connection, serial=serial)) is not None:
                await self._database.apply(self._remove_latest.bind((connection, latest)))

        await self._database.settled(("sync_runs", connection), attempt)

    async def _change(self, run: RunId, change: Callable[[Run], Run]) -> Run | None:
        """The run after ``change``, or as it is if it has ended."""
        connection = await self._connection_of(run)
        if connection is None:
            return None
        write_id = new_write_id()

        async def attempt(serial: bool) -> Run | None:
            before, seen = await self._read(connection, run, serial=serial)
            if before is None or before.status.is_final or seen == write_id:
                return before
            after = change(before)
            if after != before:
                await self._database.apply(self._store.bind((*_values(after, write_id), seen)))
            return after

        return await self._database.settled(("sync_runs", connection), attempt)

    async def _connection_of(self, run: RunId) -> ConnectionId | None:
        row = await self._database.row(self._find_connection.bind((run,)))
        return row[0] if row else None

    async def _latest(self, connection: ConnectionId, *, serial: bool = False) -> RunId | None:
        row = await self._database.row(self._find_latest.bind((connection,)), serial=serial)
        return row[1] if row else None

    async def _read(
        self, connection: ConnectionId, run: RunId, *, serial: bool = False
    ) -> tuple[Run | None, str | None]:
        row = await self._database.row(self._find.bind((connection, run)), serial=serial)
        return (_run(row), row[-1]) if row else (None, None)


def _values(run: Run, write_id: str) -> Row:
    return (
        run.user,
        run.provider,
        run.status.value,
        to_text(run.requested_at),
        to_text_or_none(run.started_at),
        to_text_or_none(run.ended_at),
        msgspec.json.encode(run.counts).decode(),
        run.error,
        run.cancel_requested,
        write_id,
        run.connection,
        run.id,
    )


def _run(row: Row) -> Run:
    connection, id_, user, provider, status, requested, started, ended, counts, error, cancel_requested, _ = row
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
        cancel_requested=cancel_requested,
    )
