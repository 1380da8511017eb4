import time
from contextlib import suppress
from types import TracebackType
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

from cassandra import CoordinationFailure, OperationTimedOut, Timeout

from domain.errors import StorageUnavailable

_TTL_SECONDS = 30
_PATIENCE_SECONDS = 60.0
_LOOK_EVERY_SECONDS = 0.2
_TRIES = 3
_UNKNOWN = (Timeout, OperationTimedOut, CoordinationFailure)


class SchemaLock:
    """Held by one process at a time, until it is left or, should the process die, for half a minute."""

    def __init__(self, session: Any) -> None:
        self._session, self._owner = session, uuid4().hex

    @staticmethod
    def table(keyspace: str) -> str:
        """The statement that makes its table. With an id of ours: two processes that make it at once, by two nodes,
        would otherwise make two tables of one name."""
        table_id = uuid5(NAMESPACE_URL, f"vectorshift:{keyspace}.schema_locks")
        return f"CREATE TABLE IF NOT EXISTS schema_locks (name text PRIMARY KEY, owner text) WITH id = '{table_id}'"

    def __enter__(self) -> "SchemaLock":
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._acquired():
            if time.monotonic() > deadline:
                raise StorageUnavailable("another process is changing the schema of Cassandra")
            time.sleep(_LOOK_EVERY_SECONDS)
        return self

    def renew(self) -> None:
        """Hold it for another half minute. Raises StorageUnavailable when it is no longer ours."""
        update = "UPDATE schema_locks USING TTL %s SET owner = %s WHERE name = 'schema' IF owner = %s"
        if not self._answer(update, _TTL_SECONDS, self._owner, self._owner)[0]:
            raise StorageUnavailable("another process has begun to change the schema of Cassandra")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(*_UNKNOWN):
            self._session.execute("DELETE FROM schema_locks WHERE name = 'schema' IF owner = %s", (self._owner,))

    def _acquired(self) -> bool:
        insert = "INSERT INTO schema_locks (name, owner) VALUES ('schema', %s) IF NOT EXISTS USING TTL %s"
        applied, *holder = self._answer(insert, self._owner, _TTL_SECONDS)
        return applied or self._owner in holder

    def _answer(self, statement: str, *values: object) -> tuple[Any, ...]:
        """Both statements may be repeated: where the outcome is unknown, the next answer tells."""
        for _ in range(_TRIES - 1):
            with suppress(*_UNKNOWN):
                return tuple(self._session.execute(statement, values).one())
        return tuple(self._session.execute(statement, values).one())
