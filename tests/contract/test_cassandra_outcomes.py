"""Conditional writes of Cassandra whose outcome is unknown, or that arrive when nobody expects them any more."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from itertools import chain, repeat
from typing import Any, TypeVar

import pytest
import pytest_asyncio

from adapters.outbound.cassandra.schema import init_schema
from adapters.outbound.memory.storage import MemoryStorage
from application.ports.storage import Storage
from domain.connection import Connection
from domain.errors import EmailTaken, EpochSuperseded, StorageUnavailable, VersionSuperseded
from domain.sync import RunCounts, RunStatus
from domain.user import User
from tests.contract.cassandra_stage import Fate, UncertainDatabase, staged
from tests.contract.conditional_cases import CASES, Case, appending
from tests.contract.examples import (
    A_TIME,
    a_connection,
    a_connection_id,
    a_credential,
    a_hash,
    a_reset,
    a_run,
    a_run_id,
    a_session,
    a_user,
    an_address,
    some_changes,
)

LATER = A_TIME + timedelta(minutes=1)
COUNTS = RunCounts(seen=1, added=1)

Answer = TypeVar("Answer")

every_case = pytest.mark.parametrize("a_case", CASES, ids=lambda case: case.__name__.replace("_", " "))


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
def database(stage: tuple[Storage, UncertainDatabase]) -> Iterator[UncertainDatabase]:
    database = stage[1]
    database.asked.clear()
    yield database
    database.fates = repeat(Fate.ANSWERED)


async def on_a_model(case: Case) -> tuple[Any, Any]:
    model = MemoryStorage()
    await case.before(model)
    return await case.act(model), await case.look(model)


@every_case
@pytest.mark.parametrize("fate", [Fate.CARRIED_OUT, Fate.NOT_CARRIED_OUT], ids=lambda fate: fate.name.lower())
async def test_one_unknown_outcome_makes_no_difference(
    storage: Storage, database: UncertainDatabase, a_case: Callable[[], Case], fate: Fate
) -> None:
    nth, left = 0, [fate]
    while nth < 10:  # each conditional write of the method in turn
        case = a_case()
        await case.before(storage)
        fates = chain(repeat(Fate.ANSWERED, nth), left)
        database.fates = fates
        done = await case.act(storage)
        if next(fates, None) is not None:
            break
        assert (done, await case.look(storage)) == await on_a_model(case)
        nth += 1
    assert 0 < nth < 10


@every_case
async def test_what_is_never_carried_out_is_unavailable_and_can_be_repeated(
    storage: Storage, database: UncertainDatabase, a_case: Callable[[], Case]
) -> None:
    case = a_case()
    await case.before(storage)
    database.fates = repeat(Fate.NOT_CARRIED_OUT)
    database.asked.clear()
    with pytest.raises(StorageUnavailable):
        await case.act(storage)
    assert sum(asked.is_conditional for asked in database.asked) == 3
    database.fates = repeat(Fate.ANSWERED)
    done = await case.act(storage)
    assert (done, await case.look(storage)) == await on_a_model(case)


@every_case
async def test_what_was_carried_out_although_nobody_knew_can_be_repeated_by_its_sender(
    storage: Storage, database: UncertainDatabase, a_case: Callable[[], Case]
) -> None:
    """Each answer is lost, so each write is found by reading it back, and none is made twice."""
    case = a_case()
    await case.before(storage)
    database.fates = repeat(Fate.CARRIED_OUT)
    if a_case is appending:  # its writes may be made twice: they are the same each time
        database.fates = chain([Fate.CARRIED_OUT], repeat(Fate.ANSWERED))
    done = await case.act(storage)
    database.fates = repeat(Fate.ANSWERED)
    assert (done, await case.look(storage)) == await on_a_model(case)


@pytest.fixture
def uncertain(database: UncertainDatabase) -> UncertainDatabase:
    """Every third conditional write is carried out unknown to its sender, or is not."""
    draw = random.Random(20)
    fates = [Fate.ANSWERED] * 4 + [Fate.CARRIED_OUT, Fate.NOT_CARRIED_OUT]
    database.fates = iter(lambda: draw.choice(fates), None)
    return database


@pytest.mark.parametrize("_", range(5))
async def test_an_address_never_has_two_owners_and_is_never_denied_to_its_owner(
    storage: Storage, uncertain: UncertainDatabase, _: int
) -> None:
    email = an_address()
    rivals = [a_user(email=email) for _ in range(15)]
    outcomes = await asyncio.gather(*(storage.users.add(rival) for rival in rivals), return_exceptions=True)
    uncertain.fates = repeat(Fate.ANSWERED)
    owner = await storage.users.by_email(email)
    told = {rival.id: outcome for rival, outcome in zip(rivals, outcomes, strict=True)}
    assert owner in rivals
    assert [rival.id for rival in rivals if told[rival.id] is None] in ([owner.id], [])
    assert not isinstance(told[owner.id], EmailTaken)
    assert {type(outcome) for outcome in outcomes if outcome} <= {EmailTaken, StorageUnavailable}


@pytest.mark.parametrize("_", range(3))
async def test_of_uncertain_updates_one_at_most_is_told_that_it_won(
    storage: Storage, uncertain: UncertainDatabase, _: int
) -> None:
    user = a_user()
    while await storage.users.by_id(user.id) is None:
        await asyncio.gather(storage.users.add(user), return_exceptions=True)
    wanted = [replace(user, reset=a_reset()) for _ in range(15)]
    outcomes = await asyncio.gather(*(storage.users.update(one) for one in wanted), return_exceptions=True)
    uncertain.fates = repeat(Fate.ANSWERED)
    stored = await storage.users.by_id(user.id)
    told = [outcome for outcome in outcomes if isinstance(outcome, User)]
    assert told in ([stored], [])
    assert stored in [user, *(replace(one, version=2) for one in wanted)]
    refused = {type(outcome) for outcome in outcomes if not isinstance(outcome, User)}
    assert refused <= {VersionSuperseded, StorageUnavailable}


@pytest.mark.parametrize("_", range(3))
async def test_uncertain_callers_still_agree(storage: Storage, uncertain: UncertainDatabase, _: int) -> None:
    first, credential = a_connection(), a_credential()
    await storage.credentials.put(credential)
    runs = [a_run(first.id) for _ in range(10)]
    connected, opened, begun, claimed = await asyncio.gather(
        answers(storage.connections.connect(replace(first, id=a_connection_id())) for _ in runs),
        answers(storage.runs.open(run) for run in runs),
        answers(storage.sync_states.begin(first.id, run.id) for run in runs),
        answers(storage.credentials.claim(credential, until=LATER, now=A_TIME) for _ in runs),
    )
    assert len({connection.id for connection in connected}) == 1
    assert len({run.id for run in opened}) == 1
    assert len({state.epoch for state in begun}) == len(begun)
    assert claimed.count(True) <= 1


async def answers(calls: Iterable[Awaitable[Answer]]) -> list[Answer]:
    """Of those who were not told to try again later."""
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert {type(refusal) for refusal in refused} <= {StorageUnavailable}
    return [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]


async def one_late(database: UncertainDatabase, act: Awaitable[Any]) -> None:
    """Of ``act`` the first conditional write is late, and its repetition is not."""
    database.fates = iter([Fate.LATE])
    await act


async def test_a_late_login_does_not_bring_back_what_was_logged_out(
    storage: Storage, database: UncertainDatabase
) -> None:
    session = a_session()
    await one_late(database, storage.sessions.add(session))
    await storage.sessions.end(session.user, session.id)
    assert await database.arrive() == 1
    assert await storage.sessions.find(session.user, session.id) is None


async def test_a_late_renewal_brings_nothing_back(storage: Storage, database: UncertainDatabase) -> None:
    session = a_session()
    await storage.sessions.add(session)
    renewed = replace(session, refresh=a_hash(), previous=session.refresh)
    await one_late(database, storage.sessions.renew(renewed, expected=session.refresh))
    again = replace(renewed, refresh=a_hash(), previous=renewed.refresh)
    assert await storage.sessions.renew(again, expected=renewed.refresh)
    assert await database.arrive() == 1
    assert await storage.sessions.find(session.user, session.id) == again


async def test_a_late_grant_does_not_bring_back_what_was_removed(storage: Storage, database: UncertainDatabase) -> None:
    credential = a_credential()
    await one_late(database, storage.credentials.put(credential))
    await storage.credentials.remove(credential.connection, revision=credential.revision)
    assert await database.arrive() == 1
    assert await storage.credentials.find(credential.connection) is None


async def test_a_late_advance_does_not_turn_back_what_was_published(
    storage: Storage, database: UncertainDatabase
) -> None:
    begun = await storage.sync_states.begin(a_connection_id(), a_run_id())
    await one_late(database, storage.sync_states.advance(replace(begun, sequence=100)))
    await storage.sync_states.advance(replace(begun, sequence=200))
    assert await database.arrive() == 1
    assert (await storage.sync_states.find(begun.connection)).sequence == 200


async def test_a_late_append_of_a_dead_writer_is_not_kept(storage: Storage, database: UncertainDatabase) -> None:
    connection = a_connection_id()
    first, second = some_changes(connection, [1]), some_changes(connection, [1], "second")
    database.fates = repeat(Fate.LATE)
    with pytest.raises(StorageUnavailable):
        await storage.changes.append(connection, 1, first)
    database.fates = repeat(Fate.ANSWERED)
    assert await storage.changes.take_over(connection, 2, published=0) == ()
    await storage.changes.append(connection, 2, second)
    assert await database.arrive() == 3
    assert await storage.changes.between(connection, after=0, until=10) == tuple(second)


async def test_a_late_opening_does_not_start_a_run_again(storage: Storage, database: UncertainDatabase) -> None:
    run = a_run(a_connection_id())
    await one_late(database, storage.runs.open(run))
    ended = await storage.runs.finish(run.id, RunStatus.SUCCEEDED, at=LATER, counts=COUNTS)
    assert await database.arrive() == 1
    assert await storage.runs.latest(run.connection) == ended


async def test_a_late_update_loses_against_the_next_one(storage: Storage, database: UncertainDatabase) -> None:
    connection = await storage.connections.connect(a_connection())
    await one_late(database, storage.connections.update(replace(connection, scopes=("first",))))
    with pytest.raises(VersionSuperseded):
        await storage.connections.update(replace(connection, scopes=("stale",)))
    second = await storage.connections.update(replace(connection, scopes=("second",), version=2))
    assert await database.arrive() == 1
    assert await storage.connections.find(connection.user, connection.id) == second


async def test_a_late_password_does_not_come_back(storage: Storage, database: UncertainDatabase) -> None:
    user = a_user()
    await storage.users.add(user)
    await one_late(database, storage.users.update(replace(user, password_hash="first")))
    with pytest.raises(VersionSuperseded):
        await storage.users.update(replace(user, password_hash="stale"))
    second = await storage.users.update(replace(user, password_hash="second", version=2))
    assert await database.arrive() == 1
    assert await storage.users.by_id(user.id) == second


async def test_a_late_registration_does_not_undo_what_was_changed(
    storage: Storage, database: UncertainDatabase
) -> None:
    user = a_user()
    await one_late(database, storage.users.add(user))
    changed = await storage.users.update(replace(user, password_hash="changed"))
    assert await database.arrive() == 1
    assert await storage.users.by_email(user.email) == changed


async def test_a_late_connection_does_not_bring_back_what_was_removed(
    storage: Storage, database: UncertainDatabase
) -> None:
    connection = a_connection()
    database.fates = iter([Fate.ANSWERED, Fate.LATE])  # of the claim, and of the row
    await storage.connections.connect(connection)
    await storage.connections.remove(connection.user, connection.id)
    assert await database.arrive() == 1
    assert await storage.connections.of_user(connection.user) == ()


async def test_a_late_removal_spares_what_was_reconnected(storage: Storage, database: UncertainDatabase) -> None:
    connection = await storage.connections.connect(a_connection())
    database.fates = repeat(Fate.LATE)
    with pytest.raises(StorageUnavailable):
        await storage.connections.remove(connection.user, connection.id)
    database.fates = repeat(Fate.ANSWERED)
    again = await storage.connections.connect(replace(connection, id=a_connection_id(), connected_at=LATER))
    assert await database.arrive() == 3
    assert await storage.connections.of_user(connection.user) == (again,)


async def test_a_late_claim_does_not_turn_back_to_what_was_removed(
    storage: Storage, database: UncertainDatabase
) -> None:
    first = await storage.connections.connect(a_connection())
    await storage.connections.remove(first.user, first.id)
    second = replace(first, id=a_connection_id())
    await one_late(database, storage.connections.connect(second))
    await storage.connections.remove(second.user, second.id)
    third = await storage.connections.connect(replace(first, id=a_connection_id()))
    assert await database.arrive() == 1
    again = await storage.connections.connect(replace(first, id=a_connection_id()))
    assert again.id == third.id


@pytest_asyncio.fixture(loop_scope="session")
async def stopped(storage: Storage, database: UncertainDatabase) -> Connection:
    """One that claimed its outside account and was never stored."""
    connection = a_connection()
    database.fates = chain([Fate.ANSWERED], repeat(Fate.NOT_CARRIED_OUT))
    with pytest.raises(StorageUnavailable):
        await storage.connections.connect(connection)
    database.fates = repeat(Fate.ANSWERED)
    assert await storage.connections.of_user(connection.user) == ()
    return connection


async def test_a_claim_whose_connection_was_never_stored_gives_its_id_to_the_next(
    storage: Storage, stopped: Connection
) -> None:
    next_one = replace(stopped, id=a_connection_id(), connected_at=LATER)
    assert await storage.connections.connect(next_one) == replace(next_one, id=stopped.id)


async def test_whoever_claimed_an_id_does_not_bring_it_back_once_it_was_removed(
    storage: Storage, stopped: Connection
) -> None:
    next_one = await storage.connections.connect(replace(stopped, id=a_connection_id()))
    await storage.connections.remove(next_one.user, next_one.id)
    with pytest.raises(StorageUnavailable, match="removed while it was being connected"):
        await storage.connections.connect(stopped)
    again = await storage.connections.connect(replace(stopped, id=a_connection_id()))
    assert again.id not in (stopped.id, next_one.id)
    assert await storage.connections.of_user(stopped.user) == (again,)


async def test_a_late_clearing_takes_nothing_that_was_to_stay(storage: Storage, database: UncertainDatabase) -> None:
    connection = a_connection_id()
    changes = some_changes(connection, range(1, 11))
    await storage.changes.append(connection, 1, changes)
    await one_late(database, storage.changes.clear(connection, until=7))
    assert await database.arrive() == 1
    assert await storage.changes.between(connection, after=0, until=10) == tuple(changes[7:])
    with pytest.raises(EpochSuperseded):
        await storage.changes.append(connection, 0, changes)


async def test_many_at_once_on_one_row_all_end(cassandra_url: str) -> None:
    """100 callers, over four connections as of four processes."""
    connection = a_connection_id()
    async with AsyncExitStack() as opened:
        url = f"{cassandra_url}/vectorshift_contract"
        storages = [(await opened.enter_async_context(staged(url)))[0] for _ in range(4)]
        async with asyncio.timeout(60):
            begun = await asyncio.gather(
                *(storage.sync_states.begin(connection, a_run_id()) for storage in storages for _ in range(25))
            )
    assert sorted(state.epoch for state in begun) == list(range(1, 101))


async def test_who_waits_for_a_turn_does_not_wait_for_long(
    storage: Storage, database: UncertainDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = a_session()
    await storage.sessions.add(session)
    with monkeypatch.context() as silence:
        silence.setattr(database, "send", lambda *_: asyncio.Event().wait())
        stuck = asyncio.ensure_future(storage.sessions.end(session.user, session.id))
        await asyncio.sleep(0)
    async with asyncio.timeout(4):
        await storage.sessions.end_all(session.user)
    stuck.cancel()
    await asyncio.wait([stuck])
