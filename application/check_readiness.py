from dataclasses import dataclass

from application.ports.cache import Cache
from application.ports.storage import Storage
from domain.errors import CacheUnavailable, StorageUnavailable


@dataclass(frozen=True, slots=True)
class Readiness:
    """What answers, and whether a worker is about."""

    storage: bool
    cache: bool
    worker: bool | None
    """None where nobody can tell, for the cache would know."""


@dataclass(frozen=True, slots=True)
class CheckReadiness:
    """Whether a process has what it needs to serve."""

    storage: Storage
    cache: Cache
    worker_role: str
    """As workers announce themselves."""

    async def __call__(self) -> Readiness:
        storage = await self._storage()
        try:
            await self.cache.ping()
            return Readiness(storage, cache=True, worker=await self.cache.presence.seen(self.worker_role))
        except CacheUnavailable:
            return Readiness(storage, cache=False, worker=None)

    async def _storage(self) -> bool:
        try:
            await self.storage.ping()
        except StorageUnavailable:
            return False
        return True
