"""Taking an account back, however far the process gets."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from adapters.outbound.providers._declaration import Client, ProviderRequest
from application.finish_connection import FinishedConnection
from application.outcome import DONE, Again, Done
from application.ports.tokens import Bearer
from domain.connection import Connection, ConnectionStatus
from domain.effect import Effect, EffectKind
from domain.errors import ConnectionAmbiguous, NeedsReauth, NotConnected, NotFound
from domain.ids import ConnectionId
from domain.sync import RunStatus
from tests.unit.application.house import HUBSPOT, House, a_callback
from tests.unit.application.power import Power, PowerCut
from tests.unit.application.slow import Slow
from tests.unit.builders import CALLER, some_settings
from tests.unit.played_hubspot import PlayedHubSpot


@pytest.fixture
def house() -> House:
    return House(PlayedHubSpot(contacts=3))


@pytest.fixture
async def bearer(house: House) -> Bearer:
    return await house.person()


async def connected(house: House, bearer: Bearer) -> Connection:
    connection = await house.connect(bearer)
    await house.work()
    house.clock.advance(timedelta(minutes=1))
    return connection


async def is_gone(house: House, connection: Connection) -> bool:
    after = await house.connection(connection.user, connection.id)
    return after.status is ConnectionStatus.DISCONNECTED and await house.storage.credentials.find(connection.id) is None


async def the_promise(house: House) -> Effect:
    (effect,) = [effect for effect in await house.due() if effect.kind is EffectKind.DISCONNECT]
    return effect


async def test_the_grant_is_returned_and_the_items_stay(house: House, bearer: Bearer) -> None:
    connection = await connected(house, bearer)
    await house.disconnect(connection)
    assert await is_gone(house, connection)
    await house.work()
    assert house.hubspot.revoked == ["refresh-1"]
    assert len(await house.items(connection)) == 3


async def test_what_waits_to_be_revoked_is_sealed(house: House, bearer: Bearer) -> None:
    await house.disconnect(await connected(house, bearer))
    effect = await the_promise(house)
    assert "refresh-1" not in str(dict(effect.subject))
    assert "subject" not in repr(effect)


async def test_a_sync_that_goes_on_is_cancelled(house: House, bearer: Bearer) -> None:
    connection = await connected(house, bearer)
    run = await house.uses.request_sync()(connection)
    await house.disconnect(connection)
    await house.work()
    ended = await house.run(run)
    assert ended.status is RunStatus.CANCELLED


async def test_what_is_not_connected_is_not_disconnected(house: House, bearer: Bearer) -> None:
    use = house.uses.disconnect()
    with pytest.raises(NotConnected):
        await use(bearer.user, provider="hubspot", connection=None, purge=False, caller=CALLER)
    with pytest.raises(NotFound):
        await use(bearer.user, provider="nowhere", connection=None, purge=False, caller=CALLER)
    connection = await connected(house, bearer)
    stranger = await house.person()
    for user, provider, named in [
        (stranger.user, "hubspot", connection.id),
        (bearer.user, "hubspot", ConnectionId("none")),
        (bearer.user, "nowhere", connection.id),
    ]:
        with pytest.raises(NotFound):
            await use(user, provider=provider, connection=named, purge=False, caller=CALLER)
    await house.disconnect(connection)
    with pytest.raises(NotConnected):
        await house.disconnect(connection)


async def test_of_two_accounts_one_must_be_named(house: House, bearer: Bearer) -> None:
    one = await connected(house, bearer)
    house.hubspot.account = 7
    other = await connected(house, bearer)
    with pytest.raises(ConnectionAmbiguous):
        await house.uses.disconnect()(bearer.user, provider="hubspot", connection=None, purge=False, caller=CALLER)
    await house.disconnect(one)
    assert (await house.connection(bearer.user, other.id)).is_live
    await house.uses.disconnect()(bearer.user, provider="hubspot", connection=None, purge=False, caller=CALLER)
    assert await is_gone(house, other)


async def test_stopped_between_two_steps_it_is_completed_or_was_never_begun() -> None:
    steps, finished = 0, False
    while not finished:
        house = House(PlayedHubSpot(contacts=3))
        connection = await connected(house, await house.person())
        try:
            await house.another(Power(steps)).disconnect(connection)
            finished = True
        except PowerCut:
            steps += 1
        begun = bool(await house.due())
        await house.work()
        assert await is_gone(house, connection) == begun
        assert house.hubspot.revoked == (["refresh-1"] if begun else [])
    assert steps > 5


async def test_a_worker_that_is_stopped_revokes_in_the_end() -> None:
    steps, finished = 0, False
    while not finished:
        house = House(PlayedHubSpot(contacts=3))
        connection = await connected(house, await house.person())
        await house.disconnect(connection)
        try:
            await house.another(Power(steps)).do(await the_promise(house))
            finished = True
        except PowerCut:
            steps += 1
        await house.work()
        assert await is_gone(house, connection)
        assert "refresh-1" in house.hubspot.revoked


async def test_connected_again_in_between_it_stays_connected() -> None:
    steps, finished = 0, False
    while not finished:
        house = House(PlayedHubSpot(contacts=3))
        bearer = await house.person()
        connection = await connected(house, bearer)
        try:
            await house.another(Power(steps)).disconnect(connection)
            finished = True
        except PowerCut:
            steps += 1
        house.clock.advance(timedelta(seconds=1))
        await house.connect(bearer)
        await house.work()
        after = await house.connection(bearer.user, connection.id)
        assert after.status is ConnectionStatus.ACTIVE
        assert after.last_sync_at == house.clock.now()
        await house.uses.access_tokens()(after)
        assert house.hubspot.revoked == []


async def test_a_provider_that_is_away_is_asked_again_and_given_up_after_a_day(house: House, bearer: Bearer) -> None:
    await house.disconnect(await connected(house, bearer))
    effect = await the_promise(house)
    waits = []
    for attempts in range(10):
        outcome = await with_fault(house, effect, attempts)
        assert isinstance(outcome, Again)
        waits.append(outcome.seconds)
    assert waits == sorted(waits)
    assert waits[-1] <= 900
    house.clock.advance(timedelta(hours=25))
    assert isinstance(await with_fault(house, effect, 10), Done)


async def with_fault(house: House, effect: Effect, attempts: int) -> object:
    house.hubspot.revoke_fault = httpx.Response(503)
    return await house.do(Effect(effect.id, effect.kind, effect.subject, effect.created_at, effect.due_at, attempts))


async def test_a_revocation_that_the_provider_refuses_is_over(house: House, bearer: Bearer) -> None:
    await house.disconnect(await connected(house, bearer))
    house.hubspot.revoke_fault = httpx.Response(404)
    assert await house.do(await the_promise(house)) == DONE


async def test_tokens_that_no_longer_open_are_not_waited_for(house: House, bearer: Bearer) -> None:
    await house.disconnect(await connected(house, bearer))
    effect = await the_promise(house)
    spoilt = Effect(effect.id, effect.kind, {**effect.subject, "refresh": "AAAA"}, effect.created_at, effect.due_at)
    assert await house.do(spoilt) == DONE
    assert house.hubspot.revoked == []


@pytest.mark.parametrize("purge", [False, True])
async def test_it_ends_also_where_the_clock_is_behind_the_one_that_connected(
    house: House, bearer: Bearer, purge: bool
) -> None:
    connection = await connected(house, bearer)
    house.clock.advance(timedelta(minutes=-5))
    await house.disconnect(connection, purge=purge)
    await house.work()
    assert house.hubspot.revoked == ["refresh-1"]
    assert await house.tokens(connection) is None
    left = await house.storage.connections.of_user(bearer.user)
    assert [one.status for one in left] == ([] if purge else [ConnectionStatus.DISCONNECTED])


async def test_where_nobody_can_return_a_grant_nothing_of_it_is_kept(house: House, bearer: Bearer) -> None:
    connection = await connected(house, bearer)
    kept = await house.storage.credentials.find(connection.id)
    assert kept is not None
    await house.disconnect(connection)
    # A renewal that was under way.
    await house.storage.credentials.put(replace(kept, revision="another"))
    house._settings = some_settings(HUBSPOT_CLIENT_SECRET="")
    assert isinstance(await house.another(Power()).do(await the_promise(house)), Done)
    assert await house.tokens(connection) is None


@pytest.mark.parametrize("steps", range(12))
async def test_a_renewal_that_outlives_its_connection_spoils_no_later_one(steps: int) -> None:
    """Disconnected during a renewal, connected again by a process that stands still after so many steps."""
    house = House()
    house.hubspot.rotates = True
    bearer = await house.person()
    connection = await house.connect(bearer)
    house.clock.advance(timedelta(minutes=29, seconds=30))
    callback = a_callback(await house.start(bearer))
    slow = Slow(house, shares_cache=True)
    again: list[asyncio.Task[FinishedConnection]] = []

    async def end_it_and_begin_anew() -> None:
        await house.disconnect(connection)
        house.clock.advance(timedelta(seconds=1))
        slow.hold()
        again.append(asyncio.create_task(slow.process.uses.finish_connection()(callback, CALLER)))
        await slow.go(steps)
        house.clock.advance(timedelta(seconds=1))

    house.hubspot.meanwhile = end_it_and_begin_anew
    with suppress(NeedsReauth):
        await house.uses.access_tokens()(connection)
    slow.release()
    await again[0]
    await house.work()
    after = await house.connection(bearer.user, connection.id)
    assert after.status is ConnectionStatus.ACTIVE
    kept = await house.tokens(connection)
    assert kept is not None
    assert kept.refresh is not None
    assert kept.refresh.reveal() in house.hubspot.grants


def _by_access_token(client: Client, access: str, refresh: str | None) -> ProviderRequest:
    return ProviderRequest("POST", "https://api.hubapi.com/oauth/2026-03/token/revoke", form={"token": access})


@pytest.fixture
def by_bearer() -> House:
    """Where only a living access token returns its grant, and each renewal spends the refresh token."""
    declared = replace(HUBSPOT, revoke_request=_by_access_token, revokes_by_bearer=True, shares_grants=False)
    house = House(PlayedHubSpot(), declared=declared)
    house.hubspot.rotates = True
    return house


async def test_tokens_that_were_renewed_to_return_a_grant_outlive_a_throttle(by_bearer: House) -> None:
    async def throttle() -> None:
        by_bearer.hubspot.revoke_fault = httpx.Response(429)

    await by_bearer.disconnect(await connected(by_bearer, await by_bearer.person()))
    by_bearer.hubspot.revoke_fault = httpx.Response(401)
    by_bearer.hubspot.meanwhile = throttle
    await by_bearer.work()
    assert by_bearer.hubspot.revoked == ["access-2"]
    assert by_bearer.hubspot.refreshes == 1


async def test_stopped_before_any_step_a_renewed_grant_is_returned_or_was_lost_with_the_answer() -> None:
    lost = 0
    for steps in range(30):
        house = House(
            PlayedHubSpot(), declared=replace(HUBSPOT, revoke_request=_by_access_token, revokes_by_bearer=True)
        )
        house.hubspot.rotates = True
        await house.disconnect(await connected(house, await house.person()))
        house.hubspot.revoke_fault = httpx.Response(401)
        with suppress(PowerCut):
            await house.another(Power(steps)).do(await the_promise(house))
        await house.work()
        lost += not house.hubspot.revoked
        assert house.hubspot.refreshes <= 2
    assert lost <= 1


async def test_a_grant_is_renewed_once_and_no_more_to_return_it(by_bearer: House) -> None:
    await by_bearer.disconnect(await connected(by_bearer, await by_bearer.person()))

    async def refuse_the_new_one_too() -> None:
        by_bearer.hubspot.revoke_fault = httpx.Response(401)

    by_bearer.hubspot.revoke_fault = httpx.Response(401)
    by_bearer.hubspot.meanwhile = refuse_the_new_one_too
    await by_bearer.work()
    assert by_bearer.hubspot.refreshes == 1
    assert [effect for effect in await by_bearer.due() if effect.kind is EffectKind.DISCONNECT] == []


async def test_a_dead_grant_has_nothing_to_return(by_bearer: House) -> None:
    await by_bearer.disconnect(await connected(by_bearer, await by_bearer.person()))
    by_bearer.hubspot.revoke_fault = httpx.Response(401)
    by_bearer.hubspot.grants.clear()
    await by_bearer.work()
    assert by_bearer.hubspot.revoked == []
