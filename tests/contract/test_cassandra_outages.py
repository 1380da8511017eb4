"""A Cassandra out of reach: unavailable in time, and back by itself."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from adapters.outbound.cassandra.location import cassandra_location
from adapters.outbound.cassandra.schema import init_schema
from adapters.outbound.cassandra.storage import open_storage
from application.ports.storage import Storage
from domain.errors import StorageUnavailable
from tests.contract.every_call import every_storage_call
from tests.contract.examples import a_user

PROMISED_SECONDS = 2.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def url(cassandra_url: str) -> str:
    keyspace = f"{cassandra_url}/vectorshift_contract"
    await init_schema(keyspace)
    return keyspace


class Road:
    """The way to the server: it can be blocked, and cut."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._open = asyncio.Event()
        self.port = 0

    async def build(self) -> None:
        self._open.set()
        self._server = await asyncio.start_server(self._travel, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def block(self) -> None:
        self._open.clear()

    def clear(self) -> None:
        self._open.set()

    async def cut(self) -> None:
        if self._server:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        await asyncio.sleep(0)

    async def _travel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._to)
        self._writers |= {writer, back}
        await asyncio.gather(self._carry(reader, back), self._carry(there, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self._open.wait()
                writer.write(data)
        except OSError:
            pass
        finally:
            writer.close()


@pytest_asyncio.fixture(loop_scope="session")
async def road(url: str) -> AsyncIterator[Road]:
    (host, port), *_ = cassandra_location(url).nodes
    road = Road(host, port)
    await road.build()
    yield road
    await road.cut()


@asynccontextmanager
async def opened_over(road: Road, url: str) -> AsyncGenerator[Storage]:
    storage = await open_storage(urlsplit(url)._replace(netloc=f"127.0.0.1:{road.port}").geturl(), alone=False)
    try:
        yield storage
    finally:
        await storage.close()


async def everything_is_unavailable(storage: Storage) -> None:
    calls = every_storage_call(storage)
    begun = time.monotonic()
    answers = await asyncio.gather(*calls.values(), return_exceptions=True)
    # Twice, where a write is not answered and is then read back.
    assert time.monotonic() - begun < 2 * PROMISED_SECONDS + 1.5
    answered = dict(zip(calls, answers, strict=True))
    assert {name for name, answer in answered.items() if not isinstance(answer, StorageUnavailable)} == set()


async def comes_back(storage: Storage) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                return await storage.ping()
            except StorageUnavailable:
                await asyncio.sleep(0.1)


async def test_a_silent_cassandra_is_unavailable_in_time_and_comes_back_by_itself(road: Road, url: str) -> None:
    async with opened_over(road, url) as storage:
        road.block()
        await everything_is_unavailable(storage)
        road.clear()
        await comes_back(storage)
        await storage.users.add(a_user())


async def test_a_cassandra_that_is_gone_is_unavailable_and_comes_back_by_itself(road: Road, url: str) -> None:
    async with opened_over(road, url) as storage:
        await road.cut()
        await everything_is_unavailable(storage)
        await road.build()
        await comes_back(storage)
        await storage.users.add(a_user())


async def test_a_connection_that_breaks_under_a_write_does_not_write_twice(road: Road, url: str) -> None:
    user = a_user()
    async with opened_over(road, url) as storage:
        await storage.ping()
        road.block()
        writing = asyncio.ensure_future(storage.users.add(user))
        await asyncio.sleep(0.05)
        await road.cut()
        with pytest.raises(StorageUnavailable):
            await writing
        await road.build()
        await comes_back(storage)
        assert await storage.users.by_email(user.email) in (None, user)


async def test_where_nobody_listens_it_says_so_without_the_password(road: Road) -> None:
    await road.cut()
    url = f"cassandra://somebody:canary@127.0.0.1:{road.port}/keyspace"
    for opening in (open_storage(url, alone=False), init_schema(url)):
        with pytest.raises(StorageUnavailable, match=rf"127\.0\.0\.1:{road.port} cannot be reached") as refusal:
            await opening
        assert "canary" not in f"{refusal.value!r} {refusal.value.__cause__!r}"
        assert "\n" not in str(refusal.value)


def test_it_leaves_nothing_behind_on_its_event_loop(url: str) -> None:
    async def use_once(*, patience: float) -> None:
        storage = await open_storage(url, alone=False)
        calls = [asyncio.ensure_future(storage.users.by_id(a_user().id)) for _ in range(50)]
        await asyncio.wait(calls, timeout=patience)
        for call in calls:
            call.cancel()
        if patience:
            await storage.close()
        assert asyncio.all_tasks() - set(calls) == {asyncio.current_task()}

    for patience in (5, 0):  # the second leaves answers on their way to a loop that is closed
        asyncio.run(use_once(patience=patience))
