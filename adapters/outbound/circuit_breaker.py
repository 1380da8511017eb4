import time
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from domain.errors import CacheUnavailable

_P = ParamSpec("_P")
_T = TypeVar("_T")


class CircuitBreaker:
    """Spares callers the wait for somebody who lately did not answer. After a pause one of them asks again, and the
    others wait for what that one finds."""

    def __init__(
        self, *, faults: int = 1, pause_seconds: float = 2.0, now: Callable[[], float] = time.monotonic
    ) -> None:
        """``faults``: how many in a row it takes."""
        self._most_faults, self._pause_seconds, self._now = faults, pause_seconds, now
        self._faults = 0
        self._asked_again_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether there was no answer the last few times."""
        return self._faults >= self._most_faults

    def wait(self) -> float:
        """0 for a caller who may ask now, and then says how it went; otherwise the seconds until one may."""
        if not self.is_open:
            return 0.0
        left = self._asked_again_at - self._now()
        if left <= 0:
            self._asked_again_at = self._now() + self._pause_seconds
        return max(left, 0.0)

    def failed(self) -> None:
        self._faults += 1
        self._asked_again_at = self._now() + self._pause_seconds

    def worked(self) -> None:
        self._faults = 0


class CacheBreaker(CircuitBreaker):
    """For a cache, whose first fault is enough."""

    async def call(self, ask: Callable[_P, Awaitable[_T]], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Raises CacheUnavailable: what ``ask`` raised, or at once."""
        if self.wait():
            raise CacheUnavailable("the cache did not answer a moment ago")
        try:
            answer = await ask(*args, **kwargs)
        except CacheUnavailable:
            self.failed()
            raise
        self.worked()
        return answer
