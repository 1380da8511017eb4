import asyncio
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from adapters.outbound.sqlite.connection import connect, transaction, unavailable_on_failure
from adapters.outbound.sqlite.location import database_path, make_file
from adapters.outbound.sqlite.schema_steps import STEPS
from application.ports.storage import StorageRefused

_PATIENCE_MS = 5000
_STEPS_TABLE = "CREATE TABLE schema_steps (number INTEGER PRIMARY KEY, applied_at TEXT NOT NULL) STRICT"
_OURS = frozenset(re.findall(r"CREATE TABLE (\w+)", " ".join([_STEPS_TABLE, *(sql for step in STEPS for sql in step)])))


async def init_schema(url: str) -> None:
    """Create or upgrade the file that ``url`` names. Repeating it, also by several processes at once, is harmless.
    Raises StorageRefused, having changed nothing, for a file that is not ours or was written by a newer version."""
    await asyncio.to_thread(_init, database_path(url))


def _init(path: Path) -> None:
    make_file(path)
    with unavailable_on_failure(), closing(connect(path, patience_ms=_PATIENCE_MS)) as connection:
        try:
            with transaction(connection):
                _upgrade(connection, path)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
                raise StorageRefused(f"{path} is not a SQLite database") from error
            raise
        _use_write_ahead_log(connection)


def _upgrade(connection: sqlite3.Connection, path: Path) -> None:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")}
    if not _has_our_steps(connection):
        if foreign := sorted(tables & _OURS):
            raise StorageRefused(f"{path} holds tables of another product: {', '.join(foreign)}; name another file")
        connection.execute(_STEPS_TABLE)
    done = connection.execute("SELECT coalesce(max(number), 0) FROM schema_steps").fetchone()[0]
    if done > len(STEPS):
        raise StorageRefused(f"{path} was written by a newer version (schema {done}; this one knows {len(STEPS)})")
    for number, statements in enumerate(STEPS[done:], start=done + 1):
        for statement in statements:
            connection.execute(statement)
        connection.execute("INSERT INTO schema_steps VALUES (?, strftime('%Y-%m-%dT%H:%M:%SZ'))", (number,))


def _has_our_steps(connection: sqlite3.Connection) -> bool:
    columns = [name for (name,) in connection.execute("SELECT name FROM pragma_table_info('schema_steps')")]
    return columns == ["number", "applied_at"]


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Lasts in the file, so it comes after the refusals."""
    deadline = time.monotonic() + _PATIENCE_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            # Other processes that open the file at this moment lock it, and here SQLite does not wait by itself.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
