from collections.abc import Hashable
from datetime import datetime
from typing import Generic, TypeVar

from application.ports.clock import Clock

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class Once(Generic[_Key, _Value]):
    """Values that are taken out once, each until its time; all live for the same time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[_Key, tuple[_Value, datetime]] = {}

    def put(self, key: _Key, value: _Value, until: datetime) -> None:
        self._forget_expired()
        if until > self._clock.now():
            self._waiting[key] = value, until

    def take(self, key: _Key) -> _Value | None:
        value, until = self._waiting.pop(key, (None, None))
        return value if until and until > self._clock.now() else None

    def _forget_expired(self) -> None:
        # The oldest come first, so it ends at the first that still lives.
        now = self._clock.now()
        while self._waiting and (oldest := next(iter(self._waiting.items())))[1][1] <= now:
            del self._waiting[oldest[0]]
