from adapters.outbound.redis.client import Client
from adapters.outbound.redis.once import Once
from application.ports.authorizations import Authorizations
from application.ports.clock import Clock
from domain.authorization import Authorization, StateHash


class RedisAuthorizations(Authorizations):
    def __init__(self, redis: Client, clock: Clock) -> None:
        self._waiting = Once(redis, clock, "authorization", Authorization)

    async def add(self, authorization: Authorization) -> None:
        await self._waiting.put(authorization.state, authorization)

    async def consume(self, state: StateHash) -> Authorization | None:
        return await self._waiting.take(state)
