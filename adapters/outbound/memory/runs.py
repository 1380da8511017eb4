from dataclasses import replace
from datetime import datetime

from application.ports.runs import Runs
from domain.ids import ConnectionId, RunId
from domain.sync import Run, RunCounts, RunStatus


class MemoryRuns(Runs):
    def __init__(self) -> None:
        self._runs: dict[RunId, Run] = {}
        self._latest: dict[ConnectionId, RunId] = {}

    async def open(self, run: Run) -> Run:
        if run.id in self._runs:
            return self._runs[run.id]
        latest = await self.latest(run.connection)
        if latest is not None and not latest.status.is_final:
            return latest
        self._runs[run.id], self._latest[run.connection] = run, run.id
        return run

    async def find(self, run: RunId) -> Run | None:
        return self._runs.get(run)

    async def latest(self, connection: ConnectionId) -> Run | None:
        latest = self._latest.get(connection)
        return None if latest is None else self._runs[latest]

    async def mark(self, run: RunId, status: RunStatus, *, at: datetime, error: str | None = None) -> Run | None:
        going_on = self._going_on(run)
        if going_on is not None:
            starts = status is RunStatus.RUNNING and going_on.started_at is None
            started_at = at if starts else going_on.started_at
            self._runs[run] = replace(going_on, status=status, started_at=started_at, error=error)
        return self._runs.get(run)

    async def request_cancel(self, run: RunId) -> Run | None:
        going_on = self._going_on(run)
        if going_on is not None:
            self._runs[run] = replace(going_on, cancel_requested=True)
        return self._runs.get(run)

    async def finish(
        self, run: RunId, status: RunStatus, *, at: datetime, counts: RunCounts, error: str | None = None
    ) -> Run | None:
        going_on = self._going_on(run)
        if going_on is not None:
            self._runs[run] = replace(going_on, status=status, ended_at=at, counts=counts, error=error)
        return self._runs.get(run)

    async def clear(self, connection: ConnectionId) -> None:
        self._latest.pop(connection, None)
        self._runs = {id_: run for id_, run in self._runs.items() if run.connection != connection}

    def _going_on(self, run: RunId) -> Run | None:
        stored = self._runs.get(run)
        return stored if stored is not None and not stored.status.is_final else None
