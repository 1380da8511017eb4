"""What only a call of its own tells of an item: asked for where the item is new or has changed, and nowhere else."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from adapters.outbound.providers._declaration import Declaration, Place
from application.outcome import DONE, Again
from application.ports.source_pages import SourcePage
from domain.connection import Connection
from domain.item import Item, SourceItem
from domain.sync import Run, RunCounts, RunStatus
from tests.unit.application.house import House
from tests.unit.application.played_boxes import BOXES, NOTED, PlayedBoxes
from tests.unit.application.power import Power

BOX_A = SourceItem("box", "a", "a", "box")


@pytest.fixture
def played() -> PlayedBoxes:
    """Pages of two entries."""
    return PlayedBoxes({"a": 3, "b": 1})


@pytest.fixture
def house(played: PlayedBoxes) -> House:
    return House(played, declared=NOTED)


@pytest.fixture
async def connection(house: House) -> Connection:
    return await house.connect(await house.person())


async def first_run(house: House, connection: Connection) -> Run:
    await house.work()
    run = await house.storage.runs.latest(connection.id)
    assert run is not None
    return run


async def things(house: House, connection: Connection) -> dict[str, Item]:
    found = await house.storage.items.page(connection.id, kind="thing", after=None, limit=1000)
    return {item.source.external_id: item for item in found}


def listed_as(change: Callable[[SourceItem], SourceItem], declared: Declaration = NOTED) -> Declaration:
    """The provider whose listing of things shows them as ``change`` says."""
    box, thing, tag = declared.listings

    def read(place: Place, body: bytes) -> SourcePage:
        page = thing.read(place, body)
        return replace(page, items=tuple(change(item) for item in page.items))

    return replace(declared, listings=(box, replace(thing, read=read), tag))


def note_of(item: Item) -> str | None:
    note: str | None = json.loads(item.source.properties).get("note")
    return note


async def notes(house: House, connection: Connection) -> dict[str, str | None]:
    return {thing: note_of(item) for thing, item in (await things(house, connection)).items()}


def whole(played: PlayedBoxes) -> dict[str, str | None]:
    return {thing: f"Note on {thing}" for thing in played.things}


async def test_every_new_item_is_completed_by_one_call(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    run = await first_run(house, connection)
    assert (run.status, run.counts) == (RunStatus.SUCCEEDED, RunCounts(seen=7, added=7))
    assert await notes(house, connection) == whole(played)
    assert sorted(played.notes_read) == sorted(played.things)


async def test_what_has_not_changed_costs_no_call(house: House, played: PlayedBoxes, connection: Connection) -> None:
    await first_run(house, connection)
    before = await things(house, connection)
    played.requests.clear()
    assert (await house.synced(connection)).counts == RunCounts(seen=7, unchanged=7)
    assert played.notes_read == []
    assert await things(house, connection) == before


async def test_what_is_new_or_edited_is_asked_about_alone(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    await first_run(house, connection)
    played.requests.clear()
    played.boxes["a"] |= {"a/2": "Edited", "a/4": "New"}
    assert (await house.synced(connection)).counts == RunCounts(seen=8, added=1, changed=1, unchanged=6)
    assert sorted(played.notes_read) == ["a/2", "a/4"]
    assert await notes(house, connection) == whole(played)


async def test_the_stored_hash_is_that_of_the_listing(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    await first_run(house, connection)
    for item in (await things(house, connection)).values():
        entry = {"id": item.source.external_id, "name": item.source.name}
        listed = SourceItem(
            "thing",
            item.source.external_id,
            item.source.name,
            "thing",
            parent_id=item.source.parent_id,
            properties=json.dumps(entry),
        )
        assert item.content_hash == listed.content_hash() != item.source.content_hash()


async def test_changes_have_what_the_items_have(house: House, played: PlayedBoxes, connection: Connection) -> None:
    await first_run(house, connection)
    published = {change.item.source.external_id: change.item for change in await house.published(connection)}
    assert {thing: published[thing] for thing in played.things} == await things(house, connection)


async def test_a_kind_without_such_a_call_is_stored_as_listed(played: PlayedBoxes) -> None:
    house = House(played, declared=BOXES)
    connection = await house.connect(await house.person())
    await first_run(house, connection)
    assert played.notes_read == []
    assert set((await notes(house, connection)).values()) == {None}


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(404), httpx.Response(403)],
    ids=repr,
)
async def test_an_item_that_tells_nothing_is_stored_as_it_is_listed(
    house: House, played: PlayedBoxes, connection: Connection, answer: httpx.Response
) -> None:
    played.faults["/notes/a/2"] = [answer]
    run = await first_run(house, connection)
    assert (run.status, run.counts) == (RunStatus.SUCCEEDED, RunCounts(seen=7, added=7))
    assert await notes(house, connection) == whole(played) | {"a/2": None}
    assert (await house.synced(connection)).counts == RunCounts(seen=7, unchanged=7)


@pytest.mark.parametrize("nonsense", [httpx.Response(200, text="<h1>hello</h1>"), httpx.Response(400)], ids=repr)
async def test_an_item_that_was_told_nonsense_of_is_asked_about_again(
    house: House, played: PlayedBoxes, connection: Connection, nonsense: httpx.Response
) -> None:
    played.faults["/notes/a/2"] = [nonsense, nonsense]
    await first_run(house, connection)
    again = await house.synced(connection)
    assert (again.status, again.counts) == (RunStatus.SUCCEEDED, RunCounts(seen=7, unchanged=7))
    assert (await notes(house, connection))["a/2"] is None
    assert (await house.synced(connection)).counts == RunCounts(seen=7, changed=1, unchanged=6)
    assert await notes(house, connection) == whole(played)
    assert (await house.synced(connection)).counts == RunCounts(seen=7, unchanged=7)


async def test_a_quota_that_is_used_up_in_the_middle_ends_the_listing_and_loses_no_note(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    played.faults["/notes/a/2"] = [httpx.Response(402)]
    run = await first_run(house, connection)
    assert (run.status, run.error) == (RunStatus.PARTIAL, "quota_exceeded")
    assert played.notes_read[-1] == "a/2"
    assert set(await things(house, connection)) <= {"b/1"}
    assert (await house.synced(connection)).status is RunStatus.SUCCEEDED
    assert await notes(house, connection) == whole(played)


async def test_what_was_edited_just_now_is_asked_about_once_more(played: PlayedBoxes) -> None:
    """Its time is told to the minute: a second edit within that minute would change nothing that is listed."""
    now = House(played).clock.now()
    edited = {"a/1": timedelta(seconds=119), "a/2": timedelta(minutes=2), "b/1": timedelta(seconds=-30)}
    times = {thing: now - before for thing, before in edited.items()}
    declared = listed_as(lambda item: replace(item, last_modified_time=times.get(item.external_id)))
    house = House(played, declared=declared)
    connection = await house.connect(await house.person())
    await first_run(house, connection)
    played.requests.clear()
    house.clock.advance(timedelta(minutes=3))
    numbers = {item.number for item in (await things(house, connection)).values()}
    assert (await house.synced(connection)).counts == RunCounts(seen=7, unchanged=7)
    assert sorted(played.notes_read) == ["a/1", "b/1"]
    assert {item.number for item in (await things(house, connection)).values()} == numbers
    played.requests.clear()
    assert (await house.synced(connection)).counts == RunCounts(seen=7, unchanged=7)
    assert played.notes_read == []


async def test_what_is_listed_with_all_that_it_has_is_not_read_again_for_its_time(played: PlayedBoxes) -> None:
    now = House(played).clock.now()
    declared = listed_as(lambda item: replace(item, last_modified_time=now), BOXES)
    house = House(played, declared=declared)
    connection = await house.connect(await house.person())
    await first_run(house, connection)
    assert (await house.synced(connection)).counts == RunCounts(seen=7, unchanged=7)


async def test_what_is_listed_twice_is_counted_and_completed_once(played: PlayedBoxes) -> None:
    """Things by themselves, and again in their boxes, all edited just now; two are at first in their boxes alone."""
    now = House(played).clock.now()
    declared = listed_as(lambda item: replace(item, last_modified_time=now))
    box, thing, tag = declared.listings
    loose = replace(
        thing,
        under=None,
        request=lambda place: thing.request(replace(place, parent=BOX_A)),
        read=lambda place, body: thing.read(replace(place, parent=BOX_A), body),
    )
    house = House(played, declared=replace(declared, listings=(box, loose, replace(thing, name="in_box"), tag)))
    connection = await house.connect(await house.person())
    entries = [{"id": thing, "name": name} for thing, name in played.boxes["a"].items()][:2]
    played.faults["/boxes/a"] = [httpx.Response(200, json={"entries": entries, "next": None, "whole": True})]
    assert (await first_run(house, connection)).counts == RunCounts(seen=7, added=7)
    assert sorted(played.notes_read) == sorted(played.things)
    assert await notes(house, connection) == whole(played)
    house.clock.advance(timedelta(minutes=3))
    played.requests.clear()
    # One that is still in its box alone: rather not counted than twice.
    assert (await house.synced(connection)).counts == RunCounts(seen=6, unchanged=6)
    assert sorted(played.notes_read) == sorted(played.things)
    played.requests.clear()
    assert (await house.synced(connection)).counts == RunCounts(seen=6, unchanged=6)
    assert played.notes_read == []


@pytest.mark.parametrize("answer", [httpx.Response(429), httpx.Response(503)], ids=repr)
async def test_a_provider_that_is_away_in_the_middle_is_waited_for(
    house: House, played: PlayedBoxes, connection: Connection, answer: httpx.Response
) -> None:
    played.faults["/notes/a/2"] = [answer] * 3
    (effect,) = await house.due()
    outcome = await house.do(effect)
    assert isinstance(outcome, Again)
    assert set(await things(house, connection)) <= {"b/1"}
    run = await first_run(house, connection)
    assert (run.status, run.counts) == (RunStatus.SUCCEEDED, RunCounts(seen=7, added=7))
    assert await notes(house, connection) == whole(played)


async def test_an_access_token_that_ends_in_the_middle_is_refreshed(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    async def end(path: str) -> None:
        if path == "/notes/a/2" and not played.refreshes:
            played.accepted.clear()

    played.before_answer = end
    run = await first_run(house, connection)
    assert run.status is RunStatus.SUCCEEDED
    assert await notes(house, connection) == whole(played)
    assert played.refreshes == 1


async def test_a_grant_that_is_taken_back_in_the_middle_ends_the_run(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    async def end(path: str) -> None:
        if path.startswith("/notes/"):
            played.accepted.clear()
            played.grants.clear()

    played.before_answer = end
    run = await first_run(house, connection)
    assert (run.status, run.error) == (RunStatus.PARTIAL, "needs_reauth")
    assert await things(house, connection) == {}


async def test_a_run_that_is_cancelled_in_the_middle_asks_about_nothing_more(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    run = await house.storage.runs.latest(connection.id)
    assert run is not None

    async def cancel(path: str) -> None:
        if path == "/notes/a/1":
            await house.uses.cancel_run()(connection.user, run.id)

    played.before_answer = cancel
    (effect,) = await house.due()
    assert await house.do(effect) == DONE
    assert (await house.run(run)).status is RunStatus.CANCELLED
    assert "a/2" not in played.notes_read
    assert set(await things(house, connection)) <= {"b/1"}
    played.before_answer = None
    assert (await house.synced(connection)).status is RunStatus.SUCCEEDED
    assert await notes(house, connection) == whole(played)


async def test_what_another_version_listed_without_is_completed_when_it_changes(played: PlayedBoxes) -> None:
    house = House(played, declared=BOXES)
    connection = await house.connect(await house.person())
    await first_run(house, connection)
    newer = house.another(Power(), declared=NOTED)
    house.clock.advance(timedelta(minutes=1))
    played.boxes["a"]["a/1"] = "Edited"
    run = await newer.synced(connection)
    assert run.counts == RunCounts(seen=7, changed=1, unchanged=6)
    assert await notes(house, connection) == dict.fromkeys(played.things) | {"a/1": "Note on a/1"}


async def test_what_is_asked_for_again_and_not_told_keeps_what_it_has(played: PlayedBoxes) -> None:
    now = House(played).clock.now()
    declared = listed_as(lambda item: replace(item, last_modified_time=now))
    house = House(played, declared=declared)
    connection = await house.connect(await house.person())
    await first_run(house, connection)
    house.clock.advance(timedelta(minutes=3))
    played.faults["/notes/a/1"] = [httpx.Response(200, text="<h1>hello</h1>")]
    played.faults["/notes/a/2"] = [httpx.Response(403)]
    assert (await house.synced(connection)).counts == RunCounts(seen=7, unchanged=7)
    assert await notes(house, connection) == whole(played)
    played.requests.clear()
    assert (await house.synced(connection)).counts == RunCounts(seen=7, unchanged=7)
    assert sorted(played.notes_read) == ["a/1", "a/2"]
