"""What every storage and every cache promises as a whole."""

from application.ports.cache import Cache
from application.ports.storage import Storage


async def test_a_store_answers(storage: Storage, another_storage: Storage) -> None:
    await storage.ping()
    await another_storage.ping()


async def test_a_cache_answers(cache: Cache, another_cache: Cache) -> None:
    await cache.ping()
    await another_cache.ping()
