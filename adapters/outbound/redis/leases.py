from pathlib import Path

from adapters.outbound.redis.client import PREFIX, Client, milliseconds
from application.ports.leases import Leases

_ACQUIRE = Path(__file__).with_name("leases_acquire.lua").read_text()
_RELEASE = Path(__file__).with_name("leases_release.lua").read_text()


class RedisLeases(Leases):
    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def acquire(self, name: str, owner: str, *, seconds: float) -> bool:
        return await self._redis.run(_ACQUIRE, _key(name), owner, str(milliseconds(seconds))) == 1

    async def release(self, name: str, owner: str) -> None:
        await self._redis.run(_RELEASE, _key(name), owner)


def _key(name: str) -> str:
    return f"{PREFIX}lease:{name}"
