"""Rates as windows that move with time: the strategy is that of the library limits, the stores are our own."""

from abc import abstractmethod
from collections.abc import Callable

from limits import RateLimitItemPerSecond
from limits.aio.storage import MovingWindowSupport, Storage
from limits.aio.strategies import MovingWindowRateLimiter

from application.ports.rate_limits import RateLimits
from domain.rate_limit import Rate

_SHORTEST_WAIT_SECONDS = 0.001


class Windows(Storage, MovingWindowSupport):
    """What the library's moving window asks of a store, and that an entry can be given back.

    A refundable rate is such a window too. The library's fixed window, whose counter could be lowered, lets twice the
    rate through around its end, and counts also the calls that it refuses: those nobody gives back.
    """

    @abstractmethod
    async def release_entry(self, key: str) -> None:
        """Take out the newest entry, if there is one."""

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return ()

    async def check(self) -> bool:
        return True

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        raise NotImplementedError("there are no fixed windows here")

    async def get(self, key: str) -> int:
        raise NotImplementedError("there are no fixed windows here")

    async def get_expiry(self, key: str) -> float:
        raise NotImplementedError("there are no fixed windows here")

    async def clear(self, key: str) -> None:
        raise NotImplementedError("windows end by themselves")

    async def reset(self) -> int | None:
        raise NotImplementedError("windows end by themselves")


class WindowRateLimits(RateLimits):
    """``now``: seconds, on the scale on which ``windows`` says when one began."""

    def __init__(self, windows: Windows, now: Callable[[], float]) -> None:
        self._windows, self._now = windows, now
        self._limiter = MovingWindowRateLimiter(windows)

    async def take(self, rate: Rate, key: str) -> float:
        item = _item(rate)
        if await self._limiter.hit(item, key):
            return 0.0
        window = await self._limiter.get_window_stats(item, key)
        # Since the refusal an entry may have ended, and then reset_time is past, or have been given back.
        wait = 0.0 if window.remaining > 0 else window.reset_time - self._now()
        return min(max(wait, _SHORTEST_WAIT_SECONDS), float(rate.seconds))

    async def give_back(self, rate: Rate, key: str) -> None:
        await self._windows.release_entry(_item(rate).key_for(key))


def _item(rate: Rate) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(rate.calls, rate.seconds, namespace=rate.name)
