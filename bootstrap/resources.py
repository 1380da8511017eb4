"""Opens what the settings name, in order; closes it in reverse."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module

from adapters.outbound.provider_http import open_client
from application.ports.cache import Cache
from application.ports.clock import Clock
from application.ports.storage import Storage
from bootstrap.container import Container
from bootstrap.environment import SettingsRefused
from bootstrap.settings import Settings

_STORAGES = {
    "memory": "adapters.outbound.memory",
    "sqlite": "adapters.outbound.sqlite",
    "cassandra": "adapters.outbound.cassandra",
}
_CACHES = {
    "memory": "adapters.outbound.memory",
    "redis": "adapters.outbound.redis",
    "rediss": "adapters.outbound.redis",
}


@asynccontextmanager
async def opened(container: Container, settings: Settings, *, visiting: bool = False) -> AsyncGenerator[Container]:
    """The container with everything in it open. ``visiting``: for a moment, beside a process that has the storage for
    itself. Raises StorageRefused, StorageUnavailable, CacheUnavailable."""
    async with AsyncExitStack() as stack:
        storage = await open_storage(settings, visiting=visiting)
        stack.push_async_callback(storage.close)
        cache = await open_cache(settings, container.clock())
        stack.push_async_callback(cache.close)
        client = await stack.enter_async_context(open_client())
        container.storage.override(storage)
        container.cache.override(cache)
        container.http_client.override(client)
        stack.callback(container.passwords().close)
        # Else whoever registers first would hold the event loop with it.
        await asyncio.to_thread(container.common_passwords().load)
        stack.push_async_callback(container.access_tokens().settle)
        stack.push_async_callback(container.record_event().settle)
        yield container


async def open_storage(settings: Settings, *, visiting: bool = False) -> Storage:
    """Only the driver that is asked for is imported."""
    module = import_module(_module(_STORAGES, "STORAGE_URL", settings.storage_url) + ".storage")
    storage: Storage = await module.open_storage(settings.storage_url, alone=None if visiting else settings.alone)
    return storage


async def open_cache(settings: Settings, clock: Clock) -> Cache:
    module = import_module(_module(_CACHES, "CACHE_URL", settings.cache_url) + ".cache")
    try:
        cache: Cache = await module.open_cache(settings.cache_url, clock)
    except ValueError as error:
        raise SettingsRefused(f"CACHE_URL: {error}") from error
    return cache


async def init_schema(settings: Settings) -> None:
    """Creates or upgrades what the storage needs; nothing where it needs no schema."""
    name = _module(_STORAGES, "STORAGE_URL", settings.storage_url)
    if not name.endswith(".memory"):
        await import_module(name + ".schema").init_schema(settings.storage_url)


def check(settings: Settings) -> None:
    """Raises SettingsRefused for an address whose scheme nobody knows."""
    _module(_STORAGES, "STORAGE_URL", settings.storage_url)
    _module(_CACHES, "CACHE_URL", settings.cache_url)


def _module(known: dict[str, str], setting: str, url: str) -> str:
    scheme = url.partition("://")[0]
    if scheme not in known:
        raise SettingsRefused(f"{setting} begins with {scheme!r}; it can begin with {', '.join(known)}.")
    return known[scheme]
