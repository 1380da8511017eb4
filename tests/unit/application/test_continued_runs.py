"""What one run could not read to its end, the next one goes on with."""

from datetime import timedelta

import httpx
import pytest

from application.outcome import DONE, Again
from application.ports.tokens import Bearer
from domain.connection import Connection, ConnectionStatus
from domain.effect import EffectKind
from domain.sync import Run, RunCounts, RunStatus
from tests.unit.application.house import House
from tests.unit.application.played_boxes import BOXES, PlayedBoxes
from tests.unit.application.power import Power, PowerCut
from tests.unit.played_hubspot import PlayedHubSpot, a_contact

LONG_WAIT = {"Retry-After": "900"}
EXPIRED, FORBIDDEN = httpx.Response(410), httpx.Response(403)


@pytest.fixture
def house() -> House:
    return a_house()


def a_house() -> House:
    """The second page of five contacts is not there yet."""
    house = House(PlayedHubSpot(contacts=5))
    page = [a_contact(number, house.hubspot.contacts[number]) for number in (1, 2)]
    first = httpx.Response(200, json={"results": page, "paging": {"next": {"after": "2"}}})
    house.hubspot.listing_faults = [first]
    return house


@pytest.fixture
async def bearer(house: House) -> Bearer:
    return await house.person()


@pytest.fixture
async def connection(house: House, bearer: Bearer) -> Connection:
    """Connected, and its first sync asked for."""
    return await house.connect(bearer)


async def latest(house: House, connection: Connection) -> Run:
    run = await house.storage.runs.latest(connection.id)
    assert run is not None
    return run


async def cancelled_while_it_waits(house: House, connection: Connection) -> Run:
    assert isinstance(await house.do((await house.due())[0]), Again)
    run = await latest(house, connection)
    await house.uses.cancel_run()(connection.user, run.id)
    await house.work()
    assert (await latest(house, connection)).status is RunStatus.CANCELLED
    return await latest(house, connection)


async def is_gone_on_with(house: House, connection: Connection, run: Run) -> None:
    """By ``run``, which reads what the one before had not; another one follows by itself and reads everything."""
    assert (run.status, run.counts) == (RunStatus.SUCCEEDED, RunCounts(seen=3, added=3))
    assert {item.source.name for item in await house.items(connection)} == set(house.hubspot.contacts.values())
    whole = await latest(house, connection)
    assert (whole.status, whole.counts) == (RunStatus.SUCCEEDED, RunCounts(seen=5, unchanged=5))
    assert await house.due() == []


async def test_a_grant_that_was_taken_back_and_given_again(
    house: House, bearer: Bearer, connection: Connection
) -> None:
    house.hubspot.accepted.clear()
    house.hubspot.grants.clear()
    await house.work()
    stopped = await latest(house, connection)
    assert (stopped.status, stopped.error, stopped.counts.seen) == (RunStatus.PARTIAL, "needs_reauth", 2)
    house.clock.advance(timedelta(minutes=1))
    assert (await house.connect(bearer)).id == connection.id
    first = await latest(house, connection)
    await house.work()
    await is_gone_on_with(house, connection, await house.run(first))


async def test_a_listing_for_which_a_day_was_not_enough(house: House, connection: Connection) -> None:
    house.hubspot.listing_faults += [httpx.Response(429, headers=LONG_WAIT) for _ in range(98)]
    await house.work()
    stopped = await latest(house, connection)
    assert (stopped.status, stopped.error, stopped.counts.seen) == (RunStatus.PARTIAL, "provider_throttled", 2)
    house.hubspot.listing_faults.clear()
    await is_gone_on_with(house, connection, await house.synced(connection))


async def test_a_run_that_was_cancelled(house: House, connection: Connection) -> None:
    house.hubspot.listing_faults.append(httpx.Response(429))
    await cancelled_while_it_waits(house, connection)
    await is_gone_on_with(house, connection, await house.synced(connection))


async def test_stopped_before_any_step_a_run_that_goes_on_is_still_followed_by_a_whole_one() -> None:
    steps, finished = 0, False
    while not finished:
        house = a_house()
        connection = await house.connect(await house.person())
        house.hubspot.listing_faults.append(httpx.Response(429))
        await cancelled_while_it_waits(house, connection)
        run = await house.uses.request_sync()(connection)
        (effect,) = [effect for effect in await house.due() if effect.subject.get("run") == run.id]
        try:
            await house.another(Power(steps)).do(effect)
            finished = True
        except PowerCut:
            house.clock.advance(timedelta(minutes=1))
            steps += 1
        await house.work()
        assert (await house.run(run)).status is RunStatus.SUCCEEDED
        whole = await latest(house, connection)
        assert whole.id != run.id
        assert (whole.status, whole.counts.seen) == (RunStatus.SUCCEEDED, 5)
    assert steps > 15


async def test_a_place_that_fails_two_runs_is_not_gone_on_with_by_a_third(house: House, connection: Connection) -> None:
    house.hubspot.listing_faults += [httpx.Response(503) for _ in range(1000)]
    await house.work()
    assert (await latest(house, connection)).error == "provider_unavailable"
    assert (await house.synced(connection)).error == "provider_unavailable"
    house.hubspot.listing_faults.clear()
    # Another process has no reason yet to leave the provider alone.
    run = await house.another(Power()).synced(connection)
    assert (run.status, run.counts) == (RunStatus.SUCCEEDED, RunCounts(seen=5, added=3, unchanged=2))


async def test_where_the_listing_was_refused_the_next_run_begins_anew(house: House, connection: Connection) -> None:
    house.hubspot.listing_faults.append(FORBIDDEN)
    await house.work()
    assert (await latest(house, connection)).status is RunStatus.PARTIAL
    assert (await house.synced(connection)).counts == RunCounts(seen=5, added=3, unchanged=2)


@pytest.fixture
def played() -> PlayedBoxes:
    """Pages of two entries; the second one of box a is not there yet."""
    played = PlayedBoxes({"a": 5, "b": 3, "c": 0, "d": 4}, tags=3)
    played.faults["/boxes/a"] = [None, httpx.Response(429)]
    return played


async def test_of_listings_under_items_those_that_are_read_are_not_read_again(played: PlayedBoxes) -> None:
    house = House(played, declared=BOXES)
    connection = await house.connect(await house.person())
    stopped = await cancelled_while_it_waits(house, connection)
    read_before = {item.source.external_id for item in await house.items(connection)}
    run = await house.synced(connection)
    assert run.counts == RunCounts(seen=23 - stopped.counts.seen, added=19 - stopped.counts.seen, unchanged=4)
    assert len(await house.items(connection)) == 19
    # By the first two runs, which asked again after the refusal, and by the one that follows and reads everything.
    assert {box: played.asked(f"/boxes/{box}") for box in "abcd"} == {"a": 4 + 3, "b": 2 + 2, "c": 1 + 1, "d": 2 + 2}
    assert {"a/1", "a/2"} <= read_before
    assert (await house.synced(connection)).counts == RunCounts(seen=19, unchanged=19)


async def test_a_cursor_that_expired_meanwhile_begins_its_listing_anew_and_is_counted_once(played: PlayedBoxes) -> None:
    house = House(played, declared=BOXES)
    connection = await house.connect(await house.person())
    stopped = await cancelled_while_it_waits(house, connection)
    played.faults["/boxes/a"] = [EXPIRED]
    run = await house.synced(connection)
    assert (run.status, run.counts.added, run.counts.unchanged) == (RunStatus.SUCCEEDED, 19 - stopped.counts.seen, 6)
    assert (await house.synced(connection)).counts == RunCounts(seen=19, unchanged=19)


async def test_a_run_that_dies_of_the_grant_before_a_reconnection_has_a_successor(played: PlayedBoxes) -> None:
    """Who reconnects is given the run that goes on, and has no other to wait for."""
    house = House(played, declared=BOXES)
    connection = await house.connect(bearer := await house.person())
    dying = await latest(house, connection)

    async def reconnect(path: str) -> None:
        if path == "/tags":
            played.before_answer = None
            house.clock.advance(timedelta(minutes=1))
            assert (await house.connect(bearer)).id == connection.id
            assert (await latest(house, connection)).id == dying.id

    played.before_answer = reconnect
    played.faults["/tags"] = [FORBIDDEN]
    for effect in [effect for effect in await house.due() if effect.subject.get("run") == dying.id]:
        while isinstance(await house.do(effect), Again):
            pass
    connected = await house.connection(connection.user, connection.id)
    assert (connected.status, connected.last_error) == (ConnectionStatus.ACTIVE, None)
    assert (await house.run(dying)).error == "access_forbidden"
    assert (await latest(house, connection)).id != dying.id
    await house.work()
    assert (await latest(house, connection)).status is RunStatus.SUCCEEDED
    assert len(await house.items(connection)) == 19


async def test_a_long_run_lets_others_have_their_turn_and_goes_on_where_it_was(played: PlayedBoxes) -> None:
    house = House(played, declared=BOXES)
    connection = await house.connect(await house.person())

    async def takes_its_time(path: str) -> None:
        house.clock.advance(timedelta(minutes=2))

    played.before_answer = takes_its_time
    played.faults.clear()
    (effect,) = [effect for effect in await house.due() if effect.kind is EffectKind.SYNC]
    turns = 1
    while (outcome := await house.do(effect)) == Again(0, 0):
        assert (await latest(house, connection)).status is RunStatus.RUNNING
        turns += 1
    assert (outcome, turns > 3) == (DONE, True)
    run = await latest(house, connection)
    assert (run.status, run.counts) == (RunStatus.SUCCEEDED, RunCounts(seen=19, added=19))
    # Of each turn the page that was being read ahead is read once more.
    assert len(played.requests) < 2 * turns + 19
