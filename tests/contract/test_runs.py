"""What every adapter of the port Runs promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.runs import Runs
from application.ports.storage import Storage
from domain.sync import Run, RunCounts, RunStatus
from tests.contract.examples import A_TIME, a_connection_id, a_run, a_run_id

LATER = A_TIME + timedelta(seconds=1, microseconds=1)
LAST = A_TIME + timedelta(minutes=1)
COUNTS = RunCounts(seen=6, added=1, changed=2, unchanged=3, deleted=4, skipped=5)
FINAL = [status for status in RunStatus if status.is_final]


async def finished(runs: Runs, run: Run, status: RunStatus = RunStatus.SUCCEEDED) -> Run:
    ended = await runs.finish(run.id, status, at=LATER, counts=COUNTS)
    assert ended is not None
    return ended


async def test_an_opened_run_comes_back_whole(runs: Runs, another_storage: Storage) -> None:
    run = a_run(a_connection_id())
    assert await runs.open(run) == run
    for everywhere in (runs, another_storage.runs):
        assert await everywhere.find(run.id) == run
        assert await everywhere.latest(run.connection) == run


async def test_where_no_run_was_none_is_found(runs: Runs) -> None:
    assert await runs.find(a_run_id()) is None
    assert await runs.latest(a_connection_id()) is None
    assert await runs.mark(a_run_id(), RunStatus.RUNNING, at=LATER) is None
    assert await runs.request_cancel(a_run_id()) is None
    assert await runs.finish(a_run_id(), RunStatus.FAILED, at=LATER, counts=COUNTS) is None


async def test_while_one_goes_on_no_other_is_opened(runs: Runs) -> None:
    first = await runs.open(a_run(a_connection_id()))
    running = await runs.mark(first.id, RunStatus.RUNNING, at=LATER)
    second = a_run(first.connection)
    assert await runs.open(second) == running
    assert await runs.find(second.id) is None
    assert await runs.latest(first.connection) == running


@pytest.mark.parametrize("status", FINAL)
async def test_after_an_end_another_is_opened(runs: Runs, another_storage: Storage, status: RunStatus) -> None:
    first = await finished(runs, await runs.open(a_run(a_connection_id())), status)
    second = a_run(first.connection, requested_at=LAST)
    assert await another_storage.runs.open(second) == second
    assert await runs.latest(first.connection) == second
    assert await runs.find(first.id) == first


async def test_connections_have_runs_of_their_own(runs: Runs) -> None:
    mine, theirs = a_run(a_connection_id()), a_run(a_connection_id())
    assert await runs.open(mine) == mine
    assert await runs.open(theirs) == theirs


async def test_opening_a_run_again_returns_it_as_it_is(runs: Runs) -> None:
    run = await runs.open(a_run(a_connection_id()))
    running = await runs.mark(run.id, RunStatus.RUNNING, at=LATER)
    assert await runs.open(run) == running
    ended = await finished(runs, run)
    assert await runs.open(run) == ended
    assert await runs.find(run.id) == ended
    newer = a_run(run.connection, requested_at=LAST)
    assert await runs.open(newer) == newer
    assert await runs.open(run) == ended
    assert await runs.latest(run.connection) == newer


async def test_of_many_at_once_all_get_the_same_run(runs: Runs, callers: list[Storage]) -> None:
    connection = a_connection_id()
    rivals = [a_run(connection) for _ in callers]
    opened = await asyncio.gather(*(caller.runs.open(run) for caller, run in zip(callers, rivals, strict=True)))
    assert opened == [await runs.latest(connection)] * len(callers)
    assert [run for run in rivals if await runs.find(run.id)] == opened[:1]


async def test_of_many_at_once_after_an_end_all_get_the_same_run(runs: Runs, callers: list[Storage]) -> None:
    ended = await finished(runs, await runs.open(a_run(a_connection_id())))
    rivals = [a_run(ended.connection, requested_at=LAST) for _ in callers]
    opened = await asyncio.gather(*(caller.runs.open(run) for caller, run in zip(callers, rivals, strict=True)))
    assert opened == [await runs.latest(ended.connection)] * len(callers)
    assert opened[0] in rivals


async def test_the_first_running_is_its_start(runs: Runs) -> None:
    run = await runs.open(a_run(a_connection_id()))
    running = replace(run, status=RunStatus.RUNNING, started_at=LATER)
    assert await runs.mark(run.id, RunStatus.RUNNING, at=LATER) == running
    waiting = replace(running, status=RunStatus.WAITING)
    assert await runs.mark(run.id, RunStatus.WAITING, at=LAST) == waiting
    assert await runs.mark(run.id, RunStatus.RUNNING, at=LAST) == running
    assert await runs.find(run.id) == running


async def test_waiting_is_not_its_start(runs: Runs) -> None:
    run = await runs.open(a_run(a_connection_id()))
    waiting = replace(run, status=RunStatus.WAITING, error="provider_throttled")
    assert await runs.mark(run.id, RunStatus.WAITING, at=LATER, error="provider_throttled") == waiting
    assert await runs.find(run.id) == waiting
    assert await runs.mark(run.id, RunStatus.WAITING, at=LATER) == replace(run, status=RunStatus.WAITING)


async def test_a_wish_to_stop_is_noted_and_stays(runs: Runs, another_storage: Storage) -> None:
    run = await runs.open(a_run(a_connection_id()))
    assert await another_storage.runs.request_cancel(run.id) == replace(run, cancel_requested=True)
    assert await runs.request_cancel(run.id) == replace(run, cancel_requested=True)
    marked = await runs.mark(run.id, RunStatus.RUNNING, at=LATER)
    assert marked == replace(run, status=RunStatus.RUNNING, started_at=LATER, cancel_requested=True)
    assert await runs.find(run.id) == marked


@pytest.mark.parametrize("status", FINAL)
async def test_an_end_is_stored_with_its_counts(runs: Runs, another_storage: Storage, status: RunStatus) -> None:
    run = await runs.open(a_run(a_connection_id()))
    expected = replace(run, status=status, ended_at=LATER, counts=COUNTS, error="needs_reauth")
    assert await runs.finish(run.id, status, at=LATER, counts=COUNTS, error="needs_reauth") == expected
    assert await another_storage.runs.find(run.id) == await another_storage.runs.latest(run.connection) == expected


async def test_what_has_ended_stays_as_it_is(runs: Runs) -> None:
    ended = await finished(runs, await runs.open(a_run(a_connection_id())))
    assert await runs.mark(ended.id, RunStatus.RUNNING, at=LAST) == ended
    assert await runs.request_cancel(ended.id) == ended
    assert await runs.finish(ended.id, RunStatus.FAILED, at=LAST, counts=RunCounts(), error="late") == ended
    assert await runs.find(ended.id) == ended


async def test_a_late_end_does_not_free_the_connection_of_a_newer_run(runs: Runs) -> None:
    old = await finished(runs, await runs.open(a_run(a_connection_id())))
    new = await runs.open(a_run(old.connection, requested_at=LAST))
    await runs.finish(old.id, RunStatus.FAILED, at=LAST, counts=COUNTS)
    assert await runs.open(a_run(old.connection, requested_at=LAST)) == new


async def test_of_many_ends_at_once_the_first_stays(runs: Runs, callers: list[Storage]) -> None:
    run = await runs.open(a_run(a_connection_id()))
    ends = await asyncio.gather(
        *(
            caller.runs.finish(run.id, FINAL[n % len(FINAL)], at=LATER, counts=RunCounts(seen=n))
            for n, caller in enumerate(callers)
        )
    )
    assert ends == [await runs.find(run.id)] * len(callers)


async def test_marks_and_wishes_at_the_same_moment_as_the_end_undo_nothing(
    runs: Runs, another_storage: Storage
) -> None:
    for _ in range(10):
        run = await runs.open(a_run(a_connection_id()))
        *_, ended = await asyncio.gather(
            another_storage.runs.mark(run.id, RunStatus.WAITING, at=LATER),
            another_storage.runs.request_cancel(run.id),
            runs.finish(run.id, RunStatus.SUCCEEDED, at=LATER, counts=COUNTS),
        )
        assert ended is not None
        assert ended.status is RunStatus.SUCCEEDED
        assert await another_storage.runs.find(run.id) == ended
        newer = a_run(run.connection, requested_at=LAST)
        assert await another_storage.runs.open(newer) == newer
