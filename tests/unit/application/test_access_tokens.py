"""Access tokens that work, of which many may be asked for at once: of a provider that shares grants, and of one whose
grants are each a person's own."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from domain.connection import Connection, ConnectionStatus
from domain.credential import Tokens
from domain.errors import NeedsReauth, ProviderUnavailable
from domain.mail import MailKind
from domain.secret import Secret
from tests.unit.application.house import HUBSPOT, House, a_callback, everybody_waits
from tests.unit.application.power import Power, PowerCut
from tests.unit.application.slow import Slow
from tests.unit.builders import CALLER


@pytest.fixture(params=[True, False], ids=["shared", "own"])
def house(request: pytest.FixtureRequest) -> House:
    return House(declared=replace(HUBSPOT, shares_grants=request.param))


@pytest.fixture
async def connection(house: House) -> Connection:
    return await house.connect(await house.person())


def expire(house: House) -> None:
    house.clock.advance(timedelta(minutes=29, seconds=30))


async def test_a_token_in_its_prime_is_given_out_as_it_is(house: House, connection: Connection) -> None:
    house.clock.advance(timedelta(minutes=28))
    assert await house.uses.access_tokens()(connection) == Secret("access-1")
    assert house.hubspot.refreshes == 0


async def test_one_in_its_last_minute_is_refreshed_first(house: House, connection: Connection) -> None:
    expire(house)
    token = await house.uses.access_tokens()(connection)
    assert token == Secret("access-2")
    assert await house.tokens(connection) == Tokens(
        token, Secret("refresh-1"), house.clock.now() + timedelta(minutes=30), ("oauth",)
    )


async def test_of_many_callers_one_refreshes(house: House, connection: Connection) -> None:
    expire(house)
    processes = [house, house.another(Power()), house.another(Power())]
    tokens = await asyncio.gather(*(processes[n % 3].uses.access_tokens()(connection) for n in range(30)))
    assert {token.reveal() for token in tokens} == {"access-2"}
    assert house.hubspot.refreshes == 1


async def test_many_that_were_refused_refresh_once_too(house: House, connection: Connection) -> None:
    refused = await house.uses.access_tokens()(connection)
    tokens = await asyncio.gather(*(house.uses.access_tokens()(connection, refused=refused) for _ in range(10)))
    assert {token.reveal() for token in tokens} == {"access-2"}
    assert house.hubspot.refreshes == 1


async def test_a_grant_that_is_dead_needs_a_person(house: House, connection: Connection) -> None:
    expire(house)
    house.hubspot.grants.clear()
    outcomes = await asyncio.gather(*(house.uses.access_tokens()(connection) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(outcome, NeedsReauth | ProviderUnavailable) for outcome in outcomes)
    after = await house.connection(connection.user, connection.id)
    assert after.status is ConnectionStatus.NEEDS_REAUTH
    assert after.last_error is not None
    assert after.last_error.code == "needs_reauth"
    with pytest.raises(NeedsReauth):
        await house.uses.access_tokens()(after)
    assert house.hubspot.refreshes == 1


@pytest.mark.parametrize(
    "fault",
    [
        httpx.Response(500),
        httpx.Response(429),
        httpx.Response(401, json={"error": "invalid_client"}),
        httpx.Response(400, json={"error": "invalid_request"}),
        httpx.Response(400, text="<h1>oops</h1>"),
        httpx.ConnectError("no route"),
    ],
    ids=repr,
)
async def test_a_provider_that_is_away_says_nothing_about_the_grant(
    house: House, connection: Connection, fault: httpx.Response | Exception
) -> None:
    expire(house)
    house.hubspot.token_faults = [fault]
    with pytest.raises(ProviderUnavailable) as failure:
        await house.uses.access_tokens()(connection)
    assert await house.status(connection) is ConnectionStatus.ACTIVE
    house.clock.advance(timedelta(seconds=failure.value.retry_after))
    assert await house.uses.access_tokens()(connection) == Secret("access-2")


@pytest.mark.parametrize("fault", [httpx.Response(429, headers={"Retry-After": "60"}), httpx.Response(409)])
async def test_of_many_callers_one_learns_that_nothing_can_be_renewed_now(
    house: House, connection: Connection, fault: httpx.Response
) -> None:
    expire(house)
    house.hubspot.token_faults = [fault] * 50
    outcomes = await asyncio.gather(
        *(house.uses.access_tokens()(connection) for _ in range(50)), return_exceptions=True
    )
    failures = [outcome for outcome in outcomes if isinstance(outcome, ProviderUnavailable)]
    assert (len(failures), len({type(failure) for failure in failures})) == (50, 1)
    assert house.hubspot.refreshes == 1
    house.hubspot.token_faults = []
    house.clock.advance(timedelta(seconds=1))
    with pytest.raises(ProviderUnavailable) as later:
        await house.uses.access_tokens()(connection)
    house.clock.advance(timedelta(seconds=later.value.retry_after))
    assert await house.uses.access_tokens()(connection) == Secret("access-2")


async def test_new_consent_is_not_held_up_by_what_was_refused_before_it(house: House) -> None:
    bearer = await house.person()
    connection = await house.connect(bearer)
    expire(house)
    house.hubspot.token_faults = [httpx.Response(429, headers={"Retry-After": "600"})]
    with pytest.raises(ProviderUnavailable):
        await house.uses.access_tokens()(connection)
    for somebody in (bearer, await house.person()):
        connected = await house.connect(somebody)
        token = await house.uses.access_tokens()(connected)
        assert await house.uses.access_tokens()(connected, refused=token) != token


async def test_who_fails_after_the_own_claim_has_run_out_spoils_no_other_renewal(
    house: House, connection: Connection
) -> None:
    house.hubspot.rotates = True
    expire(house)
    other = house.another(Power()).uses.access_tokens()
    released = asyncio.Event()

    async def until_released() -> None:
        await released.wait()

    async def while_the_first_call_stands_still() -> None:
        house.clock.advance(timedelta(seconds=46))
        house.hubspot.meanwhile = until_released
        newest = asyncio.create_task(other(connection))
        await everybody_waits()
        house.hubspot.token_faults = [httpx.ConnectError("too late")]
        tasks.append(newest)

    tasks: list[asyncio.Task[Secret]] = []
    house.hubspot.before = while_the_first_call_stands_still
    with pytest.raises(ProviderUnavailable):
        await house.uses.access_tokens()(connection)
    released.set()
    assert (await tasks[0]).reveal() == "access-2"
    await check_that_the_grant_is_kept(house, connection)


async def test_who_fails_while_another_one_stands_still_spoils_no_renewal_either(
    house: House, connection: Connection
) -> None:
    house.hubspot.rotates = True
    expire(house)
    other = house.another(Power()).uses.access_tokens()

    async def while_the_answer_is_on_its_way() -> None:
        house.clock.advance(timedelta(seconds=46))
        house.hubspot.token_faults = [httpx.Response(409)]
        with pytest.raises(ProviderUnavailable):
            await other(connection)

    house.hubspot.meanwhile = while_the_answer_is_on_its_way
    assert await house.uses.access_tokens()(connection) == Secret("access-2")
    await check_that_the_grant_is_kept(house, connection)


async def check_that_the_grant_is_kept(house: House, connection: Connection) -> None:
    kept = await house.tokens(connection)
    assert kept is not None
    assert kept.refresh is not None
    assert {kept.refresh.reveal()} == house.hubspot.grants
    assert await house.status(connection) is ConnectionStatus.ACTIVE


async def test_a_claim_of_a_dead_process_runs_out(house: House, connection: Connection) -> None:
    expire(house)
    for steps in range(2, 4):
        with pytest.raises(PowerCut):
            await house.another(Power(steps)).uses.access_tokens()(connection)
        with pytest.raises(ProviderUnavailable):
            await house.uses.access_tokens()(connection)
        house.clock.advance(timedelta(seconds=61))
    assert await house.uses.access_tokens()(connection) == Secret(f"access-{1 + house.hubspot.refreshes}")
    assert await house.status(connection) is ConnectionStatus.ACTIVE


async def test_who_reconnects_during_a_refresh_wins(house: House) -> None:
    bearer = await house.person()
    connection = await house.connect(bearer)
    expire(house)
    callback = a_callback(await house.start(bearer))

    async def reconnect() -> None:
        await house.uses.finish_connection()(callback, CALLER)

    house.hubspot.meanwhile = reconnect
    assert await house.uses.access_tokens()(connection) == Secret("access-3")
    kept = await house.tokens(connection)
    assert kept is not None
    assert (kept.access, kept.refresh) == (Secret("access-3"), Secret("refresh-3"))


@pytest.mark.parametrize("steps", range(10))
async def test_a_refusal_of_the_old_grant_does_not_touch_the_new_one(house: House, steps: int) -> None:
    bearer = await house.person()
    connection = await house.connect(bearer)
    expire(house)
    slow = house.another(power := Power(held=True))
    waiting = asyncio.create_task(slow.uses.access_tokens()(connection))
    for _ in range(steps):
        await everybody_waits()
        if power.waiting:
            power.let_go(0)
    house.hubspot.grants.clear()
    await everybody_waits()
    newest = await house.connect(bearer)
    power.release()
    await waiting
    assert await house.status(connection) is ConnectionStatus.ACTIVE
    assert (await house.uses.access_tokens()(newest)).reveal() in house.hubspot.accepted
    kept = await house.tokens(connection)
    assert kept is not None
    assert kept.refresh is not None
    assert kept.refresh.reveal() in house.hubspot.grants


async def test_who_disconnects_during_a_refresh_stays_disconnected(house: House, connection: Connection) -> None:
    expire(house)

    async def disconnect() -> None:
        await house.disconnect(connection)

    house.hubspot.meanwhile = disconnect
    with pytest.raises(NeedsReauth):
        await house.uses.access_tokens()(connection)
    assert await house.tokens(connection) is None
    assert await house.status(connection) is ConnectionStatus.DISCONNECTED


async def test_a_provider_that_renews_with_the_refused_token_is_not_asked_on_and_on(
    house: House, connection: Connection
) -> None:
    same = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 1800, "token_type": "bearer"}
    house.hubspot.token_faults = [httpx.Response(200, json=same) for _ in range(500)]
    with pytest.raises((NeedsReauth, ProviderUnavailable)):
        await house.uses.access_tokens()(connection, refused=Secret("access-1"))
    assert house.hubspot.refreshes <= 3


async def test_a_credential_that_does_not_open_needs_a_person(house: House, connection: Connection) -> None:
    other = await house.connect(await house.person())
    foreign = await house.storage.credentials.find(other.id)
    assert foreign is not None
    await house.storage.credentials.put(replace(foreign, connection=connection.id))
    with pytest.raises(NeedsReauth):
        await house.uses.access_tokens()(connection)
    assert await house.status(connection) is ConnectionStatus.NEEDS_REAUTH
    assert house.hubspot.refreshes == 0


async def test_a_verdict_on_the_present_grant_counts_whoever_has_an_older_view_of_the_connection(house: House) -> None:
    bearer = await house.person()
    old_view = await house.connect(bearer)
    house.clock.advance(timedelta(minutes=1))
    await house.connect(bearer)
    expire(house)
    house.hubspot.grants.clear()
    with pytest.raises(NeedsReauth):
        await house.uses.access_tokens()(old_view)
    assert await house.status(old_view) is ConnectionStatus.NEEDS_REAUTH
    await house.work()
    assert [mail.kind for mail in house.mails] == [MailKind.CONNECTION_BROKEN]


@pytest.mark.parametrize("shares", [False, True])
async def test_stopped_before_any_step_the_owner_of_a_lost_grant_is_told_once(shares: bool) -> None:
    steps, was_stopped = 0, True
    while was_stopped:
        house = House(declared=replace(HUBSPOT, shares_grants=shares))
        connection = await house.connect(await house.person())
        expire(house)
        house.hubspot.grants.clear()
        try:
            await house.another(Power(steps)).uses.access_tokens()(connection)
        except NeedsReauth:
            was_stopped = False
        except PowerCut:
            steps += 1
        house.clock.advance(timedelta(seconds=61))
        with pytest.raises(NeedsReauth):
            await house.uses.access_tokens()(await house.connection(connection.user, connection.id))
        await house.work()
        assert await house.status(connection) is ConnectionStatus.NEEDS_REAUTH
        assert [mail.kind for mail in house.mails] == [MailKind.CONNECTION_BROKEN], f"stopped after {steps} steps"
    assert steps > 5


@pytest.mark.parametrize("steps", range(14))
async def test_a_grant_that_comes_in_while_the_old_one_is_found_dead_stays(house: House, steps: int) -> None:
    bearer = await house.person()
    connection = await house.connect(bearer)
    expire(house)
    house.hubspot.grants.clear()
    callback = a_callback(await house.start(bearer))
    slow = Slow(house, shares_cache=True)
    slow.hold()
    reconnecting = asyncio.create_task(slow.process.uses.finish_connection()(callback, CALLER))
    await slow.go(steps)
    with suppress(NeedsReauth, ProviderUnavailable):
        await house.uses.access_tokens()(await house.connection(bearer.user, connection.id))
    slow.release()
    await reconnecting
    house.clock.advance(timedelta(minutes=1))
    await house.work()
    assert house.mails == []
    after = await house.connection(bearer.user, connection.id)
    assert (after.status, after.last_error) == (ConnectionStatus.ACTIVE, None)
    assert (await house.uses.access_tokens()(after)).reveal() in house.hubspot.accepted


@pytest.mark.parametrize("shares", [False, True])
async def test_a_new_pair_that_comes_in_late_mends_what_was_found_dead_meanwhile(shares: bool) -> None:
    house = House(declared=replace(HUBSPOT, shares_grants=shares))
    house.hubspot.rotates = True
    connection = await house.connect(await house.person())
    expire(house)

    async def another_gives_it_up() -> None:
        house.clock.advance(timedelta(seconds=46))
        with pytest.raises(NeedsReauth):
            await house.another(Power()).uses.access_tokens()(connection)
        assert await house.status(connection) is ConnectionStatus.NEEDS_REAUTH

    house.hubspot.meanwhile = another_gives_it_up
    assert (await house.uses.access_tokens()(connection)).reveal() in house.hubspot.accepted
    assert await house.status(connection) is ConnectionStatus.ACTIVE
    house.clock.advance(timedelta(minutes=1))
    await house.work()
    assert house.mails == []
