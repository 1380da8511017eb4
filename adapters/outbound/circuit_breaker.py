import time
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from domain.errors import CacheUnavailable

_P = ParamSpec("_P")
_T = TypeVar("_T")

_PAUSE_SECONDS = 2.0


class CircuitBreaker:
    """Spares callers the wait for a cache that lately did not answer. After a pause one of them asks again, and the
    others wait for what that one finds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._asked_again_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether the cache did not answer when it was asked last."""
        return self._asked_again_at is not None

    async def call(self, ask: Callable[_P, Awaitable[_T]], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Raises CacheUnavailable: what ``ask`` raised, or at once."""
        if self._asked_again_at is not None:
            if self._now() < self._asked_again_at:
                raise CacheUnavailable("the cache did not answer a moment ago")
            self._pause()
        try:
            answer = await ask(*args, **kwargs)
        except CacheUnavailable:
            self._pause()
            raise
        self._asked_again_at = None
        return answer

    def _pause(self) -> None:
        self._asked_again_at = self._now() + _PAUSE_SECONDS
