"""What every adapter of the port SyncStates promises."""

import asyncio
from dataclasses import replace

import msgspec
import pytest

from application.ports.storage import Storage
from application.ports.sync_states import SyncStates
from domain.errors import EpochSuperseded
from domain.sync import RunCounts, Stream, SyncState
from tests.contract.examples import ODD_TEXTS, a_connection_id, a_run_id


def moved_on(state: SyncState) -> SyncState:
    return replace(
        state,
        sequence=state.sequence + 100,
        run_sequence=state.sequence + 50,
        streams=(
            Stream("contact", ODD_TEXTS["emoji"], pages=3, mark="0123abcd"),
            Stream("company", done=True),
            Stream("deal"),
        ),
        totals={"contact": 90, "company": 10},
        counts=RunCounts(seen=101, added=99, changed=1, unchanged=1, deleted=2, skipped=3),
    )


async def test_where_nothing_was_begun_the_state_is_fresh(sync_states: SyncStates) -> None:
    connection = a_connection_id()
    assert await sync_states.find(connection) == SyncState(connection)


async def test_the_first_beginning_raises_the_epoch_to_one(sync_states: SyncStates, another_storage: Storage) -> None:
    connection, run = a_connection_id(), a_run_id()
    assert await sync_states.begin(connection, run) == SyncState(connection, epoch=1, run=run)
    assert await another_storage.sync_states.find(connection) == SyncState(connection, epoch=1, run=run)


async def test_an_advance_publishes_the_whole_state(sync_states: SyncStates, another_storage: Storage) -> None:
    published = moved_on(await sync_states.begin(a_connection_id(), a_run_id()))
    await sync_states.advance(published)
    for everywhere in (sync_states, another_storage.sync_states):
        assert await everywhere.find(published.connection) == published


async def test_one_epoch_may_advance_many_times(sync_states: SyncStates) -> None:
    state = await sync_states.begin(a_connection_id(), a_run_id())
    for _ in range(3):
        state = moved_on(state)
        await sync_states.advance(state)
    assert await sync_states.find(state.connection) == state


async def test_the_same_run_goes_on_where_it_stopped(sync_states: SyncStates) -> None:
    run = a_run_id()
    before = moved_on(await sync_states.begin(a_connection_id(), run))
    await sync_states.advance(before)
    after = await sync_states.begin(before.connection, run)
    assert after == replace(before, epoch=2)
    assert await sync_states.find(before.connection) == after


async def test_another_run_goes_on_with_what_is_not_read_and_counts_anew(sync_states: SyncStates) -> None:
    before = moved_on(await sync_states.begin(a_connection_id(), a_run_id()))
    await sync_states.advance(before)
    run = a_run_id()
    after = await sync_states.begin(before.connection, run)
    on_its_way, *others = before.streams
    streams = (replace(on_its_way, resumed=True, continued=True), *(Stream(other.listing) for other in others))
    assert after == replace(before, epoch=2, run=run, run_sequence=before.sequence, streams=streams, counts=RunCounts())
    assert await sync_states.find(before.connection) == after


async def test_who_was_replaced_publishes_nothing(sync_states: SyncStates, another_storage: Storage) -> None:
    old = await sync_states.begin(a_connection_id(), a_run_id())
    new = await another_storage.sync_states.begin(old.connection, a_run_id())
    with pytest.raises(EpochSuperseded):
        await sync_states.advance(moved_on(old))
    assert await sync_states.find(old.connection) == new


async def test_an_epoch_that_nobody_began_publishes_nothing(sync_states: SyncStates) -> None:
    state = await sync_states.begin(a_connection_id(), a_run_id())
    with pytest.raises(EpochSuperseded):
        await sync_states.advance(moved_on(replace(state, epoch=2)))
    assert await sync_states.find(state.connection) == state


async def test_of_many_who_begin_at_once_each_gets_its_own_epoch(
    sync_states: SyncStates, callers: list[Storage]
) -> None:
    connection = a_connection_id()
    begun = await asyncio.gather(*(caller.sync_states.begin(connection, a_run_id()) for caller in callers))
    assert sorted(state.epoch for state in begun) == list(range(1, len(callers) + 1))
    assert await sync_states.find(connection) == max(begun, key=lambda state: state.epoch)


async def test_what_was_published_is_in_what_its_successor_begins_with(
    sync_states: SyncStates, another_storage: Storage
) -> None:
    for _ in range(20):
        old = await sync_states.begin(a_connection_id(), a_run_id())
        published = moved_on(old)
        outcome, new = await asyncio.gather(
            sync_states.advance(published),
            another_storage.sync_states.begin(old.connection, a_run_id()),
            return_exceptions=True,
        )
        assert isinstance(new, SyncState)
        assert outcome is None or isinstance(outcome, EpochSuperseded)
        assert new.sequence == (published.sequence if outcome is None else old.sequence)
        assert await sync_states.find(old.connection) == new


def test_a_place_that_was_stored_before_its_pages_were_counted_is_still_known() -> None:
    stored = (
        b'{"connection":"c","epoch":3,"run":"r","sequence":7,"run_sequence":2,"totals":{"contact":7},"counts":{"seen":7},'
        b'"streams":[{"listing":"contact","cursor":"7","done":false,"parent":null,"refused":null,"restarts":0,'
        b'"unchanged":0}]}'
    )
    state = msgspec.json.decode(stored, type=SyncState)
    assert state.streams == (Stream("contact", "7"),)
