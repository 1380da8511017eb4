"""Compare-and-set by lightweight transactions, whose answers can be lost.

Every row that is changed under a condition carries the identity of its last write (``write_id``, or something of its
own that never repeats), and no such row is ever deleted, or written without a condition; what is removed leaves a row
with that identity alone. So a statement that arrives late, long after its sender gave up, finds another identity and
does nothing; and who reads back knows its own. What is left of a deleted account is the exception: its rows go, under a
condition too, when nobody writes them.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar
from uuid import uuid4
from weakref import WeakValueDictionary

from domain.errors import StorageUnavailable

Result = TypeVar("Result")
Partition = tuple[str, ...]
"""Table and key."""

_UNKNOWNS = 3
_PATIENCE_SECONDS = 8.0
_TURN_SECONDS = 2.0
_SHORTEST_SECONDS, _LONGEST_SECONDS = 0.005, 0.25


class RaceLost(Exception):
    """The condition did not hold, for somebody else has changed the row since it was read; or so many were at it that
    nobody got through."""


class OutcomeUnknown(Exception):
    """The conditional write was carried out, or was not, or will be."""


def new_write_id() -> str:
    return uuid4().hex


class Turns:
    """Callers of one process, one after the other for each partition: at once they would only fail each other."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Partition, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, partition: Partition) -> AsyncGenerator[None]:
        """Waits for its turn, but not long: it saves effort, nothing depends on it."""
        lock = self._locks.setdefault(partition, asyncio.Lock())
        held = False
        with suppress(TimeoutError):
            async with asyncio.timeout(_TURN_SECONDS):
                held = await lock.acquire()
        try:
            yield
        finally:
            if held:
                lock.release()


async def settled(attempt: Callable[[bool], Awaitable[Result]]) -> Result:
    """The result of the first ``attempt`` that knows how it ended. Each reads, decides and writes under the condition
    that what it read still stands; it is told whether to read at SERIAL, which is where an unknown outcome shows.
    Raises StorageUnavailable after three unknown outcomes, or too long a time of lost races."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    lost = unknown = 0
    while True:
        try:
            return await attempt(lost > 0)
        except RaceLost as error:
            if time.monotonic() > deadline:
                raise StorageUnavailable("too many write the same row of Cassandra") from error
        except OutcomeUnknown as error:
            unknown += 1
            if unknown == _UNKNOWNS:
                raise StorageUnavailable("Cassandra does not say whether a write was carried out") from error
        await asyncio.sleep(random.uniform(0, min(_LONGEST_SECONDS, _SHORTEST_SECONDS * 2**lost)))  # noqa: S311
        lost += 1
