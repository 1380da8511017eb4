from pathlib import Path

from adapters.outbound.redis.client import PREFIX, Client
from application.ports.jobs import Jobs

_BELL = f"{PREFIX}bell"
_RING = Path(__file__).with_name("jobs_ring.lua").read_text()
_KEPT_SECONDS = 3600
_SHORTEST_WAIT_SECONDS = 0.01
"""BLPOP takes 0 for "as long as it takes"."""


class RedisJobs(Jobs):
    """A list that holds one ring at most."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def ring(self) -> None:
        await self._redis.run(_RING, _BELL, str(_KEPT_SECONDS))

    async def wait(self, seconds: float) -> None:
        seconds = max(seconds, _SHORTEST_WAIT_SECONDS)
        await self._redis.execute_command("BLPOP", _BELL, seconds, blocks=seconds)
