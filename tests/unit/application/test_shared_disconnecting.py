"""A grant that several people hold is returned by the last of them who goes, and by nobody before."""

import asyncio
from datetime import timedelta

import pytest

from application.ports.tokens import Bearer
from domain.connection import Connection, ConnectionStatus
from domain.effect import Effect, EffectKind
from domain.errors import NeedsReauth
from tests.unit.application.accounts import PASSWORD, bearer_of, log_in, registered
from tests.unit.application.house import House, a_callback, everybody_waits
from tests.unit.application.power import Power, PowerCut
from tests.unit.application.slow import Slow
from tests.unit.builders import CALLER
from tests.unit.played_hubspot import PlayedHubSpot

STEPS = 14
"""More than it takes to finish a disconnection."""


@pytest.fixture
def house() -> House:
    """Whoever connects the portal is given the one refresh token that there is, as HubSpot does it."""
    house = House(PlayedHubSpot(contacts=1))
    house.hubspot.shares = True
    return house


async def connected(house: House, bearer: Bearer | None = None) -> Connection:
    connection = await house.connect(bearer or await house.person())
    await house.work()
    house.clock.advance(timedelta(minutes=1))
    return connection


async def works(house: House, connection: Connection) -> bool:
    """Whether it can be read from now, and after its token has ended."""
    for passes in (timedelta(0), timedelta(hours=1)):
        house.clock.advance(passes)
        try:
            access = await house.uses.access_tokens()(await house.connection(connection.user, connection.id))
        except NeedsReauth:
            return False
        if access.reveal() not in house.hubspot.accepted:
            return False
    return True


async def is_gone(house: House, connection: Connection) -> bool:
    return await house.status(connection) is ConnectionStatus.DISCONNECTED and await house.tokens(connection) is None


def another_portal(house: House) -> None:
    house.hubspot.account += 1
    house.hubspot.grants.clear()
    house.hubspot.revoked.clear()


async def promises(house: House) -> list[Effect]:
    return [effect for effect in await house.due() if effect.kind == EffectKind.DISCONNECT]


async def test_one_who_goes_leaves_the_grant_to_the_other(house: House) -> None:
    first, second = await connected(house), await connected(house)
    await house.disconnect(first)
    await house.work()
    assert await is_gone(house, first)
    assert house.hubspot.revoked == []
    assert await works(house, second)


async def test_the_last_who_goes_returns_it(house: House) -> None:
    first, second = await connected(house), await connected(house)
    for connection in (first, second):
        await house.disconnect(connection)
        await house.work()
    assert house.hubspot.revoked == ["refresh-1"]
    assert await is_gone(house, second)


async def test_what_the_last_one_was_handed_is_what_is_returned(house: House) -> None:
    house.hubspot.rotates = True
    first, second = await connected(house), await connected(house)
    house.clock.advance(timedelta(hours=1))
    await house.uses.access_tokens()(first)
    for connection in (first, second):
        await house.disconnect(connection)
        await house.work()
    assert house.hubspot.revoked == ["refresh-3"]


async def test_another_portal_is_none_of_its_business(house: House) -> None:
    first = await connected(house)
    house.hubspot.account, house.hubspot.shares = 7, False
    other = await connected(house)
    await house.disconnect(first)
    await house.work()
    assert house.hubspot.revoked == ["refresh-1"]
    assert await works(house, other)


async def test_when_both_go_before_any_worker_comes_it_is_returned(house: House) -> None:
    both = [await connected(house), await connected(house)]
    await asyncio.gather(*(house.disconnect(connection) for connection in both))
    await house.work()
    assert "refresh-1" in house.hubspot.revoked


async def test_when_both_go_at_once_it_is_returned(house: House) -> None:
    slow = Slow(house)
    for steps in range(STEPS):
        another_portal(house)
        for connection in [await connected(house), await connected(house)]:
            await house.disconnect(connection)
        effects = await promises(house)
        going = asyncio.create_task(finish(slow, effects[0]))
        await slow.go(steps)
        await house.do(effects[1])
        slow.release()
        await going
        assert "refresh" in "".join(house.hubspot.revoked), f"the first was held up after {steps} steps"
        await house.work()


async def finish(slow: Slow, effect: Effect) -> None:
    slow.hold()
    await slow.process.do(effect)


async def test_stopped_before_any_step_one_who_goes_leaves_the_other_whole(house: House) -> None:
    steps, finished = 0, False
    while not finished:
        another_portal(house)
        first, second = await connected(house), await connected(house)
        finished = await does(house.another(Power(steps)), first)
        begun = bool(await house.due())
        await house.work()
        assert await is_gone(house, first) == begun
        assert house.hubspot.revoked == []
        assert await works(house, second)
        steps += 1
    assert steps > 5


async def does(process: House, connection: Connection) -> bool:
    """Whether the disconnection came to its end."""
    try:
        await process.disconnect(connection)
        for effect in await promises(process):
            await process.do(effect)
    except PowerCut:
        return False
    return True


async def test_stopped_before_any_step_of_two_who_go_the_last_returns_it(house: House) -> None:
    steps, finished = 0, False
    while not finished:
        another_portal(house)
        first, second = await connected(house), await connected(house)
        await house.disconnect(first)
        finished = await does(house.another(Power(steps)), second)
        begun = len(await promises(house)) == 2
        await house.work()
        assert await is_gone(house, second) == begun
        assert (house.hubspot.revoked != []) == begun
        steps += 1
    assert steps > 10


@pytest.mark.parametrize("again", [True, False], ids=["the same person", "somebody else"])
async def test_who_connects_while_it_is_returned_has_a_grant_that_lives(house: House, again: bool) -> None:
    slow, broken = Slow(house, shares_cache=True), []
    for steps in range(STEPS):
        another_portal(house)
        person, somebody_else = await house.person(), await house.person()
        await house.disconnect(await connected(house, person))
        (effect,) = await promises(house)
        going = asyncio.create_task(finish(slow, effect))
        await slow.go(steps)
        house.clock.advance(timedelta(seconds=1))
        arrival = asyncio.create_task(house.connect(person if again else somebody_else))
        await everybody_waits()
        slow.release()
        await going
        if not await works(house, await arrival):
            broken.append(steps)
        await house.work()
    assert broken == []


@pytest.mark.parametrize("again", [True, False], ids=["the same person", "somebody else"])
async def test_whose_going_is_finished_while_one_connects_takes_nothing_away(house: House, again: bool) -> None:
    slow, broken = Slow(house, shares_cache=True), []
    for steps in range(STEPS + 8):
        another_portal(house)
        person, somebody_else = await house.person(), await house.person()
        await house.disconnect(await connected(house, person))
        (effect,) = await promises(house)
        house.clock.advance(timedelta(seconds=1))
        arrival = asyncio.create_task(connect(slow, person if again else somebody_else))
        await slow.go(steps)
        await house.do(effect)
        slow.release()
        arrived = await arrival
        await house.work()
        if not await works(house, arrived):
            broken.append(steps)
    assert broken == []


async def connect(slow: Slow, bearer: Bearer) -> Connection:
    callback = a_callback(await slow.process.start(bearer))
    slow.hold()
    finished = await slow.process.uses.finish_connection()(callback, CALLER)
    return await slow.process.connection(bearer.user, finished.connection)


async def test_a_deleted_account_counts_as_gone(house: House) -> None:
    await registered(house)
    bearer = await bearer_of(house, await log_in(house))
    first = await connected(house, bearer)
    second = await connected(house)
    await house.uses.delete_account()(bearer, current_password=PASSWORD, caller=CALLER)
    await house.work()
    assert await house.storage.connections.find(first.user, first.id) is None
    assert house.hubspot.revoked == []
    assert await works(house, second)
    await house.disconnect(second)
    await house.work()
    assert house.hubspot.revoked == ["refresh-1"]


async def test_one_who_goes_for_good_leaves_the_grant_to_the_other_too(house: House) -> None:
    first, second = await connected(house), await connected(house)
    await house.disconnect(first, purge=True)
    await house.work()
    assert house.hubspot.revoked == []
    assert await works(house, second)
    await house.disconnect(second, purge=True)
    await house.work()
    assert house.hubspot.revoked == ["refresh-1"]


async def test_one_who_comes_back_holds_it_again(house: House) -> None:
    bearer = await house.person()
    first, second = await connected(house, bearer), await connected(house)
    await house.disconnect(first)
    await house.work()
    await connected(house, bearer)
    await house.disconnect(second)
    await house.work()
    assert house.hubspot.revoked == []
    assert await works(house, first)
