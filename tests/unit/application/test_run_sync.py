"""One worker does one sync."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import cycle, islice

import httpx
import pytest

from application.outcome import DONE, LEFT, Again
from domain.connection import Connection, ConnectionStatus
from domain.errors import NotFound
from domain.ids import RunId, UserId
from domain.mail import MailKind
from domain.sync import Run, RunCounts, RunStatus, Stream
from tests.unit.application.house import House
from tests.unit.application.played_boxes import BOXES, NOTED, PlayedBoxes
from tests.unit.builders import A_TIME
from tests.unit.played_hubspot import PlayedHubSpot


@pytest.fixture
def hubspot() -> PlayedHubSpot:
    return PlayedHubSpot(contacts=5)


@pytest.fixture
def house(hubspot: PlayedHubSpot) -> House:
    return House(hubspot)


@pytest.fixture
async def connection(house: House) -> Connection:
    """Connected, and its first sync asked for."""
    return await house.connect(await house.person())


async def latest(house: House, connection: Connection) -> Run:
    run = await house.storage.runs.latest(connection.id)
    assert run is not None
    return run


async def again(house: House, connection: Connection) -> Connection:
    return await house.connection(connection.user, connection.id)


async def test_what_the_provider_lists_is_stored(house: House, connection: Connection) -> None:
    await house.work()
    run = await latest(house, connection)
    assert (run.status, run.error) == (RunStatus.SUCCEEDED, None)
    assert run.counts == RunCounts(seen=5, added=5)
    assert {item.source.name for item in await house.items(connection)} == set(house.hubspot.contacts.values())
    assert (await house.state(connection)).totals == {"contact": 5}
    assert (await again(house, connection)).last_sync_at == A_TIME


async def test_what_has_not_changed_makes_no_change(house: House, connection: Connection) -> None:
    await house.work()
    before = await house.published(connection)
    assert (await house.synced(connection)).counts == RunCounts(seen=5, unchanged=5)
    assert await house.published(connection) == before


async def test_each_change_has_the_next_number(house: House, connection: Connection) -> None:
    await house.work()
    house.hubspot.contacts |= {3: "Edited", 6: "New"}
    assert (await house.synced(connection)).counts == RunCounts(seen=6, added=1, changed=1, unchanged=4)
    assert [change.number for change in await house.published(connection)] == list(range(1, 8))


async def test_an_entry_listed_twice_on_a_page_is_one_item(house: House, connection: Connection) -> None:
    entry = {"id": "1", "properties": {}, "createdAt": "2026-01-10T10:00:00Z", "updatedAt": "2026-01-10T10:00:00Z"}
    house.hubspot.listing_faults = [httpx.Response(200, json={"results": [entry, entry]})]
    await house.work()
    assert (await latest(house, connection)).counts == RunCounts(seen=1, added=1)


async def test_what_nobody_can_read_is_counted_and_skipped(house: House, connection: Connection) -> None:
    house.hubspot.listing_faults = [httpx.Response(200, json={"results": [{"id": 7}]})]
    await house.work()
    run = await latest(house, connection)
    assert (run.status, run.counts) == (RunStatus.SUCCEEDED, RunCounts(skipped=1))


async def test_of_two_workers_with_one_cache_one_does_it(house: House, connection: Connection) -> None:
    effect = (await house.due())[0]
    outcomes = await asyncio.gather(house.do(effect), house.do(effect))
    assert sorted(outcomes, key=repr) == [DONE, LEFT]
    assert house.hubspot.listed == 3


async def test_a_throttled_run_waits_as_long_as_it_was_told(house: House, connection: Connection) -> None:
    house.hubspot.listing_faults = [httpx.Response(429, headers={"Retry-After": "33"})]
    outcome = await house.do((await house.due())[0])
    assert isinstance(outcome, Again)
    assert 33 <= outcome.seconds < 34
    assert (await latest(house, connection)).status is RunStatus.WAITING
    await house.work()
    assert (await latest(house, connection)).counts == RunCounts(seen=5, added=5)


async def test_being_throttled_is_no_failure_however_often(house: House, connection: Connection) -> None:
    house.hubspot.listing_faults = [httpx.Response(429) for _ in range(30)]
    await house.work()
    assert (await latest(house, connection)).status is RunStatus.SUCCEEDED


async def test_a_provider_that_stays_away_is_asked_ever_less_often_and_then_given_up(
    house: House, connection: Connection
) -> None:
    house.hubspot.listing_faults = [httpx.ConnectError("no route") for _ in range(1000)]
    waits = []
    while isinstance(outcome := await house.do(effect := (await house.due())[0]), Again):
        waits.append(outcome.seconds)
        await house.settle(effect, outcome)
    assert waits == sorted(waits)
    assert len(waits) > 3
    assert max(waits) <= 900
    run = await latest(house, connection)
    assert (run.status, run.error) == (RunStatus.FAILED, "provider_unavailable")
    error = (await again(house, connection)).last_error
    assert error is not None
    assert error.code == "provider_unavailable"


async def test_one_fault_that_is_over_at_once_is_not_noticed(house: House, connection: Connection) -> None:
    house.hubspot.listing_faults = [httpx.Response(502), httpx.ReadTimeout("slow")]
    assert await house.do((await house.due())[0]) == DONE
    assert (await latest(house, connection)).status is RunStatus.SUCCEEDED


async def test_an_access_token_that_ended_early_is_refreshed_on_the_way(house: House, connection: Connection) -> None:
    house.hubspot.accepted.clear()
    await house.work()
    assert (await latest(house, connection)).counts.seen == 5
    assert house.hubspot.refreshes == 1


@pytest.mark.parametrize(("read", "status"), [(0, RunStatus.FAILED), (1, RunStatus.PARTIAL)])
async def test_a_grant_that_was_taken_back_ends_the_run(
    house: House, connection: Connection, read: int, status: RunStatus
) -> None:
    page = {"id": "1", "properties": {}, "createdAt": "2026-01-10T10:00:00Z", "updatedAt": "2026-01-10T10:00:00Z"}
    first = httpx.Response(200, json={"results": [page], "paging": {"next": {"after": "1"}}})
    house.hubspot.listing_faults += [first][:read]
    house.hubspot.accepted.clear()
    house.hubspot.grants.clear()
    await house.work()
    run = await latest(house, connection)
    assert (run.status, run.error, run.counts.seen) == (status, "needs_reauth", read)
    assert (await again(house, connection)).status is ConnectionStatus.NEEDS_REAUTH


async def test_new_tokens_that_are_refused_too_need_a_person_the_second_time(
    house: House, connection: Connection
) -> None:
    house.hubspot.listing_faults = [httpx.Response(401) for _ in range(50)]
    await house.work()
    assert (await latest(house, connection)).error == "needs_reauth"
    assert (await again(house, connection)).status is ConnectionStatus.ACTIVE
    assert (house.hubspot.refreshes, house.mails) == (1, [])
    assert (await house.synced(connection)).error == "needs_reauth"
    assert (await again(house, connection)).status is ConnectionStatus.NEEDS_REAUTH
    assert house.hubspot.refreshes == 2
    told = [mail.about for mail in house.mails if mail.kind is MailKind.CONNECTION_BROKEN]
    assert told == [f"HubSpot ({connection.account.name})"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.Response(403), "access_forbidden"),
        (httpx.Response(400), "unexpected_answer"),
        (httpx.Response(302, headers={"Location": "https://evil.example/"}), "unexpected_answer"),
        (httpx.Response(200, html="<h1>hello</h1>"), "unreadable_answer"),
    ],
)
async def test_an_answer_that_is_no_page_ends_the_run(
    house: House, connection: Connection, answer: httpx.Response, code: str
) -> None:
    house.hubspot.listing_faults = [answer]
    await house.work()
    run = await latest(house, connection)
    assert (run.status, run.error) == (RunStatus.FAILED, code)


async def test_a_listing_that_goes_in_circles_is_left(house: House, connection: Connection) -> None:
    circle = {"results": [], "paging": {"next": {"after": "1"}}}
    house.hubspot.listing_faults = [httpx.Response(200, json=circle) for _ in range(1000)]
    await house.work()
    assert (await latest(house, connection)).error == "cursor_loop"
    assert house.hubspot.paths.count("/crm/v3/objects/contacts") <= 3


def an_empty_page(after: str) -> httpx.Response:
    return httpx.Response(200, json={"results": [], "paging": {"next": {"after": after}}})


async def test_a_cursor_that_cannot_be_sent_ends_the_listing(house: House, connection: Connection) -> None:
    page = r'{"results": [], "paging": {"next": {"after": "\ud800"}}}'
    house.hubspot.listing_faults = [httpx.Response(200, text=page)]
    await house.work()
    run = await latest(house, connection)
    assert (run.status, run.error) == (RunStatus.FAILED, "unreadable_answer")


async def test_so_is_one_that_has_us_wait_before_every_page(house: House, connection: Connection) -> None:
    pages = [an_empty_page(after) for after in islice(cycle("123"), 300)]
    house.hubspot.listing_faults = [answer for page in pages for answer in (httpx.Response(429), page)]
    await house.work()
    assert (await latest(house, connection)).error == "cursor_loop"
    assert house.hubspot.paths.count("/crm/v3/objects/contacts") < 20


async def test_a_listing_of_ever_new_cursors_is_left_however_often_we_had_to_wait(
    house: House, connection: Connection
) -> None:
    state = await house.storage.sync_states.begin(connection.id, (await latest(house, connection)).id)
    first, *others = house.uses.provider_clients().get("hubspot").listings
    streams = (Stream(first.name, "0", pages=99_998), *(Stream(other.name) for other in others))
    await house.storage.sync_states.advance(replace(state, streams=streams))
    pages = [an_empty_page(str(number)) for number in range(1, 30)]
    house.hubspot.listing_faults = [answer for page in pages for answer in (httpx.Response(429), page)]
    await house.work()
    assert (await latest(house, connection)).error == "cursor_loop"
    assert house.hubspot.paths.count("/crm/v3/objects/contacts") < 6


async def test_a_good_sync_forgets_the_error_of_the_last(house: House, connection: Connection) -> None:
    house.hubspot.listing_faults = [httpx.Response(403)]
    await house.work()
    assert (await again(house, connection)).last_error is not None
    await house.synced(connection)
    assert (await again(house, connection)).last_error is None


async def test_a_queued_run_that_is_cancelled_has_ended(house: House, connection: Connection) -> None:
    run = await latest(house, connection)
    assert (await house.uses.cancel_run()(connection.user, run.id)).status is RunStatus.CANCELLED
    await house.work()
    assert await house.items(connection) == []


async def test_a_running_one_stops_at_its_next_page_and_keeps_what_it_has(house: House, connection: Connection) -> None:
    run = await latest(house, connection)

    async def cancel() -> None:
        cancelled = await house.uses.cancel_run()(connection.user, run.id)
        assert cancelled.status is RunStatus.RUNNING

    house.hubspot.accepted.clear()
    house.hubspot.meanwhile = cancel
    await house.work()
    assert (await latest(house, connection)).status is RunStatus.CANCELLED
    assert (await house.synced(connection)).counts.seen == 5


@pytest.mark.parametrize("silent", ["/boxes/b", "/notes/b/1"])
async def test_one_whose_provider_is_silent_need_not_answer_before_it_stops(silent: str) -> None:
    house = House(played := PlayedBoxes({"b": 3}), declared=BOXES if silent == "/boxes/b" else NOTED)
    connection = await house.connect(await house.person())
    run = await latest(house, connection)
    cancelled_at = None
    now = asyncio.get_running_loop().time

    async def be_silent(path: str) -> None:
        nonlocal cancelled_at
        if path == silent and cancelled_at is None:
            cancelled_at = now()
            await house.uses.cancel_run()(connection.user, run.id)
            await asyncio.Event().wait()

    played.before_answer = be_silent
    assert await house.do((await house.due())[0]) == DONE
    assert cancelled_at is not None
    assert now() - cancelled_at <= 10
    assert (await latest(house, connection)).status is RunStatus.CANCELLED
    assert {task for task in asyncio.all_tasks() if not task.done()} == {asyncio.current_task()}


async def test_what_has_ended_is_not_cancelled(house: House, connection: Connection) -> None:
    await house.work()
    run = await latest(house, connection)
    assert await house.uses.cancel_run()(connection.user, run.id) == run


async def test_nobody_sees_or_cancels_another_persons_run(house: House, connection: Connection) -> None:
    run = await latest(house, connection)
    stranger = UserId(house.entropy.identifier())
    for call in (house.uses.cancel_run(), house.uses.show_run()):
        with pytest.raises(NotFound):
            await call(stranger, run.id)
        with pytest.raises(NotFound):
            await call(connection.user, RunId("no such run"))
    assert await latest(house, connection) == run


async def test_a_promise_whose_run_never_came_to_be_is_dropped_after_a_while(house: House) -> None:
    connection = await house.connect(await house.person())
    effect = (await house.due())[0]
    orphan = type(effect)(effect.id, effect.kind, {**effect.subject, "run": "none"}, effect.created_at, effect.due_at)
    assert isinstance(await house.do(orphan), Again)
    house.clock.advance(timedelta(minutes=2))
    assert await house.do(orphan) == DONE
    assert (await latest(house, connection)).status is RunStatus.QUEUED
