"""Connecting an account: from setting out to the callback."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from application.finish_connection import FinishedConnection
from application.ports.tokens import Bearer
from domain.connection import Account, Connection, ConnectionStatus
from domain.errors import (
    AuthorizationEnded,
    AuthorizationRefused,
    AuthorizationUnknown,
    ConsentDenied,
    GrantRefused,
    NotFound,
    ProviderAway,
    ProviderNotConfigured,
    StorageUnavailable,
    WrongBrowser,
    WrongUser,
)
from domain.secret import Secret
from domain.sync import RunStatus
from tests.unit.application.house import ORIGIN, House, a_callback
from tests.unit.application.power import Power, PowerCut
from tests.unit.application.slow import Slow
from tests.unit.builders import A_TIME, CALLER, some_settings


@pytest.fixture
async def bearer(house: House) -> Bearer:
    return await house.person()


async def mine(house: House, bearer: Bearer) -> tuple[Connection, ...]:
    return await house.storage.connections.of_user(bearer.user)


async def test_the_person_is_sent_to_the_provider_with_what_it_needs(house: House, bearer: Bearer) -> None:
    started = await house.start(bearer)
    parts = urlsplit(started.url)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "app.hubspot.com", "/oauth/authorize")
    assert asked | {"state": ""} == {
        "client_id": "our-client",
        "response_type": "code",
        "redirect_uri": "http://localhost:8000/integrations/hubspot/oauth2callback",
        "scope": "oauth crm.objects.contacts.read crm.objects.companies.read crm.objects.deals.read",
        "state": "",
    }
    assert len(asked["state"]) == 43
    assert started.cookie.reveal() not in started.url
    assert started.flow not in started.url
    assert (started.expires_in, started.expires_at) == (600, A_TIME + timedelta(minutes=10))


async def test_nobody_sets_out_for_an_unknown_provider(house: House, bearer: Bearer) -> None:
    with pytest.raises(NotFound):
        await house.uses.start_connection()(bearer, provider="nowhere", origin=ORIGIN)


async def test_nobody_sets_out_for_one_that_is_not_configured() -> None:
    house = House(settings=some_settings(HUBSPOT_CLIENT_SECRET=""))
    with pytest.raises(ProviderNotConfigured):
        await house.start(await house.person())


async def test_a_callback_connects_the_account(house: House, bearer: Bearer) -> None:
    started = await house.start(bearer)
    finished = await house.uses.finish_connection()(a_callback(started), CALLER)
    assert (finished.flow, finished.origin) == (started.flow, ORIGIN)
    (connection,) = await mine(house, bearer)
    assert connection.id == finished.connection
    assert (connection.status, connection.account) == (ConnectionStatus.ACTIVE, Account("62515", "acme.example"))
    run = await house.storage.runs.latest(connection.id)
    assert run is not None
    assert run.status is RunStatus.QUEUED


async def test_the_tokens_are_sealed_where_they_rest(house: House, bearer: Bearer) -> None:
    connection = await house.connect(bearer)
    credential = await house.storage.credentials.find(connection.id)
    assert credential is not None
    assert b"access-1" not in credential.access
    assert b"refresh-1" not in (credential.refresh or b"")
    assert "access" not in repr(credential)


async def test_a_state_can_be_used_once(house: House, bearer: Bearer) -> None:
    callback = a_callback(await house.start(bearer))
    finish = house.uses.finish_connection()
    outcomes = await asyncio.gather(*(finish(callback, CALLER) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(outcome, AuthorizationUnknown) for outcome in outcomes) == 9
    assert house.hubspot.paths.count("/oauth/2026-03/token") == 1


SOMEBODY_ELSES = Secret(urlsafe_b64encode(bytes(80)).rstrip(b"=").decode())
"""Has the shape of a refresh token, and leads to the user whose id is all zeros."""


async def test_a_callback_of_an_unknown_provider_spends_nothing(house: House, bearer: Bearer) -> None:
    started = await house.start(bearer)
    with pytest.raises(NotFound):
        await house.uses.finish_connection()(a_callback(started, provider="another"), CALLER)
    await house.uses.finish_connection()(a_callback(started), CALLER)


@pytest.mark.parametrize(
    ("given", "refusal", "tells_the_opener"),
    [
        ({"state": "invented"}, AuthorizationUnknown, False),
        ({"flows": {}}, WrongBrowser, False),
        ({"flows": {"another flow": "a secret"}}, WrongBrowser, False),
        ({"refresh": SOMEBODY_ELSES}, WrongUser, True),
        ({"code": None, "error": "access_denied"}, ConsentDenied, True),
        ({"error": "access_denied"}, ConsentDenied, True),
        ({"code": None}, GrantRefused, True),
        ({"code": ""}, GrantRefused, True),
        ({"code": None, "error": "server_error"}, GrantRefused, True),
        ({"issuer": "https://evil.example"}, GrantRefused, True),
    ],
    ids=str,
)
async def test_what_is_not_in_order_connects_nothing(
    house: House,
    bearer: Bearer,
    given: dict[str, object],
    refusal: type[AuthorizationRefused],
    tells_the_opener: bool,
) -> None:
    callback = a_callback(await house.start(bearer), **given)
    with pytest.raises(refusal) as refused:
        await house.uses.finish_connection()(callback, CALLER)
    assert type(refused.value) is refusal
    assert refused.value.origin == (ORIGIN if tells_the_opener else None)
    assert await mine(house, bearer) == ()
    assert house.hubspot.requests == []
    with pytest.raises(AuthorizationUnknown):
        await house.uses.finish_connection()(callback, CALLER)


async def test_the_secret_of_another_flow_does_not_do(house: House, bearer: Bearer) -> None:
    one, other = await house.start(bearer), await house.start(bearer)
    with pytest.raises(WrongBrowser):
        await house.uses.finish_connection()(a_callback(one, flows={one.flow: other.cookie.reveal()}), CALLER)


async def test_an_attempt_that_took_too_long_is_unknown(house: House, bearer: Bearer) -> None:
    callback = a_callback(await house.start(bearer))
    house.clock.advance(timedelta(minutes=10))
    with pytest.raises(AuthorizationUnknown):
        await house.uses.finish_connection()(callback, CALLER)


@pytest.mark.parametrize("idle", [timedelta(0), timedelta(minutes=5)])
async def test_whoever_has_logged_out_connects_nothing(house: House, bearer: Bearer, idle: timedelta) -> None:
    callback = a_callback(await house.start(bearer))
    house.clock.advance(idle)
    await house.storage.sessions.end(bearer.user, bearer.session)
    with pytest.raises(AuthorizationEnded):
        await house.uses.finish_connection()(callback, CALLER)
    assert house.hubspot.requests == []


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        (httpx.Response(400, json={"error": "invalid_grant"}), GrantRefused),
        (httpx.Response(200, json={"access_token": "x", "token_type": "mac"}), GrantRefused),
        (httpx.Response(200, text="nonsense"), GrantRefused),
        (httpx.Response(503), ProviderAway),
        (httpx.Response(429), ProviderAway),
        (httpx.ReadTimeout("slow"), ProviderAway),
    ],
    ids=str,
)
async def test_a_code_that_the_provider_does_not_honour_connects_nothing(
    house: House, bearer: Bearer, fault: httpx.Response | Exception, refusal: type[AuthorizationRefused]
) -> None:
    house.hubspot.token_faults = [fault]
    started = await house.start(bearer)
    with pytest.raises(refusal) as refused:
        await house.uses.finish_connection()(a_callback(started), CALLER)
    assert (refused.value.flow, refused.value.origin) == (started.flow, ORIGIN)
    assert await mine(house, bearer) == ()


async def test_connecting_the_same_account_again_keeps_its_id_and_its_items(house: House, bearer: Bearer) -> None:
    house.hubspot.contacts = {1: "Ann"}
    first = await house.connect(bearer)
    await house.work()
    house.clock.advance(timedelta(days=1))
    again = await house.connect(bearer)
    assert (again.id, again.created_at) == (first.id, first.created_at)
    assert again.connected_at == house.clock.now()
    assert len(await house.items(again)) == 1


async def test_reconnecting_heals_what_needed_it(house: House, bearer: Bearer) -> None:
    connection = await house.connect(bearer)
    house.hubspot.accepted.clear()
    house.hubspot.grants.clear()
    await house.work()
    assert (await mine(house, bearer))[0].status is ConnectionStatus.NEEDS_REAUTH
    house.clock.advance(timedelta(minutes=1))
    again = await house.connect(bearer)
    assert (again.id, again.status, again.last_error) == (connection.id, ConnectionStatus.ACTIVE, None)
    await house.work()
    assert (await mine(house, bearer))[0].last_sync_at == house.clock.now()


async def test_two_accounts_of_one_provider_are_two_connections(house: House, bearer: Bearer) -> None:
    await house.connect(bearer)
    house.hubspot.account = 7
    await house.connect(bearer)
    assert {one.account.id for one in await mine(house, bearer)} == {"62515", "7"}


async def test_one_account_of_two_persons_is_two_connections(house: House, bearer: Bearer) -> None:
    other = await house.person()
    ours, theirs = await house.connect(bearer), await house.connect(other)
    assert ours.id != theirs.id


async def test_stopped_between_two_steps_it_is_connected_or_not_and_can_be_repeated() -> None:
    steps, seen, finished = 0, set(), False
    while not finished:
        house = House()
        bearer = await house.person()
        power = Power(steps)
        process = house.another(power)
        callback = a_callback(await process.start(bearer))
        try:
            await process.uses.finish_connection()(callback, CALLER)
            finished = True
        except PowerCut:
            steps += 1
        left = await mine(house, bearer)
        seen |= {connection.status for connection in left}
        for connection in left:
            if connection.status is ConnectionStatus.ACTIVE:
                await house.uses.access_tokens()(connection)
        again = await house.connect(bearer)
        await house.work()
        (connection,) = await mine(house, bearer)
        assert (connection.id, connection.status) == (again.id, ConnectionStatus.ACTIVE)
        assert connection.last_sync_at is not None
    assert steps > 7
    assert seen == {ConnectionStatus.ACTIVE, ConnectionStatus.DISCONNECTED}


async def test_whoever_logs_out_during_the_exchange_connects_nothing(house: House, bearer: Bearer) -> None:
    async def log_out() -> None:
        await house.storage.sessions.end(bearer.user, bearer.session)

    house.hubspot.meanwhile = log_out
    started = await house.start(bearer)
    with pytest.raises(AuthorizationEnded) as refused:
        await house.uses.finish_connection()(a_callback(started), CALLER)
    assert refused.value.flow == started.flow
    assert await mine(house, bearer) == ()
    await house.work()
    assert house.hubspot.revoked == ["refresh-1"]
    assert house.hubspot.grants == set()


async def test_a_grant_that_may_be_a_living_connections_is_not_returned(house: House, bearer: Bearer) -> None:
    async def log_out() -> None:
        await house.storage.sessions.end(bearer.user, bearer.session)

    connection = await house.connect(bearer)
    house.hubspot.meanwhile = log_out
    with pytest.raises(AuthorizationEnded):
        await house.uses.finish_connection()(a_callback(await house.start(bearer)), CALLER)
    await house.work()
    assert house.hubspot.revoked == []
    assert (await house.connection(bearer.user, connection.id)).status is ConnectionStatus.ACTIVE


@pytest.mark.parametrize("deleted", [True, False])
async def test_nothing_is_noted_of_an_account_that_is_gone(house: House, bearer: Bearer, deleted: bool) -> None:
    callback = a_callback(await house.start(bearer))
    user = await house.storage.users.by_id(bearer.user)
    assert user is not None
    await house.storage.sessions.end_all(bearer.user)
    if deleted:
        await house.storage.users.remove(user)
    before = await house.storage.security_events.page(bearer.user, before=None, limit=10)
    with pytest.raises(AuthorizationEnded):
        await house.uses.finish_connection()(callback, CALLER)
    after = await house.storage.security_events.page(bearer.user, before=None, limit=10)
    assert len(after) == len(before) + (not deleted)


async def test_connected_is_connected_also_where_nobody_can_note_it(
    house: House, bearer: Bearer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(event: object) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(house.storage.security_events, "add", away)
    finished = await house.uses.finish_connection()(a_callback(await house.start(bearer)), CALLER)
    assert (await house.connection(bearer.user, finished.connection)).status is ConnectionStatus.ACTIVE


async def overtaken(
    house: House, bearer: Bearer, steps: int, overtake: Callable[[], Awaitable[None]]
) -> FinishedConnection | BaseException:
    """What comes of a callback during which something else happens, after so many steps."""
    slow = Slow(house, shares_cache=True)
    callback = a_callback(await house.start(bearer))
    slow.hold()
    task = asyncio.create_task(slow.process.uses.finish_connection()(callback, CALLER))
    await slow.go(steps)
    house.clock.advance(timedelta(seconds=1))
    await overtake()
    slow.release()
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    await house.work()
    return outcome


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("steps", range(16))
async def test_whoever_ends_all_sessions_and_connections_misses_none_under_way(
    house: House, bearer: Bearer, known: bool, steps: int
) -> None:
    if known:
        await house.connect(bearer)
        await house.work()
        house.clock.advance(timedelta(minutes=1))

    async def end_all() -> None:
        await house.storage.sessions.end_all(bearer.user)
        for connection in await mine(house, bearer):
            await house.uses.remove_connection()(connection)

    await overtaken(house, bearer, steps, end_all)
    assert await mine(house, bearer) == ()


@pytest.mark.parametrize("steps", range(16))
async def test_a_removal_during_a_reconnection_leaves_no_connection_without_a_grant(
    house: House, bearer: Bearer, steps: int
) -> None:
    connection = await house.connect(bearer)
    await house.work()
    house.clock.advance(timedelta(minutes=1))

    async def remove() -> None:
        await house.uses.remove_connection()(connection)

    outcome = await overtaken(house, bearer, steps, remove)
    for left in await mine(house, bearer):
        assert (left.status, left.last_error) == (ConnectionStatus.ACTIVE, None)
        assert await house.tokens(left) is not None
        assert isinstance(outcome, FinishedConnection)
    assert isinstance(outcome, FinishedConnection | AuthorizationEnded)
