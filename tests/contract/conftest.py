"""Every storage and every cache that there is, each by its URL, twice: a suite takes a port and knows no technology.

A store is opened once per run, so all tests of this folder share one event loop, and take fresh identifiers.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.outbound.system_clock import SystemClock
from application.ports.authorizations import Authorizations
from application.ports.cache import Cache
from application.ports.changes import Changes
from application.ports.connections import Connections
from application.ports.credentials import Credentials
from application.ports.guesses import Guesses
from application.ports.items import Items
from application.ports.jobs import Jobs
from application.ports.leases import Leases
from application.ports.outbox import Outbox
from application.ports.password_resets import PasswordResets
from application.ports.presence import Presence
from application.ports.profiles import Profiles
from application.ports.rate_limits import RateLimits
from application.ports.registrations import Registrations
from application.ports.runs import Runs
from application.ports.security_events import SecurityEvents
from application.ports.sessions import Sessions
from application.ports.shared_grants import SharedGrants
from application.ports.storage import Storage
from application.ports.sync_states import SyncStates
from application.ports.users import Users
from tests.contract.openers import open_caches, open_storages

CALLERS = 30
"""How many call at once in a race, every other one through a second connection to the store."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=["memory", "sqlite", "cassandra"])
async def storages(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Storage, Storage]]:
    """One store, opened twice where its technology knows such a thing."""
    one, another = await open_storages(_storage_url(request, tmp_path_factory))
    yield one, another
    await one.close()
    if another is not one:
        await another.close()


def _storage_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    match request.param:
        case "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/contract.db"
        case "cassandra":
            return f"{request.getfixturevalue('cassandra_url')}/vectorshift_contract"
        case _:
            return "memory://"


@pytest.fixture
def storage(storages: tuple[Storage, Storage]) -> Storage:
    return storages[0]


@pytest.fixture
def another_storage(storages: tuple[Storage, Storage]) -> Storage:
    """The same store over other connections, as another process sees it."""
    return storages[1]


@pytest.fixture
def callers(storages: tuple[Storage, Storage]) -> list[Storage]:
    """As many as there are callers in a race."""
    return [storages[number % 2] for number in range(CALLERS)]


@pytest.fixture
def examples(request: pytest.FixtureRequest) -> int:
    """How many a property test may try on this store: a cluster answers more slowly than a file."""
    amounts = {"memory": 20, "sqlite": 60, "cassandra": 8}
    return amounts[request.node.callspec.params["storages"]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def loop() -> asyncio.AbstractEventLoop:
    """The one that all stores live on, for tests that drive it themselves."""
    return asyncio.get_running_loop()


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=["memory", "redis"])
async def caches(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Cache, Cache]]:
    """One cache, opened twice where its technology knows such a thing."""
    url = "memory://" if request.param == "memory" else request.getfixturevalue("redis_url")
    one, another = await open_caches(url, SystemClock())
    yield one, another
    await one.close()
    if another is not one:
        await another.close()


@pytest.fixture
def cache(caches: tuple[Cache, Cache]) -> Cache:
    return caches[0]


@pytest.fixture
def another_cache(caches: tuple[Cache, Cache]) -> Cache:
    """The same cache over other connections, as another process sees it."""
    return caches[1]


@pytest.fixture
def cache_callers(caches: tuple[Cache, Cache]) -> list[Cache]:
    """As many as there are callers in a race."""
    return [caches[number % 2] for number in range(CALLERS)]


@pytest.fixture
def users(storage: Storage) -> Users:
    return storage.users


@pytest.fixture
def profiles(storage: Storage) -> Profiles:
    return storage.profiles


@pytest.fixture
def sessions(storage: Storage) -> Sessions:
    return storage.sessions


@pytest.fixture
def registrations(storage: Storage) -> Registrations:
    return storage.registrations


@pytest.fixture
def password_resets(storage: Storage) -> PasswordResets:
    return storage.password_resets


@pytest.fixture
def security_events(storage: Storage) -> SecurityEvents:
    return storage.security_events


@pytest.fixture
def connections(storage: Storage) -> Connections:
    return storage.connections


@pytest.fixture
def credentials(storage: Storage) -> Credentials:
    return storage.credentials


@pytest.fixture
def shared_grants(storage: Storage) -> SharedGrants:
    return storage.shared_grants


@pytest.fixture
def items(storage: Storage) -> Items:
    return storage.items


@pytest.fixture
def changes(storage: Storage) -> Changes:
    return storage.changes


@pytest.fixture
def sync_states(storage: Storage) -> SyncStates:
    return storage.sync_states


@pytest.fixture
def runs(storage: Storage) -> Runs:
    return storage.runs


@pytest.fixture
def outbox(storage: Storage) -> Outbox:
    return storage.outbox


@pytest.fixture
def authorizations(cache: Cache) -> Authorizations:
    return cache.authorizations


@pytest.fixture
def leases(cache: Cache) -> Leases:
    return cache.leases


@pytest.fixture
def jobs(cache: Cache) -> Jobs:
    return cache.jobs


@pytest.fixture
def presence(cache: Cache) -> Presence:
    return cache.presence


@pytest.fixture
def rate_limits(cache: Cache) -> RateLimits:
    return cache.rate_limits


@pytest.fixture
def guesses(cache: Cache) -> Guesses:
    return cache.guesses
