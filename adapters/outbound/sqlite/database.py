import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from adapters.outbound.sqlite.connection import connect, transaction, unavailable_on_failure

Result = TypeVar("Result")
Row = tuple[Any, ...]

_WRITER_PATIENCE_MS = 5000
_READER_PATIENCE_MS = 1000
"""Short, because the event loop waits with it. In WAL mode readers wait for no writer, only for a recovery."""


class Database:
    """One file. Reads run on the thread that opened it: a point read takes microseconds, a change of threads ten times
    as long. Writes run on a thread of their own, each in a transaction. Both raise StorageUnavailable."""

    def __init__(self, path: Path) -> None:
        with unavailable_on_failure():
            self._reader = connect(path, patience_ms=_READER_PATIENCE_MS)
            self._reader.execute("PRAGMA query_only = ON")
            self._writer = connect(path, patience_ms=_WRITER_PATIENCE_MS, check_same_thread=False)
            # FULL: a commit is on the disk when it returns, as the ports promise. NORMAL could lose the last ones.
            self._writer.execute("PRAGMA synchronous = FULL")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-writer")

    def read(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """All rows at once: a statement left half read would keep the reader in the past."""
        with unavailable_on_failure():
            return self._reader.execute(sql, parameters).fetchall()

    def read_one(self, sql: str, parameters: Sequence[object] = ()) -> Row | None:
        rows = self.read(sql, parameters)
        return rows[0] if rows else None

    async def write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do ``work`` in a transaction: durable on return, undone when it raises. Whoever is cancelled meanwhile
        leaves it done or undone, never half done."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._in_transaction, work)

    async def execute(self, sql: str, parameters: Sequence[object]) -> int:
        """Do one statement in a transaction; return how many rows it changed."""
        return await self.write(lambda connection: connection.execute(sql, parameters).rowcount)

    async def close(self) -> None:
        self._reader.close()
        # The last one to close copies the log into the file, which takes a while: not on the event loop.
        await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.close)
        self._thread.shutdown()

    def _in_transaction(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        with unavailable_on_failure(), transaction(self._writer):
            return work(self._writer)
