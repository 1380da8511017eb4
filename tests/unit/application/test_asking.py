"""Asking for a sync, for fresh items, and how it is going."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from application.describe_connection import DescribedConnection
from application.list_items import ItemPage
from application.outcome import Again
from application.ports.tokens import Bearer
from domain.connection import Connection, ConnectionStatus
from domain.errors import ConnectionAmbiguous, LimitReached, NeedsReauth, NotConnected, NotFound
from domain.ids import ConnectionId
from domain.secret import Secret
from domain.sync import RunStatus
from tests.unit.application.house import House
from tests.unit.application.slow import Slow
from tests.unit.builders import CALLER, some_settings
from tests.unit.played_hubspot import PlayedHubSpot


@pytest.fixture
def house() -> House:
    return House(PlayedHubSpot(contacts=3))


@pytest.fixture
async def bearer(house: House) -> Bearer:
    return await house.person()


@pytest.fixture
async def connection(house: House, bearer: Bearer) -> Connection:
    """Connected and synced."""
    connection = await house.connect(bearer)
    await house.work()
    return await house.connection(bearer.user, connection.id)


async def load(
    house: House, bearer: Bearer, *, refresh: bool = False, connection: ConnectionId | None = None
) -> tuple[ItemPage, DescribedConnection]:
    found: tuple[ItemPage, DescribedConnection] = await house.uses.load_items()(
        bearer.user, provider="hubspot", connection=connection, kind=None, cursor=None, limit=100, refresh=refresh
    )
    return found


async def status(house: House, bearer: Bearer) -> DescribedConnection | None:
    found: DescribedConnection | None = await house.uses.show_status()(bearer.user, provider="hubspot", connection=None)
    return found


async def test_however_many_ask_there_is_one_run(house: House, connection: Connection) -> None:
    runs = await asyncio.gather(*(house.uses.request_sync()(connection) for _ in range(20)))
    assert len({run.id for run in runs}) == 1
    assert len(await house.due()) == 1


async def test_after_it_has_ended_there_is_another(house: House, connection: Connection) -> None:
    one = await house.synced(connection)
    other = await house.synced(connection)
    assert one.id != other.id


THROTTLED = httpx.Response(429, headers={"Retry-After": "600"})


async def test_who_reconnects_does_not_wait_for_what_the_old_tokens_wait_for(
    house: House, bearer: Bearer, connection: Connection
) -> None:
    house.clock.advance(timedelta(hours=1))
    run = await house.uses.request_sync()(connection)
    house.hubspot.token_faults = [THROTTLED]
    (effect,) = await house.due()
    await house.settle(effect, await house.do(effect))
    assert await house.uses.request_sync()(connection) == (waiting := await house.run(run))
    assert (waiting.status, waiting.error) == (RunStatus.WAITING, "provider_throttled")
    house.clock.advance(timedelta(seconds=1))
    await house.connect(bearer)
    assert (await house.run(run)).status is RunStatus.CANCELLED
    await house.work()
    latest = await house.storage.runs.latest(connection.id)
    assert latest is not None
    assert (latest.status, latest.counts.unchanged) == (RunStatus.SUCCEEDED, 3)


@pytest.mark.parametrize("steps", range(40))
async def test_nor_does_who_reconnects_in_any_moment_before(
    house: House, bearer: Bearer, connection: Connection, steps: int
) -> None:
    house.clock.advance(timedelta(hours=1))
    run = await house.uses.request_sync()(connection)
    (effect,) = await house.due()
    house.hubspot.token_faults = [THROTTLED]
    worker = Slow(house, shares_cache=True)
    worker.hold()
    working = asyncio.create_task(worker.process.do(effect))
    await worker.go(steps)
    throttled, house.hubspot.token_faults = house.hubspot.token_faults, []
    house.clock.advance(timedelta(seconds=1))
    await house.connect(bearer)
    house.hubspot.token_faults = throttled
    worker.release()
    outcome = await working
    await house.settle(effect, outcome)
    if isinstance(outcome, Again) and outcome.seconds:
        assert (await house.run(run)).status is RunStatus.CANCELLED
    await house.work()
    latest = await house.storage.runs.latest(connection.id)
    assert latest is not None
    assert (latest.status, latest.counts.unchanged) == (RunStatus.SUCCEEDED, 3)


async def test_a_sync_is_started_only_where_it_can_go_on(house: House, bearer: Bearer, connection: Connection) -> None:
    start = house.uses.start_sync()
    for named in (ConnectionId("none"), ConnectionId("")):
        with pytest.raises(NotFound):
            await start(bearer.user, provider="hubspot", connection=named)
    with pytest.raises(NotFound):
        await start((await house.person()).user, provider="hubspot", connection=connection.id)
    house.hubspot.account = 7
    await house.connect(bearer)
    with pytest.raises(ConnectionAmbiguous):
        await start(bearer.user, provider="hubspot", connection=None)
    assert (await start(bearer.user, provider="hubspot", connection=connection.id)).status is RunStatus.QUEUED


async def test_a_grant_that_is_dead_is_not_synced(house: House, bearer: Bearer, connection: Connection) -> None:
    house.hubspot.accepted.clear()
    house.hubspot.grants.clear()
    await house.synced(connection)
    with pytest.raises(NeedsReauth):
        await house.uses.start_sync()(bearer.user, provider="hubspot", connection=None)
    page, described = await load(house, bearer, refresh=True)
    assert (len(page.items), described.status) == (3, "needs_reauth")


async def test_who_has_never_synced_waits_for_the_first_run(house: House, bearer: Bearer) -> None:
    await house.connect(bearer)
    loading = asyncio.create_task(load(house, bearer))
    await asyncio.sleep(1)
    await house.work()
    page, described = await loading
    assert (page.total, described.status) == (3, "active")


async def test_nobody_waits_for_ever(house: House, bearer: Bearer) -> None:
    await house.connect(bearer)
    begun = asyncio.get_running_loop().time()
    page, described = await load(house, bearer)
    assert (page.total, described.status) == (0, "syncing")
    assert 9 < asyncio.get_running_loop().time() - begun < 12


async def test_what_is_there_is_given_at_once(house: House, bearer: Bearer, connection: Connection) -> None:
    begun = asyncio.get_running_loop().time()
    assert (await load(house, bearer))[0].total == 3
    assert asyncio.get_running_loop().time() == begun
    assert await house.due() == []


async def test_it_is_given_at_once_while_a_sync_goes_on(house: House, bearer: Bearer, connection: Connection) -> None:
    run = await house.uses.request_sync()(connection)
    begun = asyncio.get_running_loop().time()
    page, described = await load(house, bearer)
    assert (page.total, described.status, described.run) == (3, "syncing", run)
    assert asyncio.get_running_loop().time() == begun


async def test_who_insists_on_fresh_items_too_often_is_told_so() -> None:
    house = House(PlayedHubSpot(contacts=3), some_settings(RATE_LIMIT_SCALE="1"))
    bearer = await house.person()
    await house.connect(bearer)
    await house.work()

    async def loaded() -> None:
        loading = asyncio.create_task(load(house, bearer, refresh=True))
        await asyncio.sleep(0.05)
        await house.work()
        await loading

    for _ in range(6):
        await loaded()
    with pytest.raises(LimitReached):
        await loaded()
    assert (await load(house, bearer))[0].total == 3


async def test_nothing_is_loaded_from_nowhere(house: House, bearer: Bearer) -> None:
    with pytest.raises(NotConnected):
        await load(house, bearer)
    with pytest.raises(NotFound):
        await load(house, bearer, connection=ConnectionId("none"))


async def test_a_status_follows_the_connection(house: House, bearer: Bearer) -> None:
    assert await status(house, bearer) is None
    connection = await house.connect(bearer)
    stages = []
    for happens in (house.work, lambda: fail(house, connection), lambda: house.synced(connection)):
        described = await status(house, bearer)
        assert described is not None
        stages.append(described.status)
        await happens()
    described = await status(house, bearer)
    assert described is not None
    assert [*stages, described.status] == ["syncing", "active", "error", "active"]
    assert described.totals == {"contact": 3}
    house.clock.advance(timedelta(minutes=1))
    await house.uses.disconnect()(bearer.user, provider="hubspot", connection=None, purge=False, caller=CALLER)
    assert await status(house, bearer) is None


async def fail(house: House, connection: Connection) -> None:
    house.hubspot.listing_faults = [httpx.Response(403)]
    await house.synced(connection)


async def test_every_provider_is_listed_with_ones_own_accounts(
    house: House, bearer: Bearer, connection: Connection
) -> None:
    await house.connect(await house.person())
    listed = await house.uses.list_integrations()(bearer.user)
    ((provider, mine),) = [one for one in listed if one[0].slug == "hubspot"]
    assert (provider.slug, provider.configured, provider.sandbox) == ("hubspot", True, False)
    assert [described.connection.id for described in mine] == [connection.id]


async def test_credentials_are_shown_and_refreshed_when_they_end(
    house: House, bearer: Bearer, connection: Connection
) -> None:
    show = house.uses.show_credentials()
    house.clock.advance(timedelta(hours=1))
    shown, credential, tokens = await show(bearer.user, provider="hubspot", connection=None)
    assert tokens is not None
    assert (shown.id, tokens.access) == (connection.id, Secret("access-2"))
    assert credential.obtained_at == house.clock.now()
    with pytest.raises(NotFound):
        await show((await house.person()).user, provider="hubspot", connection=connection.id)


async def test_credentials_that_died_are_shown_without_tokens(
    house: House, bearer: Bearer, connection: Connection
) -> None:
    house.clock.advance(timedelta(hours=1))
    house.hubspot.grants.clear()
    for _ in range(2):
        shown, _credential, tokens = await house.uses.show_credentials()(
            bearer.user, provider="hubspot", connection=None
        )
        assert (shown.status, tokens) == (ConnectionStatus.NEEDS_REAUTH, None)
    assert house.hubspot.refreshes == 1


async def test_of_several_accounts_a_read_means_the_newest(house: House, bearer: Bearer) -> None:
    await house.connect(bearer)
    house.hubspot.account = 7
    house.clock.advance(timedelta(seconds=1))
    newest = await house.connect(bearer)
    described = await status(house, bearer)
    assert described is not None
    assert described.connection.id == newest.id
