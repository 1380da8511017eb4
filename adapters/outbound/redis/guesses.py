from dataclasses import astuple
from pathlib import Path

from adapters.outbound.redis.client import PREFIX, Client
from application.ports.guesses import Guesses
from domain.rate_limit import GrowingDelay

_BEGIN = Path(__file__).with_name("guesses_begin.lua").read_text()
_TAKE_BACK = Path(__file__).with_name("guesses_take_back.lua").read_text()


class RedisGuesses(Guesses):
    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def begin(self, key: str, delay: GrowingDelay) -> float:
        return await self._redis.run(_BEGIN, _key(key), *map(repr, astuple(delay))) / 1_000_000

    async def take_back(self, key: str, delay: GrowingDelay) -> None:
        del delay
        await self._redis.run(_TAKE_BACK, _key(key))

    async def forget(self, key: str) -> None:
        await self._redis.delete(_key(key))


def _key(key: str) -> str:
    return f"{PREFIX}guess:{key}"
