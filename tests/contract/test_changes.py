"""What every adapter of the port Changes promises."""

import asyncio

import pytest

from application.ports.changes import Changes
from application.ports.storage import Storage
from domain.errors import EpochSuperseded
from domain.ids import ConnectionId
from domain.sync import Change, ChangeKind
from tests.contract.examples import A_TIME, ODD_TEXTS, a_connection_id, an_item, some_changes


async def a_log(changes: Changes, *, epoch: int = 1) -> ConnectionId:
    """A connection that a writer of ``epoch`` has taken over."""
    connection = a_connection_id()
    await changes.take_over(connection, epoch, published=0)
    return connection


async def all_of(changes: Changes, connection: ConnectionId) -> list[Change]:
    return list(await changes.between(connection, after=0, until=1_000_000))


async def test_changes_come_back_whole_and_in_order(changes: Changes, another_storage: Storage) -> None:
    connection = await a_log(changes)
    deleted = an_item(connection, "3", number=3, deleted_at=A_TIME, creation_time=A_TIME, properties='{"a":1}')
    appended = [
        Change(ChangeKind.ADDED, an_item(connection, "1", number=1, name=ODD_TEXTS["emoji"])),
        Change(ChangeKind.UPDATED, an_item(connection, "2", number=2, name=ODD_TEXTS["nul"])),
        Change(ChangeKind.DELETED, deleted),
    ]
    await changes.append(connection, 1, appended)
    assert await all_of(changes, connection) == await all_of(another_storage.changes, connection) == appended


async def test_where_nothing_was_appended_nothing_is(changes: Changes) -> None:
    assert await changes.between(a_connection_id(), after=0, until=10) == ()
    assert await changes.take_over(a_connection_id(), 1, published=0) == ()


async def test_between_is_open_below_and_closed_above(changes: Changes) -> None:
    connection = await a_log(changes)
    appended = some_changes(connection, range(1, 11))
    await changes.append(connection, 1, appended)
    assert await changes.between(connection, after=3, until=6) == tuple(appended[3:6])
    assert await changes.between(connection, after=3, until=3) == ()
    assert await changes.between(connection, after=10, until=20) == ()


async def test_between_gives_the_first_thousand(changes: Changes) -> None:
    connection = await a_log(changes)
    appended = some_changes(connection, range(1, 1251))
    await changes.append(connection, 1, appended[:1000])
    await changes.append(connection, 1, appended[1000:])
    assert await changes.between(connection, after=0, until=1250) == tuple(appended[:1000])
    assert await changes.between(connection, after=100, until=10**9) == tuple(appended[100:1100])
    assert await changes.between(connection, after=1000, until=1250) == tuple(appended[1000:])


async def test_a_number_that_is_there_is_replaced(changes: Changes) -> None:
    connection = await a_log(changes)
    before, after = some_changes(connection, range(1, 6), "before"), some_changes(connection, range(3, 5), "after")
    await changes.append(connection, 1, before)
    await changes.append(connection, 1, after)
    assert await all_of(changes, connection) == [*before[:2], *after, before[4]]


async def test_connections_have_logs_of_their_own(changes: Changes) -> None:
    mine, theirs = await a_log(changes), await a_log(changes)
    await changes.append(mine, 1, some_changes(mine, range(1, 4)))
    await changes.take_over(mine, 9, published=0)
    assert await all_of(changes, theirs) == []
    await changes.append(theirs, 1, some_changes(theirs, [1]))


async def test_who_takes_over_is_given_what_was_not_published(changes: Changes, another_storage: Storage) -> None:
    connection = await a_log(changes)
    appended = some_changes(connection, range(1, 301))
    await changes.append(connection, 1, appended)
    assert await another_storage.changes.take_over(connection, 2, published=120) == tuple(appended[120:])
    assert await another_storage.changes.take_over(connection, 2, published=300) == ()


async def test_who_was_replaced_appends_nothing_more(changes: Changes, another_storage: Storage) -> None:
    connection = await a_log(changes)
    first, second, third = some_changes(connection, range(1, 4))
    await changes.append(connection, 1, [first])
    await another_storage.changes.take_over(connection, 2, published=0)
    with pytest.raises(EpochSuperseded):
        await changes.append(connection, 1, [second])
    await another_storage.changes.append(connection, 2, [third])
    with pytest.raises(EpochSuperseded):
        await changes.append(connection, 1, some_changes(connection, [1], "late"))
    assert await all_of(changes, connection) == [first, third]


async def test_who_was_replaced_cannot_take_over_again(changes: Changes) -> None:
    connection = await a_log(changes, epoch=3)
    with pytest.raises(EpochSuperseded):
        await changes.take_over(connection, 2, published=0)
    await changes.append(connection, 3, some_changes(connection, [1]))


async def test_taking_over_twice_under_one_epoch_is_harmless(changes: Changes) -> None:
    connection = await a_log(changes, epoch=3)
    appended = some_changes(connection, [1, 2])
    await changes.append(connection, 3, appended)
    assert await changes.take_over(connection, 3, published=0) == tuple(appended)
    await changes.append(connection, 3, some_changes(connection, [3]))


async def test_of_many_who_take_over_at_once_the_highest_stays(changes: Changes, callers: list[Storage]) -> None:
    connection = await a_log(changes)
    epochs = range(2, len(callers) + 2)
    calls = (c.changes.take_over(connection, epoch, published=0) for c, epoch in zip(callers, epochs, strict=True))
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert outcomes[-1] == ()
    assert {type(outcome) for outcome in outcomes} <= {tuple, EpochSuperseded}
    for epoch in epochs[:-1]:
        with pytest.raises(EpochSuperseded):
            await changes.append(connection, epoch, some_changes(connection, [1]))
    await changes.append(connection, epochs[-1], some_changes(connection, [1]))


@pytest.mark.parametrize("amount", [1, 10, 200])
async def test_what_a_successor_is_given_is_complete(changes: Changes, another_storage: Storage, amount: int) -> None:
    for _ in range(10):
        connection = await a_log(changes)
        appended = some_changes(connection, range(1, amount + 1))
        outcome, left = await asyncio.gather(
            changes.append(connection, 1, appended),
            another_storage.changes.take_over(connection, 2, published=0),
            return_exceptions=True,
        )
        assert isinstance(left, tuple)
        assert list(left) == await all_of(changes, connection) == appended[: len(left)]
        assert len(left) == amount if outcome is None else isinstance(outcome, EpochSuperseded)


@pytest.mark.parametrize("turns", range(8))
async def test_stopped_in_the_middle_it_has_kept_a_prefix(
    changes: Changes, another_storage: Storage, turns: int
) -> None:
    connection = await a_log(changes)
    appended = some_changes(connection, range(1, 401))
    task = asyncio.ensure_future(changes.append(connection, 1, appended))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    left = await another_storage.changes.take_over(connection, 2, published=0)
    assert list(left) == appended[: len(left)]
    await asyncio.sleep(0.02)
    assert await all_of(changes, connection) == list(left)


async def test_cleared_numbers_are_gone_and_the_others_stay(changes: Changes, another_storage: Storage) -> None:
    connection = await a_log(changes)
    appended = some_changes(connection, range(1, 21))
    await changes.append(connection, 1, appended)
    await changes.clear(connection, until=7)
    for everywhere in (changes, another_storage.changes):
        assert await all_of(everywhere, connection) == appended[7:]
        assert await everywhere.between(connection, after=0, until=7) == ()
        assert await everywhere.between(connection, after=3, until=9) == tuple(appended[7:9])
    await another_storage.changes.clear(connection, until=1020)
    assert await all_of(changes, connection) == []


async def test_a_successor_is_given_what_was_not_cleared(changes: Changes, another_storage: Storage) -> None:
    connection = await a_log(changes)
    appended = some_changes(connection, range(1, 21))
    await changes.append(connection, 1, appended)
    await changes.clear(connection, until=15)
    assert await another_storage.changes.take_over(connection, 2, published=10) == tuple(appended[15:])


async def test_who_was_replaced_appends_nothing_to_a_cleared_log(changes: Changes, another_storage: Storage) -> None:
    connection = await a_log(changes)
    await changes.append(connection, 1, some_changes(connection, range(1, 11)))
    await another_storage.changes.take_over(connection, 2, published=10)
    await another_storage.changes.clear(connection, until=1010)
    for number in (1, 10, 11, 1010):
        with pytest.raises(EpochSuperseded):
            await changes.append(connection, 1, some_changes(connection, [number]))
    assert await all_of(changes, connection) == []


async def test_clearing_again_or_where_nothing_is_is_harmless(changes: Changes) -> None:
    connection = await a_log(changes)
    await changes.append(connection, 1, some_changes(connection, range(1, 4)))
    for until in (0, 2, 2, 1):
        await changes.clear(connection, until=until)
    await changes.clear(a_connection_id(), until=10)
    assert [change.number for change in await all_of(changes, connection)] == [3]


async def test_clearing_leaves_the_logs_of_others(changes: Changes) -> None:
    mine, theirs = await a_log(changes), await a_log(changes)
    for connection in (mine, theirs):
        await changes.append(connection, 1, some_changes(connection, range(1, 4)))
    await changes.clear(mine, until=3)
    assert len(await all_of(changes, theirs)) == 3


async def test_a_long_log_is_cleared_by_many_at_once(changes: Changes, callers: list[Storage]) -> None:
    connection = await a_log(changes)
    for start in range(1, 6001, 1000):
        await changes.append(connection, 1, some_changes(connection, range(start, start + 1000)))
    await asyncio.gather(*(caller.changes.clear(connection, until=5990) for caller in callers))
    for after in range(0, 5990, 1000):
        assert await changes.between(connection, after=after, until=min(after + 1000, 5990)) == ()
    assert len(await changes.between(connection, after=5990, until=6000)) == 10


@pytest.mark.parametrize("turns", range(6))
async def test_a_clearing_that_was_stopped_can_be_called_again(
    changes: Changes, another_storage: Storage, turns: int
) -> None:
    connection = await a_log(changes)
    await changes.append(connection, 1, some_changes(connection, range(1, 101)))
    task = asyncio.ensure_future(changes.clear(connection, until=90))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await another_storage.changes.clear(connection, until=90)
    assert [change.number for change in await all_of(changes, connection)] == list(range(91, 101))
