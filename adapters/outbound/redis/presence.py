from adapters.outbound.redis.client import PREFIX, Client, milliseconds
from application.ports.presence import Presence


class RedisPresence(Presence):
    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def announce(self, role: str, *, seconds: float) -> None:
        await self._redis.set(_key(role), b"1", px=milliseconds(seconds))

    async def seen(self, role: str) -> bool:
        return bool(await self._redis.exists(_key(role)))


def _key(role: str) -> str:
    return f"{PREFIX}presence:{role}"
