"""What becomes of a SQLite file when things go wrong: nothing that was promised is lost."""

import asyncio
import os
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from adapters.outbound.sqlite.storage import open_storage
from application.ports.storage import StorageRefused
from domain.errors import StorageUnavailable
from domain.ids import RunId
from tests.contract.every_call import every_storage_call
from tests.contract.examples import a_connection_id, a_session, a_user, some_items
from tests.contract.sqlite_files import line_of, opened, running


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vectorshift.db"


async def test_a_killed_process_leaves_the_file_free(path: Path) -> None:
    program = """
async def main():
    await open_storage(sys.argv[1], alone=True)
    print("ready", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    with running(program, f"sqlite:///{path}") as process:
        assert await line_of(process) == "ready"
        with pytest.raises(StorageRefused):
            await open_storage(f"sqlite:///{path}", alone=True)
        process.kill()
        await asyncio.to_thread(process.wait)
        async with opened(path, alone=True) as storage:
            await storage.ping()


async def test_what_a_killed_process_was_told_is_stored_is_stored(path: Path) -> None:
    program = """
from tests.contract.examples import some_items
async def main():
    storage = await open_storage(sys.argv[1], alone=False)
    for epoch in range(1, 1000):
        await storage.items.put_all(epoch, some_items(sys.argv[2], 40, name=f"of {epoch}"))
        print(epoch, flush=True)
asyncio.run(main())
"""
    connection = a_connection_id()
    with running(program, f"sqlite:///{path}", connection) as process:
        while int(await line_of(process)) < 10:
            pass
        process.kill()
        told = max((int(line) for line in process.stdout or () if line.endswith("\n")), default=10)
    async with opened(path) as storage:
        found = await storage.items.page(connection, kind=None, after=None, limit=100)
        names = {item.source.name for item in found}
        assert len(found) == 40
        assert names in ({f"of {told}"}, {f"of {told + 1}"})


@contextmanager
def no_file_longer_than(length: int) -> Iterator[None]:
    """A full disk, as far as this process can tell."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_makes_writes_unavailable_and_loses_nothing(path: Path) -> None:
    connection, user = a_connection_id(), a_user()
    async with opened(path) as storage:
        await storage.users.add(user)
        log = path.with_name(path.name + "-wal")
        with no_file_longer_than(log.stat().st_size + 8192):
            with pytest.raises(StorageUnavailable):
                await storage.items.put_all(1, some_items(connection, 500))
            assert await storage.users.by_id(user.id) == user
        assert await storage.items.page(connection, kind=None, after=None, limit=10) == ()
        await storage.items.put_all(1, some_items(connection, 500))
        assert len(await storage.items.page(connection, kind=None, after=None, limit=1000)) == 500


async def test_a_writer_waits_for_another_process_and_then_gives_up(path: Path) -> None:
    async with opened(path) as storage:
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageUnavailable, match="locked"):
                await storage.sessions.add(a_session())
            waiting = asyncio.ensure_future(storage.sync_states.begin(a_connection_id(), RunId("a run")))
            await asyncio.sleep(0.1)
            other.execute("ROLLBACK")
            assert (await waiting).epoch == 1


async def test_a_store_without_its_tables_raises_unavailable_from_every_method(path: Path) -> None:
    async with opened(path) as storage:
        with closing(sqlite3.connect(path)) as other:
            for (table,) in other.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                other.execute(f"DROP TABLE {table}")
        for name, call in every_storage_call(storage).items():
            try:
                await call
            except StorageUnavailable:
                continue
            pytest.fail(f"{name} answered")


def spoil(path: Path) -> None:
    """All but the first page, which names the tables' roots."""
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))


async def test_a_broken_file_makes_reads_unavailable(path: Path) -> None:
    user = a_user()
    async with opened(path) as storage:
        await storage.users.add(user)
    spoil(path)
    with pytest.raises(StorageUnavailable):
        async with opened(path) as storage:
            await storage.users.by_id(user.id)
