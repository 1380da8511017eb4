"""What only Cassandra can do wrong. What it must do right like every other storage is in the suites of the ports."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from cassandra import ConsistencyLevel, WriteType
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster
from cassandra.query import SimpleStatement

from adapters.outbound.cassandra.batches import MAX_BYTES, MAX_STATEMENTS
from adapters.outbound.cassandra.cluster import SERIAL, RetryReads, connect
from adapters.outbound.cassandra.location import cassandra_location
from adapters.outbound.cassandra.schema import init_schema
from application.ports.storage import Storage
from domain.errors import EpochSuperseded
from domain.item import BUCKETS
from tests.contract.cassandra_stage import Asked, UncertainDatabase, staged
from tests.contract.every_call import every_storage_call
from tests.contract.examples import A_TIME, a_connection_id, an_effect, some_changes, some_items

PROMISED_SECONDS = 2.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def url(cassandra_url: str) -> str:
    keyspace = f"{cassandra_url}/vectorshift_contract"
    await init_schema(keyspace)
    return keyspace


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(url: str) -> AsyncIterator[tuple[Storage, UncertainDatabase]]:
    async with staged(url) as opened:
        yield opened


@pytest.fixture
def storage(stage: tuple[Storage, UncertainDatabase]) -> Storage:
    return stage[0]


@pytest.fixture
def database(stage: tuple[Storage, UncertainDatabase]) -> UncertainDatabase:
    stage[1].asked.clear()
    return stage[1]


READ = SimpleStatement("SELECT", is_idempotent=True)
WRITE = SimpleStatement("UPDATE", is_idempotent=False)
QUORUM = ConsistencyLevel.LOCAL_QUORUM
FAILED: dict[str, Callable[[Any], tuple[int, Any]]] = {
    "too slow a read": lambda query: RetryReads().on_read_timeout(
        query, QUORUM, 2, 2, data_retrieved=False, retry_num=0
    ),
    "too few replicas": lambda query: RetryReads().on_unavailable(query, QUORUM, 2, 1, 0),
    "a broken connection": lambda query: RetryReads().on_request_error(query, QUORUM, OSError(), 0),
}


@pytest.mark.parametrize("failed", FAILED.values(), ids=FAILED)
def test_the_driver_asks_a_read_again_and_never_a_write(failed: Callable[[Any], tuple[int, Any]]) -> None:
    assert failed(READ)[0] in (RetryReads.RETRY, RetryReads.RETRY_NEXT_HOST)
    assert failed(WRITE) == (RetryReads.RETHROW, None)


@pytest.mark.parametrize("kind", ["SIMPLE", "BATCH", "UNLOGGED_BATCH", "BATCH_LOG", "CAS"])
def test_the_driver_never_repeats_a_write_that_was_too_slow(kind: str) -> None:
    write_type = WriteType.name_to_value[kind]
    for query in (READ, WRITE):
        assert RetryReads().on_write_timeout(query, QUORUM, write_type, 2, 1, 0) == (RetryReads.RETHROW, None)


def test_every_statement_goes_by_our_rules(url: str) -> None:
    cluster, session = connect(cassandra_location(url))
    try:
        profiles = cluster.profile_manager.profiles
        for profile in (profiles[EXEC_PROFILE_DEFAULT], profiles[SERIAL]):
            assert isinstance(profile.retry_policy, RetryReads)
            assert profile.request_timeout <= PROMISED_SECONDS
            assert profile.serial_consistency_level == ConsistencyLevel.LOCAL_SERIAL
        assert profiles[EXEC_PROFILE_DEFAULT].consistency_level == ConsistencyLevel.LOCAL_QUORUM
        assert profiles[SERIAL].consistency_level == ConsistencyLevel.LOCAL_SERIAL
        assert Cluster.connection_class.__name__ == "LibevConnection"
    finally:
        cluster.shutdown()
    del session


def test_no_statement_looks_through_a_whole_table(database: UncertainDatabase) -> None:
    assert database.texts
    for text in database.texts.values():
        assert "ALLOW FILTERING" not in text
        assert " WHERE " in text or text.startswith("INSERT ")
    assert {_read(text) for text in database.texts.values() if " token(" in text} == {"user_ids"}


async def used(storage: Storage) -> None:
    """Every method once, with something to do."""
    connection = a_connection_id()
    await storage.changes.append(connection, 1, some_changes(connection, range(1, 11)))
    await storage.items.put_all(2, some_items(connection, 5, deleted_at=A_TIME))
    for call in every_storage_call(storage).values():
        await asyncio.gather(call, return_exceptions=True)


async def test_a_table_is_written_under_conditions_or_without_never_both(
    storage: Storage, database: UncertainDatabase
) -> None:
    await used(storage)
    ways: dict[str, set[bool]] = {}
    for asked in database.asked:
        for table in map(_written, asked.texts):
            ways.setdefault(table, set()).add(asked.is_conditional)
    ways.pop("")
    assert {"users", "sessions", "user_integrations", "item_changes", "integration_items", "outbox"} <= set(ways)
    assert {table for table, found in ways.items() if len(found) > 1} == set()


def test_nothing_that_is_written_under_a_condition_is_deleted_without_one(database: UncertainDatabase) -> None:
    deletes = [text for text in database.texts.values() if text.startswith("DELETE ")]
    plain = {_written(text) for text in deletes if " IF " not in text}
    changed = {_written(text) for text in database.texts.values() if " IF " in text}
    # Of changes numbers go, in a batch with the condition on their slot, which stays.
    assert plain & changed == {"item_changes"}
    assert {"user_ids", "integration_items", "registrations", "outbox"} < plain


def test_under_a_condition_only_what_an_account_leaves_is_deleted(database: UncertainDatabase) -> None:
    deletes = [text for text in database.texts.values() if text.startswith("DELETE ") and " IF " in text]
    assert {_written(text) for text in deletes} <= {
        *("users", "user_profiles", "sessions", "user_integrations", "account_claims", "sync_runs", "identities")
    }


def _read(text: str) -> str:
    words = text.split()
    return words[words.index("FROM") + 1]


def _written(text: str) -> str:
    """The table that a statement writes; nothing for one that reads."""
    kind, *words = text.split()
    match kind:
        case "UPDATE":
            return words[0]
        case "INSERT" | "DELETE":
            return words[words.index("INTO" if kind == "INSERT" else "FROM") + 1]
        case _:
            return ""


async def test_a_batch_is_of_one_partition_and_within_its_limits(storage: Storage, database: UncertainDatabase) -> None:
    connection = a_connection_id()
    properties = f'{{"note":"{"x" * 900}"}}'
    items = some_items(connection, 1000, properties=properties)
    await storage.items.put_all(1, items)
    await storage.items.put_all(2, [replace(item, deleted_at=A_TIME) for item in items])
    changes = some_changes(connection, range(4801, 5201))
    await storage.changes.append(connection, 1, changes)
    batches = [asked for asked in database.asked if len(asked.texts) > 1]
    assert len(batches) > 40
    for batch in batches:
        assert len(batch.texts) <= MAX_STATEMENTS
        assert batch.size <= MAX_BYTES + 100  # the condition of a batch comes on top
        assert batch.partition is not None
        assert len({_partition(text, values) for text, values in zip(batch.texts, batch.values, strict=True)}) == 1


def _partition(text: str, values: tuple[bytes | None, ...]) -> tuple[bytes | None, ...]:
    """Of an item or a change: the values that stand at the two columns of its partition."""
    places = [name for name in ("connection_id", "bucket", "slot") if name in text]
    if text.startswith("INSERT "):
        columns = text[text.index("(") + 1 : text.index(")")].split(", ")
        return tuple(values[columns.index(name)] for name in places)
    bound = [part.rsplit(" = ", 1)[0].split()[-1] for part in text.split("?")[:-1] if " = " in part]
    offset = len(values) - len(bound)
    return tuple(values[offset + bound.index(name)] for name in places)


async def test_a_large_item_stands_alone(storage: Storage) -> None:
    connection = a_connection_id()
    items = some_items(connection, 20, properties=f'{{"note":"{"x" * 100_000}"}}')
    await storage.items.put_all(1, items)
    await storage.changes.append(connection, 1, some_changes(connection, range(1, 4), "x" * 100_000))
    assert len(await storage.items.stored(connection, [item.key for item in items])) == 20
    assert len(await storage.changes.between(connection, after=0, until=10)) == 3


async def test_items_are_spread_over_their_partitions(storage: Storage, database: UncertainDatabase) -> None:
    """The share of each bucket is even enough that 1,000,000 items of a connection are fewer than 100,000 in each."""
    items = some_items(a_connection_id(), 1600)
    of_bucket = [sum(item.key[0] == bucket for item in items) for bucket in range(BUCKETS)]
    assert max(of_bucket) < 1600 * 0.1
    await storage.items.put_all(1, items)
    partitions = {asked.partition for asked in database.asked}
    assert len(partitions) == BUCKETS


async def test_no_item_leaves_a_tombstone_while_it_is_there(storage: Storage, database: UncertainDatabase) -> None:
    await storage.items.put_all(1, some_items(a_connection_id(), 10))
    assert database.asked
    for asked in database.asked:
        assert all(text.startswith("INSERT ") for text in asked.texts)
        assert all(value is not None for values in asked.values for value in values)


async def test_a_page_costs_what_it_returns(storage: Storage, database: UncertainDatabase) -> None:
    connection = a_connection_id()
    await storage.items.put_all(1, some_items(connection, 1000))
    database.asked.clear()
    await storage.items.page(connection, kind="contact", after=None, limit=20)
    assert len(database.asked) == 1


async def test_a_log_goes_on_over_the_end_of_a_slot(storage: Storage) -> None:
    connection = a_connection_id()
    changes = some_changes(connection, range(4951, 5051))
    await storage.changes.take_over(connection, 1, published=4950)
    await storage.changes.append(connection, 1, changes)
    assert await storage.changes.between(connection, after=4950, until=9999) == tuple(changes)
    assert await storage.changes.take_over(connection, 2, published=4960) == tuple(changes[10:])


@pytest.mark.parametrize("published", [0, 4000, 4500, 4998, 4999, 5000, 9000])
async def test_a_replaced_writer_cannot_append_in_the_slot_behind_either(storage: Storage, published: int) -> None:
    connection = a_connection_id()
    await storage.changes.take_over(connection, 1, published=published)
    await storage.changes.take_over(connection, 2, published=published)
    page = some_changes(connection, range(published + 1, published + 1001, 37))
    for change in page:
        with pytest.raises(EpochSuperseded):
            await storage.changes.append(connection, 1, [change])
    assert await storage.changes.take_over(connection, 3, published=published) == ()


async def test_whoever_goes_on_reaches_slots_that_nobody_has_used(storage: Storage) -> None:
    connection = a_connection_id()
    await storage.changes.take_over(connection, 3, published=0)
    changes = some_changes(connection, range(14_990, 15_011))
    await storage.changes.append(connection, 3, changes)
    assert await storage.changes.between(connection, after=14_000, until=15_000) == tuple(changes[:11])
    assert await storage.changes.take_over(connection, 4, published=14_989) == tuple(changes)


@pytest.fixture
def long_ago() -> datetime:
    """In a slot that is of no other test."""
    return datetime.now(UTC) - timedelta(days=400, seconds=time.monotonic_ns() % 10**7)


def reads(asked: list[Asked]) -> int:
    return sum(text.startswith("SELECT ") for one in asked for text in one.texts)


async def test_what_has_been_done_costs_nothing_any_more(
    storage: Storage, database: UncertainDatabase, long_ago: datetime
) -> None:
    now = long_ago + timedelta(days=2)
    effects = [an_effect(long_ago + timedelta(hours=hour)) for hour in range(20)]
    for effect in effects:
        await storage.outbox.add(effect)
    assert [effect for effect in await storage.outbox.due(now, limit=100) if effect in effects] == effects
    for effect in effects:
        await storage.outbox.done(effect)
    await storage.outbox.due(now, limit=100)
    database.asked.clear()
    await storage.outbox.due(now, limit=100)
    assert reads(database.asked) <= 8


async def test_an_effect_that_is_added_while_its_slot_is_dropped_stays_due(
    storage: Storage, database: UncertainDatabase, long_ago: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = an_effect(long_ago)
    added = replace(done, due_at=done.due_at + timedelta(microseconds=1))
    await storage.outbox.add(done)
    await storage.outbox.done(done)
    write = database.write

    async def add_first(statement: Any) -> None:
        monkeypatch.setattr(database, "write", write)
        await storage.outbox.add(added)
        await write(statement)

    monkeypatch.setattr(database, "write", add_first)
    now = long_ago + timedelta(hours=1)
    assert added not in await storage.outbox.due(now, limit=1000)
    assert added in await storage.outbox.due(now, limit=1000)
    await storage.outbox.done(added)
