"""What becomes of what nobody needs any more in a SQLite file: it goes bit by bit, and never too early."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.outbound.sqlite import database
from application.ports.storage import Storage
from domain.ids import RunId
from tests.contract.examples import (
    A_TIME,
    a_connection_id,
    a_registration,
    a_token_hash,
    a_user_id,
    an_event,
    some_changes,
    some_items,
)
from tests.contract.sqlite_files import opened

A_DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
MANY = 45


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vectorshift.db"


@pytest_asyncio.fixture(loop_scope="session")
async def storage(path: Path) -> AsyncIterator[Storage]:
    async with opened(path) as storage:
        yield storage


def rows(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        amount: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
        return amount


async def test_registrations_go_a_day_after_their_end(storage: Storage, path: Path) -> None:
    old = [a_registration() for _ in range(MANY)]
    for registration in old:
        await storage.registrations.add(registration)
    end = old[0].expires_at + A_DAY
    await storage.registrations.add(a_registration(created_at=end, expires_at=end + A_DAY))
    assert rows(path, "registrations") == MANY + 1
    later = [a_registration(created_at=end + TICK, expires_at=end + A_DAY) for _ in range(5)]
    for registration in later:
        await storage.registrations.add(registration)
    assert rows(path, "registrations") == 1 + len(later)
    assert await storage.registrations.by_token(later[0].token) == later[0]


async def test_reset_tokens_go_a_day_after_their_end(storage: Storage, path: Path) -> None:
    now = datetime.now(UTC)
    kept = [a_token_hash() for _ in range(2)]
    for _ in range(MANY):
        await storage.password_resets.add(a_token_hash(), a_user_id(), expires_at=now - A_DAY)
    for token in kept:
        await storage.password_resets.add(token, a_user_id(), expires_at=now - A_DAY + timedelta(hours=1))
    await storage.password_resets.add(a_token_hash(), a_user_id(), expires_at=now)
    assert rows(path, "password_reset_tokens") == len(kept) + 1
    assert all([await storage.password_resets.user_of(token) for token in kept])


async def test_events_go_after_ninety_days(storage: Storage, path: Path) -> None:
    for _ in range(MANY):
        await storage.security_events.add(an_event(a_user_id()))
    kept = an_event(user := a_user_id(), A_TIME + TICK)
    await storage.security_events.add(kept)
    for _ in range(5):
        await storage.security_events.add(an_event(a_user_id(), kept.at + timedelta(days=90)))
    assert rows(path, "security_events") == 6
    assert list(await storage.security_events.page(user, before=None, limit=10)) == [kept]


async def test_whoever_clears_lets_others_write_in_between(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_PIECE", 10)
    connection = a_connection_id()
    await storage.items.put_all(1, some_items(connection, 1000))
    await storage.changes.append(connection, 1, some_changes(connection, range(1, 1001)))
    for clearing in (storage.items.clear(connection), storage.changes.clear(connection, until=1000)):
        task = asyncio.ensure_future(clearing)
        await asyncio.sleep(0)
        await storage.sync_states.begin(a_connection_id(), RunId("a run"))
        assert not task.done()
        await task
    assert await storage.items.page(connection, kind=None, after=None, limit=1) == ()
    assert await storage.changes.between(connection, after=0, until=1000) == ()
