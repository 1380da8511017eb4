"""Opens a store or a cache by its URL, twice."""

from importlib import import_module
from urllib.parse import urlsplit

from application.ports.cache import Cache
from application.ports.clock import Clock
from application.ports.storage import Storage

_SHARED_NOWHERE = "memory"
"""What lives in its process alone: there the second one is the first."""


async def open_storages(url: str) -> tuple[Storage, Storage]:
    scheme = urlsplit(url).scheme
    adapter = import_module(f"adapters.outbound.{scheme}.storage")
    if scheme != _SHARED_NOWHERE:
        await import_module(f"adapters.outbound.{scheme}.schema").init_schema(url)
    one: Storage = await adapter.open_storage(url, alone=False)
    return one, one if scheme == _SHARED_NOWHERE else await adapter.open_storage(url, alone=False)


async def open_caches(url: str, clock: Clock) -> tuple[Cache, Cache]:
    scheme = urlsplit(url).scheme
    adapter = import_module(f"adapters.outbound.{scheme}.cache")
    one: Cache = await adapter.open_cache(url, clock)
    return one, one if scheme == _SHARED_NOWHERE else await adapter.open_cache(url, clock)
