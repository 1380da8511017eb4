"""Two workers on one run, each believing that it is alone: one is held up, the other takes over, the first goes on."""

import asyncio

import pytest

from domain.connection import Connection
from domain.sync import RunStatus
from tests.unit.application.house import House, everybody_waits
from tests.unit.application.power import Power
from tests.unit.played_hubspot import PlayedHubSpot

CONTACTS = 4
STEPS = 36
"""More than a worker needs for all of it."""


async def a_house() -> tuple[House, Connection]:
    house = House(PlayedHubSpot(CONTACTS))
    return house, await house.connect(await house.person())


class Slow:
    """A worker that takes its steps when it is told to."""

    def __init__(self, house: House) -> None:
        self._power = Power(held=True)
        self._house = house.another(self._power)
        self._working = asyncio.create_task(self._work())

    async def _work(self) -> None:
        for effect in await self._house.due():
            await self._house.do(effect)

    async def go(self, steps: int) -> None:
        await everybody_waits()
        for _ in range(steps):
            if self._power.waiting:
                self._power.let_go(0)
                await everybody_waits()

    async def finish(self) -> None:
        self._power.release()
        await self._working


async def check(house: House, connection: Connection) -> None:
    """What is stored is what was published, and what the provider has; each thing once."""
    changes = await house.published(connection)
    assert [change.number for change in changes] == list(range(1, len(changes) + 1))
    newest = {change.item.key: change.item for change in changes}
    stored = await house.items(connection)
    assert [newest[key] for key in sorted(newest)] == stored
    assert {item.source.external_id for item in stored} == {str(number) for number in house.hubspot.contacts}
    assert (await house.state(connection)).totals == {"contact": CONTACTS}
    run = await house.storage.runs.latest(connection.id)
    assert run is not None
    assert (run.status, run.counts.seen) == (RunStatus.SUCCEEDED, CONTACTS)


@pytest.mark.parametrize("held_up", range(STEPS))
async def test_whoever_was_held_up_anywhere_changes_nothing_any_more(held_up: int) -> None:
    house, connection = await a_house()
    first = Slow(house)
    await first.go(held_up)
    house.hubspot.contacts |= {1: "Edited", 3: "Edited"}
    await house.work()
    await first.finish()
    await house.work()
    await check(house, connection)


@pytest.mark.parametrize("held_up", range(6, STEPS, 2))
async def test_nor_does_it_when_the_second_is_held_up_too(held_up: int) -> None:
    for second_held_up in range(6, STEPS, 3):
        house, connection = await a_house()
        first, second = Slow(house), Slow(house)
        await first.go(held_up)
        house.hubspot.contacts[1] = "Edited"
        await second.go(second_held_up)
        house.hubspot.contacts[2] = "Edited"
        await first.finish()
        await second.finish()
        await house.work()
        await check(house, connection)


@pytest.mark.parametrize("held_up", range(4, STEPS, 2))
async def test_a_worker_of_an_ended_run_leaves_the_next_run_whole(held_up: int) -> None:
    house, connection = await a_house()
    first = Slow(house)
    await first.go(held_up)
    await house.work()
    house.hubspot.contacts[1] = "Edited"
    await house.uses.request_sync()(connection)
    second = Slow(house)
    await second.go(held_up)
    await first.finish()
    house.hubspot.contacts[2] = "Edited"
    await second.finish()
    await house.work()
    await check(house, connection)
