"""What every connection to a SQLite file needs."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from domain.errors import StorageUnavailable

_STATEMENTS = 256
"""Prepared ones kept by a connection: a few dozen, and those of ``IN`` lists of different lengths."""


def connect(path: Path, *, patience_ms: int, check_same_thread: bool = True) -> sqlite3.Connection:
    """Outside of ``transaction`` every statement stands for itself."""
    return sqlite3.connect(
        path,
        timeout=patience_ms / 1000,
        isolation_level=None,
        check_same_thread=check_same_thread,
        cached_statements=_STATEMENTS,
    )


def snapshot(connection: sqlite3.Connection) -> AbstractContextManager[None]:
    """All that is read in the block is of one moment."""
    return _between("BEGIN", connection)


def transaction(connection: sqlite3.Connection) -> AbstractContextManager[None]:
    """Commit at the end of the block, roll back when it raises."""
    # IMMEDIATE: one that reads first and writes later would fail at once, without patience, if another wrote between.
    return _between("BEGIN IMMEDIATE", connection)


@contextmanager
def _between(begin: str, connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # Some failures, a full disk for one, have ended it already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def unavailable_on_failure() -> Iterator[None]:
    """A file that is locked, full, read-only or broken raises StorageUnavailable; our own mistakes stay as they are."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.NotSupportedError):
        raise
    except sqlite3.DatabaseError as error:
        raise StorageUnavailable(f"SQLite: {error}") from error
