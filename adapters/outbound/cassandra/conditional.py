"""Compare-and-set by lightweight transactions, whose answers can be lost.

Every row that is changed under a condition carries the identity of its last write (``write_id``, or something of its
own that never repeats), and no such row is ever deleted, or written without a condition. So a statement that arrives
late, long after its sender gave up, finds another identity and does nothing; and who reads back knows its own.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import uuid4

from domain.errors import StorageUnavailable

Result = TypeVar("Result")

_UNKNOWNS = 3
_RACES = 60
_SHORTEST_SECONDS, _LONGEST_SECONDS = 0.005, 0.25


class RaceLost(Exception):
    """The condition did not hold: somebody else has changed the row since it was read."""


class OutcomeUnknown(Exception):
    """The conditional write was carried out, or was not, or will be."""


def new_write_id() -> str:
    return uuid4().hex


async def settled(attempt: Callable[[bool], Awaitable[Result]]) -> Result:
    """The result of the first ``attempt`` that knows how it ended. Each reads, decides and writes under the condition
    that what it read still stands; it is told whether to read at SERIAL, which is where an unknown outcome shows.
    Raises StorageUnavailable after three unknown outcomes, or too many lost races."""
    unknown = 0
    for lost in range(_RACES):
        try:
            return await attempt(lost > 0)
        except RaceLost:
            pass
        except OutcomeUnknown as error:
            unknown += 1
            if unknown == _UNKNOWNS:
                raise StorageUnavailable("Cassandra does not say whether a write was carried out") from error
        await asyncio.sleep(random.uniform(0, min(_LONGEST_SECONDS, _SHORTEST_SECONDS * 2**lost)))  # noqa: S311
    raise StorageUnavailable("too many write the same row")
