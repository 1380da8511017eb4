"""A sync that is stopped between any two of its steps, or in the middle of one."""

from datetime import timedelta

import httpx
import pytest

from domain.connection import Connection
from domain.sync import RunCounts, RunStatus
from tests.unit.application.house import House
from tests.unit.application.power import Power, PowerCut
from tests.unit.played_hubspot import PlayedHubSpot

CONTACTS = 5


@pytest.fixture
def house() -> House:
    return House(PlayedHubSpot(CONTACTS))


async def connected(house: House) -> Connection:
    return await house.connect(await house.person())


async def works_until(house: House, power: Power) -> bool:
    """Whether the work was done before the power went off."""
    another = house.another(power)
    try:
        await another.work()
    except PowerCut:
        return False
    return True


async def check(house: House, connection: Connection) -> None:
    """Everything is there, once."""
    names = {item.source.external_id: item.source.name for item in await house.items(connection)}
    assert names == {str(number): name for number, name in house.hubspot.contacts.items()}
    numbers = [change.number for change in await house.published(connection)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert (await house.state(connection)).totals == {"contact": CONTACTS}
    run = await house.storage.runs.latest(connection.id)
    assert run is not None
    assert (run.status, run.counts.seen) == (RunStatus.SUCCEEDED, CONTACTS)


@pytest.mark.parametrize("torn", [0, 1])
async def test_stopped_after_any_step_its_successor_completes_it(torn: int) -> None:
    steps = 0
    while True:
        house = House(PlayedHubSpot(CONTACTS))
        connection = await connected(house)
        finished = await works_until(house, Power(steps, torn=torn))
        await house.work()
        await check(house, connection)
        run = await house.storage.runs.latest(connection.id)
        assert run is not None
        assert run.counts == RunCounts(seen=CONTACTS, added=CONTACTS)
        if finished:
            break
        steps += 1
    assert steps > 20


@pytest.mark.parametrize("torn", [0, 1])
async def test_stopped_again_and_again_it_still_ends(house: House, torn: int) -> None:
    connection = await connected(house)
    for steps in range(8, 60):
        if await works_until(house, Power(steps, torn=torn)):
            break
    await house.work()
    await check(house, connection)


@pytest.mark.parametrize("second", range(6, 24, 2))
async def test_an_item_that_is_edited_between_two_crashes_is_counted_once(second: int) -> None:
    for first in range(8, 24, 2):
        house = House(PlayedHubSpot(CONTACTS))
        connection = await connected(house)
        await works_until(house, Power(first))
        house.hubspot.contacts[1] = "Edited"
        await works_until(house, Power(second))
        house.hubspot.contacts[1] = "Edited again"
        await house.work()
        run = await house.storage.runs.latest(connection.id)
        assert run is not None
        assert run.counts.seen == CONTACTS, f"stopped after {first} steps, then after {second}"


async def test_the_run_after_one_that_was_stopped_and_failed_sees_everything() -> None:
    for steps in range(40):
        house = House(PlayedHubSpot(CONTACTS))
        connection = await connected(house)
        await works_until(house, Power(steps))
        house.hubspot.listing_faults = [httpx.Response(403)]
        await house.work()
        house.hubspot.listing_faults.clear()
        house.clock.advance(timedelta(minutes=1))
        run = await house.synced(connection)
        assert run.counts.seen == CONTACTS, f"stopped after {steps} steps"
        await check(house, connection)


async def test_a_request_that_was_stopped_keeps_nobody_from_asking_again() -> None:
    for steps in range(2):
        house = House(PlayedHubSpot(CONTACTS))
        connection = await connected(house)
        await house.work()
        with pytest.raises(PowerCut):
            await house.another(Power(steps)).uses.request_sync()(connection)
        house.clock.advance(timedelta(minutes=2))
        await house.work()
        assert (await house.synced(connection)).status is RunStatus.SUCCEEDED
        await check(house, connection)
