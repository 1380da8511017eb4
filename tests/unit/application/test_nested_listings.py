"""Listings that lie under the items of another listing, read to their end one after the other."""

from dataclasses import replace
from itertools import repeat

import httpx
import pytest

from adapters.outbound.memory.items import MemoryItems
from adapters.outbound.providers._declaration import Place
from application.ports.source_pages import SourcePage
from domain.connection import Connection
from domain.ids import ConnectionId, ItemKey
from domain.item import Item, item_place
from domain.sync import Run, RunCounts, RunStatus
from tests.unit.application.house import House
from tests.unit.application.played_boxes import BOXES, WITHOUT_TAGS, PlayedBoxes
from tests.unit.application.power import Power, PowerCut

EXPIRED, GONE, FORBIDDEN = httpx.Response(410), httpx.Response(404), httpx.Response(403)


@pytest.fixture
def played() -> PlayedBoxes:
    """Pages of two entries."""
    return PlayedBoxes({"a": 5, "b": 3, "c": 0, "d": 4}, tags=3)


@pytest.fixture
def house(played: PlayedBoxes) -> House:
    return House(played, declared=BOXES)


@pytest.fixture
async def connection(house: House) -> Connection:
    return await house.connect(await house.person())


async def first_run(house: House, connection: Connection) -> Run:
    await house.work()
    run = await house.storage.runs.latest(connection.id)
    assert run is not None
    return run


async def names(house: House, connection: Connection, kind: str = "thing") -> dict[str, str]:
    found = await house.storage.items.page(connection.id, kind=kind, after=None, limit=1000)
    return {item.source.external_id: item.source.name for item in found}


async def error_of(house: House, connection: Connection) -> str | None:
    error = (await house.connection(connection.user, connection.id)).last_error
    return error.code if error else None


async def test_every_parents_pages_are_read(house: House, played: PlayedBoxes, connection: Connection) -> None:
    run = await first_run(house, connection)
    assert (run.status, run.counts) == (RunStatus.SUCCEEDED, RunCounts(seen=19, added=19))
    assert await names(house, connection) == played.things
    assert (await house.state(connection)).totals == {"box": 4, "thing": 12, "tag": 3}
    assert [played.asked(f"/boxes/{box}") for box in "abcd"] == [3, 2, 1, 2]


async def test_however_many_parents_there_are() -> None:
    played = PlayedBoxes({f"box {n}": 1 for n in range(405)}, page_sizes=repeat(200))
    house = House(played, declared=BOXES)
    connection = await house.connect(await house.person())
    run = await first_run(house, connection)
    assert run.counts == RunCounts(seen=811, added=811)
    assert await names(house, connection) == played.things


class NotedItems(MemoryItems):
    """Notes how many items were asked for at once."""

    def __init__(self) -> None:
        super().__init__()
        self.limits: list[int] = []

    async def page(
        self, connection: ConnectionId, *, kind: str | None, after: ItemKey | None, limit: int
    ) -> tuple[Item, ...]:
        self.limits.append(limit)
        return await super().page(connection, kind=kind, after=after, limit=limit)


async def test_of_which_only_a_few_are_held_at_a_time() -> None:
    house = House(PlayedBoxes({f"box {n}": 1 for n in range(60)}, page_sizes=repeat(200)), declared=BOXES)
    house.storage.items = noted = NotedItems()
    connection = await house.connect(await house.person())
    assert (await first_run(house, connection)).counts.seen == 121
    assert 0 < max(noted.limits) <= 25


async def test_the_next_run_finds_everything_unchanged(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    await first_run(house, connection)
    before = await house.published(connection)
    assert (await house.synced(connection)).counts == RunCounts(seen=19, unchanged=19)
    assert await house.published(connection) == before


async def test_what_lies_under_a_new_parent_is_read_in_the_same_run(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    await first_run(house, connection)
    played.boxes["e"] = {"e/1": "New"}
    played.boxes["a"]["a/1"] = "Edited"
    run = await house.synced(connection)
    assert run.counts == RunCounts(seen=21, added=2, changed=1, unchanged=18)
    assert await names(house, connection) == played.things


async def test_a_parent_without_such_a_listing_is_passed_over(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    played.sealed = {"b", "d"}
    run = await first_run(house, connection)
    assert (run.status, run.counts) == (RunStatus.SUCCEEDED, RunCounts(seen=12, added=12))
    assert await names(house, connection) == played.things
    assert [played.asked(f"/boxes/{box}") for box in "bd"] == [0, 0]


@pytest.mark.parametrize(("faults", "kept"), [([GONE], 0), ([None, GONE], 2), ([None, None, GONE], 4)], ids=str)
async def test_a_parent_that_is_refused_is_skipped_and_the_others_are_read(
    house: House, played: PlayedBoxes, connection: Connection, faults: list[httpx.Response | None], kept: int
) -> None:
    played.faults["/boxes/a"] += faults
    run = await first_run(house, connection)
    seen = 14 + kept
    assert (run.status, run.counts) == (RunStatus.SUCCEEDED, RunCounts(seen=seen, added=seen, skipped=1))
    assert len(await names(house, connection)) == 7 + kept
    assert await names(house, connection, "tag") == {tag: tag for tag in played.tags}


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_cursor_that_expired_begins_its_parent_anew(
    house: House, played: PlayedBoxes, connection: Connection, times: int
) -> None:
    played.faults["/boxes/a"] += [None, None, EXPIRED] * times
    run = await first_run(house, connection)
    assert (run.status, run.counts) == (RunStatus.SUCCEEDED, RunCounts(seen=19, added=19))
    assert await names(house, connection) == played.things
    assert [played.asked(f"/boxes/{box}") for box in "abcd"] == [3 + 3 * times, 2, 1, 2]


async def test_what_is_read_again_for_a_cursor_that_expired_is_counted_once(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    await first_run(house, connection)
    played.faults["/boxes/a"] += [None, None, EXPIRED]
    assert (await house.synced(connection)).counts == RunCounts(seen=19, unchanged=19)


async def test_so_is_what_nobody_could_read_of_it(played: PlayedBoxes) -> None:
    box, thing, tag = BOXES.listings

    def read(place: Place, body: bytes) -> SourcePage:
        return replace(thing.read(place, body), skipped=int(place.cursor is None))

    house = House(played, declared=replace(BOXES, listings=(box, replace(thing, read=read), tag)))
    connection = await house.connect(await house.person())
    played.faults["/boxes/a"] += [None, None, EXPIRED]
    assert (await first_run(house, connection)).counts == RunCounts(seen=19, added=19, skipped=4)


@pytest.mark.parametrize(
    ("faults", "kept"), [([EXPIRED], 0), ([None, EXPIRED] * 4, 2)], ids=["at its beginning", "too often"]
)
async def test_a_cursor_that_cannot_be_had_ends_its_parents_listing_alone(
    house: House, played: PlayedBoxes, connection: Connection, faults: list[httpx.Response | None], kept: int
) -> None:
    played.faults["/boxes/b"] += faults
    run = await first_run(house, connection)
    assert (run.status, run.error) == (RunStatus.PARTIAL, "cursor_expired")
    assert run.counts == RunCounts(seen=16 + kept, added=16 + kept, skipped=1)


async def test_two_parents_may_have_the_same_cursors_but_one_has_each_once(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    circle = httpx.Response(200, json={"entries": [], "next": "2", "whole": True})
    played.faults["/boxes/b"] += [circle] * 50
    run = await first_run(house, connection)
    assert (run.status, run.error) == (RunStatus.PARTIAL, "cursor_loop")
    assert run.counts == RunCounts(seen=16, added=16, skipped=1)
    assert played.asked("/boxes/b") <= 3


@pytest.mark.parametrize(
    ("path", "answer", "code", "seen"),
    [
        ("/boxes/b", FORBIDDEN, "access_forbidden", 16),
        ("/boxes/b", httpx.Response(400), "unexpected_answer", 16),
        ("/boxes/b", httpx.Response(200, text="<h1>hello</h1>"), "unreadable_answer", 16),
        ("/boxes", FORBIDDEN, "access_forbidden", 3),
        ("/tags", FORBIDDEN, "access_forbidden", 16),
        ("/tags", GONE, "unexpected_answer", 16),
    ],
    ids=str,
)
async def test_a_listing_that_is_refused_ends_alone(
    house: House, played: PlayedBoxes, connection: Connection, path: str, answer: httpx.Response, code: str, seen: int
) -> None:
    played.faults[path] = [answer]
    run = await first_run(house, connection)
    assert (run.status, run.error) == (RunStatus.PARTIAL, code)
    assert run.counts == RunCounts(seen=seen, added=seen, skipped=path == "/boxes/b")
    assert await error_of(house, connection) == code
    assert (await house.synced(connection)).status is RunStatus.SUCCEEDED
    assert await names(house, connection) == played.things
    assert await error_of(house, connection) is None


@pytest.mark.parametrize(("in_a_row", "asked", "read"), [(9, 30, 3), (10, 10, 0)])
async def test_where_ten_in_a_row_are_refused_the_others_are_not_asked_for(
    in_a_row: int, asked: int, read: int
) -> None:
    played = PlayedBoxes({f"{n}": 1 for n in range(30)}, page_sizes=repeat(100))
    house = House(played, declared=BOXES)
    connection = await house.connect(await house.person())
    places = {item_place("box", box): box for box in played.boxes}
    for number, place in enumerate(sorted(places)):
        if number % (in_a_row + 1) != in_a_row:
            played.faults[f"/boxes/{places[place]}"] = [FORBIDDEN]
    run = await first_run(house, connection)
    assert (run.status, run.error) == (RunStatus.PARTIAL, "access_forbidden")
    assert sum(played.asked(f"/boxes/{box}") for box in played.boxes) == asked
    assert len(await names(house, connection)) == read
    assert len(await names(house, connection, "tag")) == 1


async def test_where_a_quota_is_used_up_the_others_are_not_asked_for(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    for box in "abcd":
        played.faults[f"/boxes/{box}"] = [httpx.Response(402)]
    run = await first_run(house, connection)
    assert (run.status, run.error) == (RunStatus.PARTIAL, "quota_exceeded")
    assert sum(played.asked(f"/boxes/{box}") for box in "abcd") == 1


async def test_when_the_parents_cannot_be_listed_what_lies_under_known_ones_is_read(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    await first_run(house, connection)
    played.boxes["d"]["d/9"] = "New"
    played.faults["/boxes"] = [FORBIDDEN]
    run = await house.synced(connection)
    assert (run.status, run.error) == (RunStatus.PARTIAL, "access_forbidden")
    assert run.counts == RunCounts(seen=16, added=1, unchanged=15)


@pytest.mark.parametrize("path", ["/boxes", "/boxes/b", "/boxes/c", "/tags"])
async def test_a_listing_that_ends_before_its_end_makes_the_run_partial(
    house: House, played: PlayedBoxes, connection: Connection, path: str
) -> None:
    played.cut_short = {path}
    run = await first_run(house, connection)
    assert (run.status, run.error) == (RunStatus.PARTIAL, "listing_incomplete")
    assert run.counts == RunCounts(seen=19, added=19)


async def test_a_parent_that_is_refused_later_does_not_unsay_that_its_listing_was_not_whole(
    house: House, played: PlayedBoxes, connection: Connection
) -> None:
    played.cut_short = {"/boxes/a"}
    played.faults["/boxes/a"] = [None, GONE]
    run = await first_run(house, connection)
    assert (run.status, run.error) == (RunStatus.PARTIAL, "listing_incomplete")


@pytest.mark.parametrize("synced_before", [False, True])
async def test_a_run_that_another_version_goes_on_with_begins_anew(
    house: House, played: PlayedBoxes, connection: Connection, synced_before: bool
) -> None:
    if synced_before:
        await first_run(house, connection)
        await house.uses.request_sync()(connection)
    with pytest.raises(PowerCut):
        await house.another(Power(35), declared=WITHOUT_TAGS).work()
    assert (await house.state(connection)).counts.seen > 4
    played.requests.clear()
    run = await first_run(house, connection)
    assert played.asked("/boxes") == 2
    assert len(await names(house, connection, "tag")) == 3
    assert await names(house, connection) == played.things
    assert (run.status, run.counts.seen) == (RunStatus.SUCCEEDED, 19)
