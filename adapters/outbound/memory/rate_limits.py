from bisect import bisect_right
from datetime import datetime, timedelta

from adapters.outbound.limits_windows import WindowRateLimits, Windows
from adapters.outbound.memory.expiring import Expiring
from application.ports.clock import Clock


class MemoryWindows(Windows):
    """Calls by key, oldest first, no more than count.

    Not the library's MemoryStorage: at each call that one walks through all keys, with a hop to a thread for every one
    of them, and 100,000 addresses would stop the process.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._calls = Expiring[list[datetime]](clock)

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        now = self._clock.now()
        calls = self._counting(key, expiry)
        if len(calls) + amount > limit:
            return False
        calls.extend([now] * amount)
        self._calls.put(key, calls, now + timedelta(seconds=expiry))
        return True

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        del limit
        calls = self._counting(key, expiry)
        oldest = calls[0] if calls else self._clock.now()
        return oldest.timestamp(), len(calls)

    async def release_entry(self, key: str) -> None:
        if calls := self._calls.get(key):
            calls.pop()

    def _counting(self, key: str, expiry: int) -> list[datetime]:
        calls = self._calls.get(key) or []
        del calls[: bisect_right(calls, self._clock.now() - timedelta(seconds=expiry))]
        return calls


class MemoryRateLimits(WindowRateLimits):
    def __init__(self, clock: Clock) -> None:
        super().__init__(MemoryWindows(clock), lambda: clock.now().timestamp())
