from datetime import datetime
from heapq import heappop, heappush
from typing import Generic, TypeVar

from application.ports.clock import Clock

_V = TypeVar("_V")

_CLEARED_AT_ONCE = 20
"""More than one, so that clearing is faster than filling; few enough that no caller waits for it."""


class Expiring(Generic[_V]):
    """Values by key, each until its time. Every ``get`` and ``put`` clears away some of those whose time is over: what
    many callers left behind is gone soon after, and no single call pays for all of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[_V, datetime]] = {}
        self._ends: list[tuple[datetime, str]] = []
        """A heap with each key once, at a time when it may be over: one that was put again lives on."""
        self._most = 0

    def __len__(self) -> int:
        """How many take up room, those that are over included."""
        return len(self._kept)

    def get(self, key: str) -> _V | None:
        self._clear_some()
        value, until = self._kept.get(key, (None, None))
        return value if until and self._clock.now() < until else None

    def put(self, key: str, value: _V, until: datetime) -> None:
        if key not in self._kept:
            heappush(self._ends, (until, key))
        self._kept[key] = value, until
        self._most = max(self._most, len(self._kept))
        self._clear_some()

    def drop(self, key: str) -> None:
        # It is over, and not deleted: a key that is put and dropped again and again would fill the heap.
        if key in self._kept:
            self._kept[key] = self._kept[key][0], self._clock.now()

    def _clear_some(self) -> None:
        now = self._clock.now()
        for _ in range(_CLEARED_AT_ONCE):
            if not self._ends or now < self._ends[0][0]:
                break
            _, key = heappop(self._ends)
            _, until = self._kept[key]
            if now < until:
                heappush(self._ends, (until, key))
            else:
                del self._kept[key]
        if len(self._kept) < self._most // 8:
            # A dict from which keys are deleted stays as large as it was.
            self._kept, self._most = dict(self._kept), len(self._kept)
