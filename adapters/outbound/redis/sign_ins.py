from adapters.outbound.redis.client import Client
from adapters.outbound.redis.once import Once
from application.ports.clock import Clock
from application.ports.sign_ins import SignIns
from domain.authorization import StateHash
from domain.sign_in import SignIn


class RedisSignIns(SignIns):
    def __init__(self, redis: Client, clock: Clock) -> None:
        self._waiting = Once(redis, clock, "sign-in", SignIn)

    async def add(self, sign_in: SignIn) -> None:
        await self._waiting.put(sign_in.state, sign_in)

    async def consume(self, state: StateHash) -> SignIn | None:
        return await self._waiting.take(state)
