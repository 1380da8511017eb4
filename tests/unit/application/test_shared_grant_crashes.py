"""A grant of two people whose renewal is stopped before any of its steps, or overtaken at any of them."""

import asyncio
from datetime import timedelta
from itertools import product

import pytest

from application.ports.tokens import Bearer
from domain.connection import Connection, ConnectionStatus
from domain.errors import NeedsReauth
from tests.unit.application.house import House, a_callback
from tests.unit.application.power import Power, PowerCut
from tests.unit.application.slow import Slow
from tests.unit.builders import CALLER
from tests.unit.played_hubspot import PlayedHubSpot


async def connected(house: House) -> Connection:
    house.clock.advance(timedelta(seconds=1))
    return await house.connect(await house.person())


def expire(house: House) -> None:
    house.clock.advance(timedelta(minutes=29, seconds=30))


async def works(house: House, connection: Connection) -> bool:
    """Whether it has a token that opens something, after a refusal at most, and that could be renewed; otherwise its
    owner must have been told."""
    known, tokens = await house.connection(connection.user, connection.id), house.uses.access_tokens()
    try:
        access = await tokens(known)
        if access.reveal() not in house.hubspot.accepted:
            access = await tokens(known, refused=access)
    except NeedsReauth:
        assert await house.status(connection) is ConnectionStatus.NEEDS_REAUTH
        return False
    stored = await house.tokens(connection)
    assert stored is not None
    assert stored.refresh is not None
    assert stored.access == access
    return access.reveal() in house.hubspot.accepted and stored.refresh.reveal() in house.hubspot.grants


async def stopped(house: House, connection: Connection, steps: int) -> bool:
    """Whether a renewal was stopped after so many steps."""
    try:
        await house.another(Power(steps)).uses.access_tokens()(connection)
    except PowerCut:
        house.clock.advance(timedelta(seconds=61))
        return True
    return False


async def knows_the_newest(house: House, connections: list[Connection]) -> bool:
    stored = [await house.tokens(connection) for connection in connections]
    known = {one.refresh.reveal() for one in stored if one and one.refresh}
    return bool(known & house.hubspot.grants)


@pytest.mark.parametrize(("rotates", "turns"), [(False, (1, 0)), (True, (0, 1)), (True, (1, 0))])
async def test_stopped_before_any_step_both_go_on_or_both_are_told_once(rotates: bool, turns: tuple[int, int]) -> None:
    steps, lost = 0, 0
    while True:
        house = House(PlayedHubSpot())
        house.hubspot.rotates = rotates
        both = [await connected(house), await connected(house)]
        expire(house)
        was_stopped = await stopped(house, both[0], steps)
        is_lost = not await knows_the_newest(house, both)
        for turn in turns:
            assert await works(house, both[turn]) is not is_lost, f"stopped after {steps} steps"
        asked = house.hubspot.refreshes
        assert asked <= 1 + 2 * is_lost + (not is_lost and was_stopped)
        for connection in both:
            await works(house, connection)
        assert house.hubspot.refreshes == asked
        lost += is_lost
        if not was_stopped:
            break
        steps += 1
    assert steps > 10
    # Between the provider's answer and its storing there is no other step.
    assert lost == rotates


async def test_who_lost_the_answer_connects_again_and_goes_on() -> None:
    house = House(PlayedHubSpot())
    house.hubspot.rotates = True
    bearer = await house.person()
    connection = await house.connect(bearer)
    expire(house)
    steps = 0
    while await knows_the_newest(house, [connection]):
        assert await stopped(house, connection, steps)
        steps += 1
    assert not await works(house, connection)
    house.clock.advance(timedelta(seconds=1))
    assert await works(house, await house.connect(bearer))


@pytest.mark.parametrize("steps", range(4, 14, 3))
async def test_stopped_again_and_again_both_still_go_on(steps: int) -> None:
    house = House(PlayedHubSpot())
    both = [await connected(house), await connected(house)]
    for turn in range(4):
        expire(house)
        await stopped(house, both[turn % 2], steps)
    for connection in both:
        assert await works(house, connection)


@pytest.mark.parametrize("starts_anew", [False, True])
async def test_who_connects_while_the_other_renews_has_a_grant_that_lives(starts_anew: bool) -> None:
    house = House(PlayedHubSpot())
    house.hubspot.rotates, house.hubspot.starts_anew = True, starts_anew
    renewing, connecting = Slow(house), Slow(house)
    broken = []
    for renewed, arrived in product(range(6, 13), range(3, 14)):
        house.hubspot.account += 1
        first, newcomer = await connected(house), await house.person()
        expire(house)
        renewal = asyncio.create_task(renew(renewing, first))
        await renewing.go(renewed)
        house.clock.advance(timedelta(seconds=1))
        arrival = asyncio.create_task(connect(connecting, newcomer))
        await connecting.go(arrived)
        renewing.release()
        was_refused = await renewal
        connecting.release()
        # Whose old grant ended before the new one was there to be handed out has been told so.
        if not await works(house, await arrival) or not (await works(house, first) or was_refused):
            broken.append((renewed, arrived))
    assert broken == []


async def renew(slow: Slow, connection: Connection) -> bool:
    """Whether it was refused."""
    slow.hold()
    try:
        await slow.process.uses.access_tokens()(connection)
    except NeedsReauth:
        return True
    return False


async def connect(slow: Slow, bearer: Bearer) -> Connection:
    callback = a_callback(await slow.process.start(bearer))
    slow.hold()
    finished = await slow.process.uses.finish_connection()(callback, CALLER)
    return await slow.process.connection(bearer.user, finished.connection)
