"""What only Cassandra can do wrong about accounts: what never goes, what goes too early, what costs too much."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from adapters.outbound.cassandra.schema import init_schema
from application.ports.security_events import KEPT_DAYS
from application.ports.storage import Storage
from domain.errors import VersionSuperseded
from tests.contract.cassandra_stage import UncertainDatabase, staged
from tests.contract.examples import (
    A_TIME,
    a_connection,
    a_connection_id,
    a_registration,
    a_token_hash,
    a_user,
    a_user_id,
    an_event,
    an_item,
    some_changes,
    some_items,
)

DAY_SECONDS = 86_400


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(cassandra_url: str) -> AsyncIterator[tuple[Storage, UncertainDatabase]]:
    url = f"{cassandra_url}/vectorshift_contract"
    await init_schema(url)
    async with staged(url) as opened:
        yield opened


@pytest.fixture
def storage(stage: tuple[Storage, UncertainDatabase]) -> Storage:
    return stage[0]


@pytest.fixture
def database(stage: tuple[Storage, UncertainDatabase]) -> UncertainDatabase:
    stage[1].asked.clear()
    return stage[1]


async def seconds_left(database: UncertainDatabase, cql: str, *values: object) -> int:
    """The TTL that ``cql`` selects."""
    statement = await asyncio.to_thread(database.prepare, cql)
    row = await database.row(statement.bind(values))
    assert row is not None
    assert row[0] is not None, "it stays for ever"
    return int(row[0])


async def test_a_reset_token_goes_a_day_after_its_end(storage: Storage, database: UncertainDatabase) -> None:
    token, left = a_token_hash(), "SELECT ttl(user_id) FROM password_reset_tokens WHERE token_hash = ?"
    for hours in (1, -100, 48):
        await storage.password_resets.add(token, a_user_id(), expires_at=datetime.now(UTC) + timedelta(hours=hours))
        expected = max(hours * 3600, 0) + DAY_SECONDS
        assert expected - 60 < await seconds_left(database, left, token) <= expected


async def test_a_registration_goes_a_day_after_its_end(storage: Storage, database: UncertainDatabase) -> None:
    added = a_registration(expires_at=A_TIME + timedelta(hours=24))
    await storage.registrations.add(added)
    row = "SELECT ttl(password_hash) FROM registrations WHERE email = ? AND token_hash = ?"
    way = "SELECT ttl(email) FROM registration_tokens WHERE token_hash = ?"
    for left in (
        await seconds_left(database, row, added.email, added.token),
        await seconds_left(database, way, added.token),
    ):
        assert 2 * DAY_SECONDS - 60 < left <= 2 * DAY_SECONDS


async def test_an_event_goes_after_its_days_and_its_slot_not_before_it(
    storage: Storage, database: UncertainDatabase
) -> None:
    event = an_event(a_user_id())
    await storage.security_events.add(event)
    slot = event.id[:5]
    of_event = "SELECT ttl(action) FROM security_events WHERE user_id = ? AND slot = ? AND event_id = ?"
    left = await seconds_left(database, of_event, event.user, slot, event.id)
    assert KEPT_DAYS * DAY_SECONDS - 60 < left <= KEPT_DAYS * DAY_SECONDS
    (added,) = [asked for asked in database.asked if "INTO security_event_slots" in asked.texts[0]]
    assert int.from_bytes(added.values[0][-1] or b"", "big") > KEPT_DAYS * DAY_SECONDS


async def test_events_of_ninety_days_lie_in_few_partitions_and_those_of_a_week_in_several(
    storage: Storage, database: UncertainDatabase
) -> None:
    user = a_user_id()
    for day in range(KEPT_DAYS):
        await storage.security_events.add(an_event(user, A_TIME + timedelta(days=day)))
    added = [asked for asked in database.asked if "INTO security_events " in asked.texts[0]]
    assert len({asked.partition for asked in added}) <= 31
    assert len({asked.partition for asked in added[:7]}) >= 2
    database.asked.clear()
    assert len(await storage.security_events.page(user, before=None, limit=1000)) == KEPT_DAYS
    assert len(database.asked) <= 32


async def test_the_newest_events_cost_what_they_are(storage: Storage, database: UncertainDatabase) -> None:
    user = a_user_id()
    for day in range(0, KEPT_DAYS, 9):
        for hour in range(5):
            await storage.security_events.add(an_event(user, A_TIME + timedelta(days=day, minutes=hour)))
    database.asked.clear()
    page = await storage.security_events.page(user, before=None, limit=5)
    assert len(page) == 5
    assert len(database.asked) == 2
    await storage.security_events.page(user, before=page[-1].id, limit=5)
    assert len(database.asked) <= 5


async def test_whoever_never_got_an_address_is_nobody(storage: Storage, database: UncertainDatabase) -> None:
    owner, stopped = a_user(), a_user()
    await storage.users.add(owner)
    way = await asyncio.to_thread(database.prepare, "INSERT INTO user_ids (user_id, email) VALUES (?, ?)")
    rival = a_user(email=owner.email)
    for nobody in (rival, stopped):
        await database.write(way.bind((nobody.id, nobody.email)))
    found = {user.id for user in await storage.users.page(after=None, limit=100_000)}
    assert found & {owner.id, rival.id, stopped.id} == {owner.id}
    for nobody in (rival, stopped):
        assert await storage.users.by_id(nobody.id) is None
        with pytest.raises(VersionSuperseded):
            await storage.users.update(nobody)
    assert await storage.users.by_email(owner.email) == owner


async def test_a_removed_connection_keeps_nothing_but_its_mark(storage: Storage, database: UncertainDatabase) -> None:
    connection = await storage.connections.connect(a_connection())
    await storage.connections.remove(connection.user, connection.id)
    every = await asyncio.to_thread(database.prepare, "SELECT * FROM user_integrations WHERE user_id = ?")
    (row,) = await database.rows(every.bind((connection.user,)))
    assert len([value for value in row if value is not None]) == 3  # its key and its write_id
    assert {connection.user, connection.id} < set(row)


@pytest.mark.parametrize("epoch", [1, 2, 4_000_000])
async def test_a_page_that_arrives_after_a_clearing_is_cleared_too(storage: Storage, epoch: int) -> None:
    connection = a_connection_id()
    page = some_items(connection, 20)
    await storage.items.put_all(epoch, page)
    await storage.items.clear(connection)
    await storage.items.put_all(epoch, [*page, an_item(connection, "late", number=(1 << 40) - 1)])
    assert await storage.items.page(connection, kind=None, after=None, limit=10) == ()
    assert await storage.items.stored(connection, [item.key for item in page]) == {}


async def test_a_log_is_cleared_over_the_ends_of_its_slots_in_one_write_each(
    storage: Storage, database: UncertainDatabase
) -> None:
    connection = a_connection_id()
    await storage.changes.append(connection, 1, some_changes(connection, range(4_990, 5_010)))
    database.asked.clear()
    await storage.changes.clear(connection, until=5_004)
    assert sum(asked.is_conditional for asked in database.asked) == 2
    left = await storage.changes.between(connection, after=4_900, until=5_100)
    assert [change.number for change in left] == list(range(5_005, 5_010))
    database.asked.clear()
    await storage.changes.clear(connection, until=5_004)
    assert not any(asked.is_conditional for asked in database.asked)
