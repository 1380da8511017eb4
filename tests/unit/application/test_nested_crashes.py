"""Nested listings whose reading is stopped anywhere, in whatever pages they come."""

from collections import Counter
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.connection import Connection
from domain.sync import ChangeKind, RunCounts, RunStatus
from tests.unit.application.house import House
from tests.unit.application.played_boxes import NOTED, PlayedBoxes
from tests.unit.application.power import Power, PowerCut
from tests.unit.patient_loop import run_patiently


async def works_until(house: House, power: Power) -> bool:
    """Whether the work was done before the power went off."""
    try:
        await house.another(power).work()
    except PowerCut:
        return False
    return True


async def check(house: House, played: PlayedBoxes, connection: Connection) -> RunCounts:
    """Everything is there, once, and so are its changes; the counts of the run."""
    items = await house.items(connection)
    found = {(item.source.kind, item.source.external_id): item.source.name for item in items}
    expected = {("box", box): box for box in played.boxes} | {("tag", tag): tag for tag in played.tags}
    assert found == expected | {("thing", thing): name for thing, name in played.things.items()}
    changes = await house.published(connection)
    assert [change.number for change in changes] == list(range(1, len(changes) + 1))
    added = Counter(change.item.key for change in changes if change.kind is ChangeKind.ADDED)
    assert set(added.values()) == {1}
    newest = {change.item.key: change.item for change in changes}
    assert [newest[key] for key in sorted(newest)] == items
    assert (await house.state(connection)).totals == Counter(kind for kind, _ in found)
    for item in items:
        assert ('"note"' in item.source.properties) == (item.source.kind == "thing")
    run = await house.storage.runs.latest(connection.id)
    assert run is not None
    assert (run.status, run.counts.seen) == (RunStatus.SUCCEEDED, len(found))
    return run.counts


@pytest.mark.parametrize("torn", [0, 1])
async def test_stopped_before_any_step_its_successor_completes_it(torn: int) -> None:
    played = PlayedBoxes({"a": 3, "b": 0, "c": 1})
    house = House(played, declared=NOTED)
    steps, finished = 0, False
    while not finished:
        played.account += 1
        connection = await house.connect(await house.person())
        finished = await works_until(house, Power(steps, torn=torn))
        await house.work()
        assert await check(house, played, connection) == RunCounts(seen=8, added=8), f"stopped after {steps} steps"
        steps += 1
    assert steps > 40


async def test_stopped_again_and_again_it_still_ends() -> None:
    played = PlayedBoxes({"a": 3, "b": 2, "c": 1})
    house = House(played, declared=NOTED)
    connection = await house.connect(await house.person())
    for steps in range(12, 90, 4):
        if await works_until(house, Power(steps, torn=1)):
            break
    await house.work()
    assert await check(house, played, connection) == RunCounts(seen=10, added=10)


@settings(max_examples=25, deadline=None)
@given(
    boxes=st.dictionaries(st.sampled_from("abcde"), st.integers(0, 5), max_size=4),
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    cuts=st.lists(st.tuples(st.integers(4, 60), st.integers(0, 2)), max_size=3),
    edits=st.lists(st.integers(0, 30), max_size=3),
)
def test_in_any_pages_and_with_any_stops_the_items_are_the_sources(
    boxes: dict[str, int], sizes: list[int], cuts: list[tuple[int, int]], edits: list[int]
) -> None:
    async def story() -> None:
        played = PlayedBoxes(boxes, page_sizes=cycle(sizes))
        house = House(played, declared=NOTED)
        connection = await house.connect(await house.person())
        await stopped(house, cuts)
        counts = await check(house, played, connection)
        assert counts.added == counts.seen
        edited = {edit(played, number) for number in edits if played.things}
        await house.uses.request_sync()(connection)
        await stopped(house, cuts)
        counts = await check(house, played, connection)
        assert counts == RunCounts(seen=counts.seen, changed=len(edited), unchanged=counts.seen - len(edited))

    run_patiently(story())


async def stopped(house: House, cuts: list[tuple[int, int]]) -> None:
    """All that is to be done, by workers of whom all but the last are cut off."""
    for steps, torn in cuts:
        await works_until(house, Power(steps, torn=torn))
    await house.work()


def edit(played: PlayedBoxes, number: int) -> str:
    thing = sorted(played.things)[number % len(played.things)]
    played.boxes[thing.partition("/")[0]][thing] = f"Edited {thing}"
    return thing
