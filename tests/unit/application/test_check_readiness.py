"""What a process says of its parts."""

import pytest

from adapters.outbound.memory.cache import MemoryCache
from adapters.outbound.memory.storage import MemoryStorage
from application.check_readiness import CheckReadiness, Readiness
from domain.errors import CacheUnavailable, StorageUnavailable
from tests.unit.application.house import House
from tests.unit.builders import HeldClock


class AwayStorage(MemoryStorage):
    async def ping(self) -> None:
        raise StorageUnavailable


class AwayCache(MemoryCache):
    async def ping(self) -> None:
        raise CacheUnavailable


async def test_a_worker_counts_once_it_has_shown_itself(house: House) -> None:
    assert await house.uses.check_readiness()() == Readiness(storage=True, cache=True, worker=False)
    await house.cache.presence.announce("worker", seconds=15)
    assert await house.uses.check_readiness()() == Readiness(storage=True, cache=True, worker=True)


@pytest.mark.parametrize("storage", [MemoryStorage, AwayStorage])
async def test_without_its_cache_nobody_can_tell_of_a_worker(storage: type[MemoryStorage]) -> None:
    found = await CheckReadiness(storage(), AwayCache(HeldClock()), "worker")()
    assert found == Readiness(storage=storage is MemoryStorage, cache=False, worker=None)
