import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from adapters.outbound.sqlite.connection import connect, snapshot, transaction, unavailable_on_failure

Result = TypeVar("Result")
Row = tuple[Any, ...]

_SHORT_READ = 200
"""Rows that are read and decoded within about 2 ms."""
_PIECE = 5000
"""Rows that are deleted within a tenth of a second or so: as long everybody else who writes waits."""
_LOG_PAGES = 4000
"""Length of the write-ahead log, 4 KiB each, at which it is copied into the file. An item's key is a hash, so a page of
items touches many index pages, and many of them again and again: the longer log saves a sixth of the time of a sync."""


class Database:
    """One file. Short reads run on the thread that opened it: a point read takes microseconds, a change of threads ten
    times as long. Writes run on a thread of their own, and so do long reads. All raise StorageUnavailable."""

    def __init__(self, path: Path) -> None:
        with unavailable_on_failure():
            # The event loop waits with the first. In WAL mode a reader waits for no writer, only for a recovery.
            self._reader = _Connection(path, patience_ms=1000)
            self._long_reader = _Connection(path, patience_ms=5000)
            self._writer = _Connection(path, patience_ms=5000)
            for reader in (self._reader, self._long_reader):
                reader.sql.execute("PRAGMA query_only = ON")
            # FULL: a commit is on the disk when it returns, as the ports promise. NORMAL could lose the last ones.
            self._writer.sql.execute("PRAGMA synchronous = FULL")
            # What was deleted is overwritten, whatever this SQLite was built to do.
            self._writer.sql.execute("PRAGMA secure_delete = ON")
            self._writer.sql.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")

    def read(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """All rows at once: a statement left half read would keep the reader in the past."""
        with unavailable_on_failure():
            return self._reader.sql.execute(sql, parameters).fetchall()

    def read_one(self, sql: str, parameters: Sequence[object] = ()) -> Row | None:
        rows = self.read(sql, parameters)
        return rows[0] if rows else None

    async def read_up_to(self, rows: int, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do ``work``, which reads so many rows, on one state of the file."""
        if rows <= _SHORT_READ:
            return _in_snapshot(self._reader.sql, work)
        return await self._long_reader.run(_in_snapshot, work)

    async def write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do ``work`` in a transaction: durable on return, undone when it raises. Whoever is cancelled meanwhile
        leaves it done or undone, never half done."""
        return await self._writer.run(_in_transaction, work)

    async def execute(self, sql: str, parameters: Sequence[object]) -> int:
        """Do one statement in a transaction; return how many rows it changed."""
        return await self.write(lambda connection: connection.execute(sql, parameters).rowcount)

    async def execute_in_pieces(self, sql: str, parameters: Sequence[object]) -> None:
        """Do a statement that ends in ``LIMIT ?`` again and again, each time in a transaction of its own, until it has
        changed fewer rows than that: so nobody waits long for the writer, here or in another process."""
        while await self.execute(sql, (*parameters, _PIECE)) == _PIECE:
            pass

    async def close(self) -> None:
        # The writer last: who closes last copies the log into the file, which takes a while.
        for connection in (self._reader, self._long_reader, self._writer):
            await connection.close()


class _Connection:
    """A connection, with a thread for what should not run on the event loop; one work at a time."""

    def __init__(self, path: Path, *, patience_ms: int) -> None:
        self.sql = connect(path, patience_ms=patience_ms, check_same_thread=False)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")

    async def run(
        self,
        how: Callable[[sqlite3.Connection, Callable[[sqlite3.Connection], Result]], Result],
        work: Callable[[sqlite3.Connection], Result],
    ) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, how, self.sql, work)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self.sql.close)
        self._thread.shutdown()


def _in_snapshot(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], Result]) -> Result:
    with unavailable_on_failure(), snapshot(connection):
        return work(connection)


def _in_transaction(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], Result]) -> Result:
    with unavailable_on_failure(), transaction(connection):
        return work(connection)
