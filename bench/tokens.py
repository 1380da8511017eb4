"""Resolving an access token that is fresh: how often the store is asked, and the time beside its floors."""

import asyncio
import os
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import uuid4

import uvloop

from adapters.outbound.memory.cache import MemoryCache
from adapters.outbound.provider_http import open_client
from adapters.outbound.sqlite.database import Database
from adapters.outbound.sqlite.schema import init_schema
from adapters.outbound.sqlite.storage import SqliteStorage
from adapters.outbound.system_clock import SystemClock
from adapters.outbound.system_entropy import SystemEntropy
from application.ports.storage import Storage
from bench.report import verdict
from bootstrap.container import Container
from domain.connection import Connection
from domain.credential import Tokens
from domain.ids import ConnectionId
from domain.secret import Secret
from tests.unit.builders import a_connection, a_house

GOAL = 1
_ROWS = 500
"""Credentials beside the one that is asked for."""
_ROUNDS, _CALLS, _WARM_UP = 15, 1000, 200
_SELECT = """
    SELECT access_token, refresh_token, expires_at, scopes, obtained_at, revision, claimed_until
    FROM user_credentials WHERE connection_id = ?
"""

Repeated = Callable[[int], Awaitable[None]]
"""Does it so many times."""


@dataclass(frozen=True, slots=True)
class _Cost:
    """Of one, in microseconds."""

    time: float
    cpu_time: float
    """Of all threads: depends less on what else the machine does."""


class _TracedDatabase(Database):
    """Remembers every statement that SQLite carried out, whichever connection it came by."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.statements: list[str] = []
        for one in (self._reader, self._long_reader, self._writer):
            one.sql.set_trace_callback(self.statements.append)


def measure() -> bool:
    print("\nResolving an access token that is fresh, of a connection that is at hand")
    return uvloop.run(_measure())


async def _measure() -> bool:
    with TemporaryDirectory(prefix="vectorshift-bench-") as folder:
        file = Path(folder) / "bench.db"
        await init_schema(f"sqlite:///{file}")
        reached = await _count_on_sqlite(file)
        reached = await _count_on_cassandra() and reached
        await _time(file)
    return reached


async def _count_on_sqlite(file: Path) -> bool:
    database = _TracedDatabase(file)
    async with _wired(SqliteStorage(database, None)) as container:
        connection = await _stored(container)
        database.statements.clear()
        await container.access_tokens()(connection)
        alone = len(database.statements)
        await container.show_credentials()(connection.user, provider=connection.provider, connection=connection.id)
        reached = _judge("SQLite, statements that it traced", alone)
        print(f"    for comparison ShowCredentials, which finds the connection too: {len(database.statements) - alone}")
    return reached


async def _count_on_cassandra() -> bool:
    """Where there is one; that it could not be counted is no miss, but said."""
    url = os.environ.get("TEST_CASSANDRA_URL")
    if not url:
        print("  NOT RUN on Cassandra: TEST_CASSANDRA_URL names no server")
        return True
    # The driver is imported where it is used alone.
    from adapters.outbound.cassandra.schema import init_schema as init_keyspace  # noqa: PLC0415
    from tests.contract.cassandra_stage import staged  # noqa: PLC0415

    place = f"{url.rstrip('/')}/vectorshift_bench"
    await init_keyspace(place)
    async with staged(place) as (storage, database), _wired(storage, close=False) as container:
        connection = await _stored(container)
        database.asked.clear()
        await container.access_tokens()(connection)
        return _judge("Cassandra, statements that were sent", len(database.asked))


def _judge(what: str, count: int) -> bool:
    # None at all would mean that a cache answered, or that nothing was counted.
    reached = 0 < count <= GOAL
    print(f"  {what}: {count}; goal at most {GOAL}: {verdict(reached)}")
    return reached


async def _time(file: Path) -> None:
    async with _wired(SqliteStorage(Database(file), None)) as container:
        connection = await _stored(container)
        for _ in range(_ROWS):
            await _keep_tokens(container, ConnectionId(str(uuid4())))
        with closing(sqlite3.connect(file, isolation_level=None)) as bare:
            things: dict[str, Repeated] = {
                "AccessTokens": partial(_resolve, container, connection),
                "a bare SELECT of the same row": partial(_select, bare, connection),
                "unsealing both tokens alone": await _unsealing(container, connection),
            }
            rounds = await _alternate(things)
    _report(rounds)


async def _alternate(things: dict[str, Repeated]) -> dict[str, list[_Cost]]:
    rounds: dict[str, list[_Cost]] = {name: [] for name in things}
    for do in things.values():
        await do(_WARM_UP)
    for _ in range(_ROUNDS):
        for name, do in things.items():
            begun, used = time.perf_counter(), time.process_time()
            await do(_CALLS)
            took, cost = time.perf_counter() - begun, time.process_time() - used
            rounds[name].append(_Cost(took / _CALLS * 1e6, cost / _CALLS * 1e6))
    return rounds


def _report(rounds: dict[str, list[_Cost]]) -> None:
    print(f"  SQLite, {_ROUNDS} alternating rounds of {_CALLS}, {_ROWS + 1} credentials in the file; medians of one:")
    for name, costs in rounds.items():
        times, cpu_times = [one.time for one in costs], [one.cpu_time for one in costs]
        spread = f"rounds {min(times):.1f} to {max(times):.1f}"
        print(f"    {name:30} {median(times):5.1f} microseconds ({spread}), {median(cpu_times):5.1f} of CPU time")
    pairs = list(zip(*([one.cpu_time for one in costs] for costs in rounds.values()), strict=True))
    to_select = median(resolved / selected for resolved, selected, _ in pairs)
    to_both = median(resolved / (selected + unsealed) for resolved, selected, unsealed in pairs)
    print(
        f"    by CPU time {to_select:.1f} times the SELECT, {to_both:.2f} times the SELECT and the unsealing together"
    )


async def _resolve(container: Container, connection: Connection, times: int) -> None:
    access_tokens = container.access_tokens()
    for _ in range(times):
        await access_tokens(connection)


async def _select(bare: sqlite3.Connection, connection: Connection, times: int) -> None:
    for _ in range(times):
        bare.execute(_SELECT, (connection.id,)).fetchall()


async def _unsealing(container: Container, connection: Connection) -> Repeated:
    credential, seal_tokens = await container.credentials().find(connection.id), container.seal_tokens()
    assert credential is not None

    async def unseal(times: int) -> None:
        for _ in range(times):
            seal_tokens.open(credential)

    return unseal


@asynccontextmanager
async def _wired(storage: Storage, *, close: bool = True) -> AsyncIterator[Container]:
    """The product's own wiring and vault over this store."""
    clock = SystemClock()
    async with open_client() as client:
        container = a_house(storage, MemoryCache(clock), client, clock, SystemEntropy())
        try:
            yield container
        finally:
            await asyncio.to_thread(container.passwords().close)
            if close:
                await storage.close()


async def _stored(container: Container) -> Connection:
    now = datetime.now(UTC)
    connection = replace(a_connection(), id=ConnectionId(str(uuid4())), created_at=now, connected_at=now)
    stored: Connection = await container.connections().connect(connection)
    await _keep_tokens(container, stored.id)
    return stored


async def _keep_tokens(container: Container, connection: ConnectionId) -> None:
    """As long as those of providers."""
    access, refresh = (Secret(secrets.token_urlsafe(240)) for _ in range(2))
    tokens = Tokens(access, refresh, datetime.now(UTC) + timedelta(minutes=30), ("oauth",))
    await container.credentials().put(container.seal_tokens()(connection, tokens))
