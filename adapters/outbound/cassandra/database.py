import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from cassandra import WriteTimeout
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, NoHostAvailable

from adapters.outbound.cassandra.cluster import SERIAL
from adapters.outbound.cassandra.conditional import OutcomeUnknown, Partition, RaceLost, Result, Turns, settled
from adapters.outbound.cassandra.failures import FAILURES, MISTAKES, unavailable, unavailable_on_failure

Row = tuple[Any, ...]
Statement = Any
"""One of the driver's, with its values bound, or a batch of such."""


_BEFORE_TABLE = re.compile(r"\b(FROM|INTO|UPDATE) ")


class Database:
    """Carries statements from the event loop to the driver's threads and the answers back."""

    def __init__(self, cluster: Cluster, session: Any, keyspace: str) -> None:
        self._cluster, self._session, self._keyspace = cluster, session, keyspace
        self._turns = Turns()

    def prepare(self, cql: str) -> Any:
        """Blocks: for the time of opening only."""
        statement = self._session.prepare(qualified(cql, self._keyspace))
        statement.is_idempotent = cql.lstrip().startswith("SELECT")
        return statement

    async def rows(self, statement: Statement, *, serial: bool = False) -> list[Row]:
        """The whole result. Raises StorageUnavailable; at SERIAL also RaceLost."""
        with unavailable_on_failure():
            try:
                return await self.send(statement, SERIAL if serial else EXEC_PROFILE_DEFAULT)
            except WriteTimeout as error:
                # A read at SERIAL takes part in the contest of the writes.
                raise RaceLost from error

    async def row(self, statement: Statement, *, serial: bool = False) -> Row | None:
        """The only row of a point read."""
        rows = await self.rows(statement, serial=serial)
        return rows[0] if rows else None

    async def write(self, statement: Statement) -> None:
        """A write without a condition. Raises StorageUnavailable, and then may have been carried out all the same."""
        with unavailable_on_failure():
            await self.send(statement, EXEC_PROFILE_DEFAULT)

    async def apply(self, statement: Statement) -> None:
        """A write under a condition. Raises RaceLost, OutcomeUnknown, StorageUnavailable."""
        try:
            answer = await self.send(statement, EXEC_PROFILE_DEFAULT)
        except MISTAKES:
            raise
        except NoHostAvailable as error:
            # No node took it.
            raise unavailable(error) from error
        except FAILURES as error:
            raise OutcomeUnknown from error
        if not answer[0][0]:
            raise RaceLost

    async def settled(self, partition: Partition, attempt: Callable[[bool], Awaitable[Result]]) -> Result:
        """See ``conditional.settled``; ``partition`` is what the attempt is about."""
        async with self._turns.of(partition):
            return await settled(attempt)

    async def send(self, statement: Statement, profile: object) -> list[Row]:
        """The raw answer. Raises what the driver raises. A caller that is cancelled leaves the statement on its way."""
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[list[Row]] = loop.create_future()
        asked = self._session.execute_async(statement, execution_profile=profile)
        asked.add_callbacks(
            lambda rows: _post(loop, answered, rows or [], None), lambda error: _post(loop, answered, [], error)
        )
        return await answered

    async def close(self) -> None:
        await asyncio.to_thread(self._cluster.shutdown)


def qualified(cql: str, keyspace: str) -> str:
    """With the keyspace before its table: Cassandra warns of prepared statements that leave it to the session."""
    return _BEFORE_TABLE.sub(rf"\1 {keyspace}.", cql, count=1)


def _post(
    loop: asyncio.AbstractEventLoop, answered: "asyncio.Future[list[Row]]", rows: list[Row], error: Exception | None
) -> None:
    """On a thread of the driver's, so it may only leave a note on the loop."""
    with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
        loop.call_soon_threadsafe(_settle, answered, rows, error)


def _settle(answered: "asyncio.Future[list[Row]]", rows: list[Row], error: Exception | None) -> None:
    if answered.done():
        return  # cancelled
    if error is None:
        answered.set_result(rows)
    else:
        answered.set_exception(error)
