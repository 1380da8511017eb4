from datetime import datetime
from typing import Generic, Protocol, TypeVar

import msgspec

from adapters.outbound.redis.client import PREFIX, Client, milliseconds
from application.ports.clock import Clock


class _Expires(Protocol):
    @property
    def expires_at(self) -> datetime: ...


_Value = TypeVar("_Value", bound=_Expires)

_encode = msgspec.msgpack.Encoder().encode


class Once(Generic[_Value]):
    """Values that are taken out once, each until its ``expires_at``."""

    def __init__(self, redis: Client, clock: Clock, name: str, type_: type[_Value]) -> None:
        self._redis, self._clock, self._name = redis, clock, name
        self._decode = msgspec.msgpack.Decoder(type_).decode

    async def put(self, key: bytes, value: _Value) -> None:
        left = (value.expires_at - self._clock.now()).total_seconds()
        if left > 0:
            await self._redis.set(self._key(key), _encode(value), px=milliseconds(left))

    async def take(self, key: bytes) -> _Value | None:
        # GETDEL, not GET and DEL: between those two a second callback would find it again.
        kept = await self._redis.getdel(self._key(key))
        found = self._decode(kept) if kept else None
        return found if found and found.expires_at > self._clock.now() else None

    def _key(self, key: bytes) -> str:
        return f"{PREFIX}{self._name}:{key.hex()}"
