import asyncio
from math import ceil
from typing import Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from domain.errors import CacheUnavailable

PREFIX = "vectorshift:"
PATIENCE_SECONDS = 1.5
_CONNECTIONS = 32


class Client(Redis):
    """A Redis that answers in time, or raises CacheUnavailable. It connects when it is first asked, and again after
    every failure; what it has failed to do may have been done all the same."""

    def __init__(self, url: str) -> None:
        """Raises ValueError when ``url`` is none that redis-py understands (redis://, rediss://)."""
        # No retries, which Redis() sets by default: they repeat what may have been carried out (a second GETDEL finds
        # nothing). An idle connection that was closed meanwhile is found and replaced without them.
        # No socket timeout: one limit stands around connecting, asking and waiting for the answer.
        try:
            pool = ConnectionPool.from_url(
                url, socket_timeout=None, socket_connect_timeout=PATIENCE_SECONDS, retry=Retry(NoBackoff(), 0)
            )
            pool.connection_class(**pool.connection_kwargs)
        except (ValueError, TypeError):
            # Without its cause, which may quote a piece of the password.
            raise ValueError("not a Redis URL; is its password percent-encoded, are its options known?") from None
        super().__init__(connection_pool=pool)
        self._turns = asyncio.Semaphore(_CONNECTIONS)

    async def execute_command(self, *args: Any, blocks: float = 0, **options: Any) -> Any:
        """``blocks``: seconds for which the command itself may wait at the server."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS + blocks), self._turns:
                return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except (RedisError, OSError, TimeoutError) as error:
            raise CacheUnavailable("Redis does not answer as it should") from error

    async def run(self, script: str, key: str, *arguments: str) -> int:
        """A Lua script on one key, atomic. It is sent whole each time (EVAL): a Redis that was restarted, or another
        that took its place, knows none by its hash (EVALSHA)."""
        return int(await self.execute_command("EVAL", script, 1, key, *arguments) or 0)


def milliseconds(seconds: float) -> int:
    """What Redis takes as a lifetime: whole, and never zero."""
    return max(1, ceil(seconds * 1000))
