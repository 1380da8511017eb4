from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from domain.ids import ConnectionId, RunId
from domain.sync import Run, RunCounts, RunStatus


class Runs(Protocol):
    """Syncs asked for, going on and ended. A connection has at most one that has not ended."""

    @abstractmethod
    async def open(self, run: Run) -> Run:
        """Keep a queued run and return it; if its connection has one that has not ended, keep nothing and return that
        one. Of n callers at once all get the same run. Opening the same run again returns it as it is."""

    @abstractmethod
    async def find(self, run: RunId) -> Run | None:
        """The run with this id."""

    @abstractmethod
    async def latest(self, connection: ConnectionId) -> Run | None:
        """The newest run of ``connection``, ended or not."""

    @abstractmethod
    async def mark(self, run: RunId, status: RunStatus, *, at: datetime, error: str | None = None) -> Run | None:
        """Set a status that is not final, and why it waits, if it does; the first ``running`` also sets
        ``started_at``. Returns the run as it is afterwards: unchanged when it had ended; None when there is none."""

    @abstractmethod
    async def request_cancel(self, run: RunId) -> Run | None:
        """Note that somebody wants it to stop; a run that has ended stays as it is. Returns it as it is then."""

    @abstractmethod
    async def finish(
        self, run: RunId, status: RunStatus, *, at: datetime, counts: RunCounts, error: str | None = None
    ) -> Run | None:
        """End it with a final status and free its connection for the next run. Of several ends the first stays:
        returns the run as it is then; None when there is none."""

    @abstractmethod
    async def clear(self, connection: ConnectionId) -> None:
        """Remove every run of a connection that nobody will open one for again; repeating is harmless, and so is being
        stopped in the middle and called again."""
