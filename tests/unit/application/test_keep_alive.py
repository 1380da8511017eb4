"""A grant that nobody uses is renewed before its provider lets it end."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from application.outcome import DONE, Again
from application.ports.tokens import Bearer
from domain.connection import Connection, ConnectionStatus
from domain.effect import Effect, EffectKind
from domain.secret import Secret
from tests.unit.application.house import HUBSPOT, House, a_callback
from tests.unit.application.power import Power, PowerCut
from tests.unit.builders import CALLER

DAYS = 20
NEXT_DAY = Again(timedelta(days=1).total_seconds(), 0)


@pytest.fixture(params=[False, True], ids=["own", "shared"])
def house(request: pytest.FixtureRequest) -> House:
    house = House(declared=replace(HUBSPOT, keep_alive_days=DAYS, shares_grants=request.param))
    house.hubspot.rotates = True
    return house


@pytest.fixture
async def bearer(house: House) -> Bearer:
    return await house.person()


@pytest.fixture
async def connection(house: House, bearer: Bearer) -> Connection:
    return await house.connect(bearer)


async def promises(house: House) -> list[Effect]:
    return [effect for effect in await house.due() if effect.kind == EffectKind.KEEP_ALIVE]


async def the_promise(house: House) -> Effect:
    (effect,) = await promises(house)
    return effect


async def is_kept_alive(house: House, connection: Connection) -> bool:
    """Whether what is promised renews it, once it is due."""
    house.clock.advance(timedelta(days=DAYS))
    before = house.hubspot.refreshes
    for effect in await promises(house):
        if effect.subject["connection"] == connection.id:
            await house.do(effect)
    stored = await house.tokens(connection)
    assert stored is not None
    assert stored.refresh is not None
    return house.hubspot.refreshes == before + 1 and stored.refresh.reveal() in house.hubspot.grants


async def test_nothing_is_promised_where_nothing_ends_by_itself() -> None:
    house = House()
    await house.connect(await house.person())
    assert await promises(house) == []


async def test_it_is_looked_at_each_day(house: House, connection: Connection) -> None:
    effect = await the_promise(house)
    assert effect.due_at == connection.connected_at + timedelta(days=1)
    assert set(effect.subject) == {"user", "connection", "connected_at"}


async def test_in_its_last_day_it_is_looked_at_when_that_is_over(house: House, connection: Connection) -> None:
    house.clock.advance(timedelta(days=DAYS, hours=-3))
    assert await house.do(await the_promise(house)) == Again(timedelta(hours=3).total_seconds(), 0)


async def test_before_it_is_due_nothing_is_renewed(house: House, connection: Connection) -> None:
    house.clock.advance(timedelta(days=DAYS - 2))
    assert await house.do(await the_promise(house)) == NEXT_DAY
    assert house.hubspot.refreshes == 0


async def test_when_it_is_due_it_is_renewed_and_promised_anew(house: House, connection: Connection) -> None:
    effect = await the_promise(house)
    for time in range(1, 4):
        house.clock.advance(timedelta(days=DAYS))
        assert await house.do(effect) == NEXT_DAY
        assert house.hubspot.refreshes == time
        stored = await house.tokens(connection)
        assert stored is not None
        assert stored.refresh == Secret(f"refresh-{1 + time}")


async def test_one_that_was_used_meanwhile_is_left_until_it_is_due_again(house: House, connection: Connection) -> None:
    effect = await the_promise(house)
    house.clock.advance(timedelta(days=12))
    await house.uses.access_tokens()(connection)
    house.clock.advance(timedelta(days=8))
    assert await house.do(effect) == NEXT_DAY
    assert house.hubspot.refreshes == 1
    house.clock.advance(timedelta(days=12))
    assert await house.do(effect) == NEXT_DAY
    assert house.hubspot.refreshes == 2


async def test_it_ends_with_its_connection(house: House, connection: Connection) -> None:
    effect = await the_promise(house)
    house.clock.advance(timedelta(days=DAYS))
    await house.disconnect(connection)
    assert await house.do(effect) == DONE
    await house.work()
    assert await house.do(effect) == DONE
    assert house.hubspot.refreshes == 0


async def test_it_ends_with_a_connection_that_is_removed(house: House, connection: Connection) -> None:
    effect = await the_promise(house)
    house.clock.advance(timedelta(days=DAYS))
    await house.disconnect(connection, purge=True)
    await house.work()
    assert await house.do(effect) == DONE


async def test_of_a_deleted_account_it_is_gone_within_a_day(house: House, connection: Connection) -> None:
    user = await house.storage.users.by_id(connection.user)
    assert user is not None
    await house.uses.shut_account()(user.id)
    for one in await house.storage.connections.of_user(user.id):
        await house.uses.remove_connection()(one)
    await house.work()
    effect = await the_promise(house)
    assert effect.due_at <= house.clock.now() + timedelta(days=1)
    assert await house.do(effect) == DONE


async def test_a_grant_that_is_dead_is_kept_alive_by_nobody(house: House, connection: Connection) -> None:
    effect = await the_promise(house)
    house.hubspot.grants.clear()
    house.clock.advance(timedelta(days=DAYS))
    assert await house.do(effect) == DONE
    assert await house.status(connection) is ConnectionStatus.NEEDS_REAUTH
    assert await house.do(effect) == DONE
    assert house.hubspot.refreshes == 1


async def test_after_a_reconnection_the_newer_promise_goes_on_alone(
    house: House, bearer: Bearer, connection: Connection
) -> None:
    old = await the_promise(house)
    house.clock.advance(timedelta(days=5))
    await house.connect(bearer)
    (newer,) = [effect for effect in await promises(house) if effect.id != old.id]
    house.clock.advance(timedelta(days=DAYS))
    assert await house.do(old) == DONE
    assert house.hubspot.refreshes == 0
    assert await house.do(newer) == NEXT_DAY
    assert house.hubspot.refreshes == 1


@pytest.mark.parametrize(
    "fault",
    [httpx.Response(503), httpx.ConnectError("no route"), httpx.Response(401, json={"error": "invalid_client"})],
    ids=repr,
)
async def test_a_provider_that_is_away_is_asked_again_later(
    house: House, connection: Connection, fault: httpx.Response | Exception
) -> None:
    effect = await the_promise(house)
    house.clock.advance(timedelta(days=DAYS))
    house.hubspot.token_faults = [fault]
    outcome = await house.do(effect)
    assert isinstance(outcome, Again)
    assert outcome.attempts == 1
    assert 3600 <= outcome.seconds <= 86_400
    assert await house.status(connection) is ConnectionStatus.ACTIVE
    house.clock.advance(timedelta(seconds=outcome.seconds))
    assert await house.do(effect) == NEXT_DAY


async def test_a_provider_that_is_no_longer_kept_alive_is_left(house: House, connection: Connection) -> None:
    effect = await the_promise(house)
    house.clock.advance(timedelta(days=DAYS))
    assert await house.another(Power(), declared=HUBSPOT).do(effect) == DONE
    assert house.hubspot.refreshes == 0


async def test_stopped_before_any_step_of_a_renewal_it_is_renewed_in_the_end(house: House) -> None:
    house.hubspot.rotates = False
    steps, finished = 0, False
    while not finished:
        house.hubspot.account += 1
        connection = await house.connect(await house.person())
        effect = (await promises(house))[-1]
        house.clock.advance(timedelta(days=DAYS))
        try:
            await house.another(Power(steps)).do(effect)
            finished = True
        except PowerCut:
            steps += 1
        house.clock.advance(timedelta(seconds=61))
        assert isinstance(await house.do(effect), Again)
        assert await house.status(connection) is ConnectionStatus.ACTIVE
        credential = await house.storage.credentials.find(connection.id)
        assert credential is not None
        assert house.clock.now() - credential.obtained_at <= timedelta(seconds=61)
    assert steps > 4


async def test_whoever_reconnects_is_kept_alive_however_far_that_came(house: House) -> None:
    steps, finished, forgotten = 0, False, []
    while not finished:
        house.hubspot.account += 1
        bearer = await house.person()
        connection = await house.connect(bearer)
        house.clock.advance(timedelta(days=1))
        process = house.another(Power(steps))
        callback = a_callback(await process.start(bearer))
        try:
            await process.uses.finish_connection()(callback, CALLER)
            finished = True
        except PowerCut:
            pass
        if await house.status(connection) is ConnectionStatus.ACTIVE and not await is_kept_alive(house, connection):
            forgotten.append(steps)
        steps += 1
    assert steps > 10
    assert forgotten == []


async def test_one_whose_provider_is_declared_no_more_is_left(house: House, connection: Connection) -> None:
    effect = await the_promise(house)
    house.clock.advance(timedelta(days=DAYS))
    assert await house.another(Power(), replace(HUBSPOT, slug="another")).do(effect) == DONE
    assert house.hubspot.refreshes == 0
