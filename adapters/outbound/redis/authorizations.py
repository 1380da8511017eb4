import msgspec

from adapters.outbound.redis.client import PREFIX, Client, milliseconds
from application.ports.authorizations import Authorizations
from application.ports.clock import Clock
from domain.authorization import Authorization, StateHash

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Authorization).decode


class RedisAuthorizations(Authorizations):
    def __init__(self, redis: Client, clock: Clock) -> None:
        self._redis, self._clock = redis, clock

    async def add(self, authorization: Authorization) -> None:
        left = (authorization.expires_at - self._clock.now()).total_seconds()
        if left > 0:
            await self._redis.set(_key(authorization.state), _encode(authorization), px=milliseconds(left))

    async def consume(self, state: StateHash) -> Authorization | None:
        # GETDEL, not GET and DEL: between those two a second callback would find it again.
        kept = await self._redis.getdel(_key(state))
        found = _decode(kept) if kept else None
        return found if found and found.expires_at > self._clock.now() else None


def _key(state: StateHash) -> str:
    return f"{PREFIX}authorization:{state.hex()}"
