import time
from pathlib import Path

from adapters.outbound.limits_windows import WindowRateLimits, Windows
from adapters.outbound.redis.client import PREFIX, Client

_TAKE = Path(__file__).with_name("rate_limits_take.lua").read_text()
_WINDOW = Path(__file__).with_name("rate_limits_window.lua").read_text()


class RedisWindows(Windows):
    """A list per key, gone when nothing in it counts.

    Not the library's RedisStorage: that one opens connections of its own, which wait as long as it takes, and goes by
    the clock of whichever process asks.
    """

    def __init__(self, redis: Client) -> None:
        super().__init__()
        self._redis = redis

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        return await self._redis.run(_TAKE, _key(key), str(limit), str(expiry), str(amount)) == 1

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        del limit, expiry
        count, age = await self._redis.execute_command("EVAL", _WINDOW, 1, _key(key))
        return time.time() - age / 1_000_000, count

    async def release_entry(self, key: str) -> None:
        await self._redis.execute_command("LPOP", _key(key))


class RedisRateLimits(WindowRateLimits):
    def __init__(self, redis: Client) -> None:
        super().__init__(RedisWindows(redis), time.time)


def _key(key: str) -> str:
    return f"{PREFIX}rate:{key}"
