"""How connections are doing, what of them is loaded, and what goes with one that is removed."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from application.describe_connection import DescribedConnection
from application.list_items import ItemPage
from application.ports.tokens import Bearer
from domain.connection import Connection
from domain.errors import NotConnected, NotFound
from domain.sync import RunStatus
from tests.unit.application.house import HUBSPOT, House
from tests.unit.application.power import Power, PowerCut
from tests.unit.builders import CALLER
from tests.unit.played_hubspot import PlayedHubSpot

ASKED = ("oauth", "crm.objects.contacts.read", "crm.objects.companies.read", "crm.objects.deals.read")


@pytest.fixture
def house() -> House:
    return House(PlayedHubSpot(contacts=5))


@pytest.fixture
async def bearer(house: House) -> Bearer:
    return await house.person()


@pytest.fixture
async def connection(house: House, bearer: Bearer) -> Connection:
    """Connected, and its first sync asked for."""
    return await house.connect(bearer)


async def load(
    house: House, bearer: Bearer, *, refresh: bool = False, cursor: str | None = None
) -> tuple[ItemPage, DescribedConnection]:
    found: tuple[ItemPage, DescribedConnection] = await house.uses.load_items()(
        bearer.user, provider="hubspot", connection=None, kind=None, cursor=cursor, limit=2, refresh=refresh
    )
    return found


async def described(house: House, connection: Connection) -> DescribedConnection:
    found: DescribedConnection = await house.uses.show_connection()(connection.user, connection.id)
    return found


async def ended_partial(house: House) -> None:
    """A first sync whose second page is refused."""
    page = {"id": "1", "properties": {}, "createdAt": "2026-01-10T10:00:00Z", "updatedAt": "2026-01-10T10:00:00Z"}
    first = {"results": [page], "paging": {"next": {"after": "1"}}}
    house.hubspot.listing_faults = [httpx.Response(200, json=first), httpx.Response(403)]
    await house.work()


async def test_a_run_that_ended_partial_is_not_repeated_by_every_load(
    house: House, bearer: Bearer, connection: Connection
) -> None:
    await ended_partial(house)
    begun = asyncio.get_running_loop().time()
    for _ in range(3):
        page, shown = await load(house, bearer)
        assert (len(page.items), shown.status) == (1, "error")
        assert shown.run is not None
        assert shown.run.status is RunStatus.PARTIAL
    assert await house.due() == []
    assert asyncio.get_running_loop().time() == begun


@pytest.mark.parametrize("ends", ["failed", "cancelled"])
async def test_nor_is_one_that_brought_nothing(house: House, bearer: Bearer, connection: Connection, ends: str) -> None:
    if ends == "failed":
        house.hubspot.listing_faults = [httpx.Response(403)]
    else:
        run = await house.storage.runs.latest(connection.id)
        assert run is not None
        await house.uses.cancel_run()(bearer.user, run.id)
    await house.work()
    _, shown = await load(house, bearer)
    assert shown.run is not None
    assert shown.run.status == ends
    assert await house.due() == []


async def test_who_asks_for_fresh_items_has_it_repeated(house: House, bearer: Bearer, connection: Connection) -> None:
    await ended_partial(house)
    loading = asyncio.create_task(load(house, bearer, refresh=True))
    await asyncio.sleep(1)
    await house.work()
    page, shown = await loading
    assert (page.total, shown.status) == (5, "active")


async def test_who_turns_the_page_of_a_sync_that_goes_on_does_not_wait(
    house: House, bearer: Bearer, connection: Connection
) -> None:
    await house.work()
    cursor = (await load(house, bearer))[0].next_cursor
    await house.uses.request_sync()(connection)
    begun = asyncio.get_running_loop().time()
    assert len((await load(house, bearer, cursor=cursor))[0].items) == 2
    assert asyncio.get_running_loop().time() == begun


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        (ASKED, ()),
        ((*ASKED, "crm.objects.owners.read"), ()),
        (ASKED[:2], ASKED[2:]),
        (("something.else",), ASKED),
        # Its provider does not tell.
        ((), ()),
    ],
)
async def test_what_was_asked_for_and_not_granted_is_told(
    house: House, bearer: Bearer, connection: Connection, granted: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    await house.storage.connections.update(replace(connection, scopes=granted))
    assert (await described(house, connection)).missing_scopes == missing
    assert [one.missing_scopes for one in await house.uses.list_connections()(bearer.user)] == [missing]


async def test_a_connection_whose_provider_is_not_declared_any_more_is_still_shown(
    house: House, bearer: Bearer, connection: Connection
) -> None:
    other = house.another(Power(), declared=replace(HUBSPOT, slug="another"))
    (shown,) = await other.uses.list_connections()(bearer.user)
    assert (shown.connection.id, shown.missing_scopes) == (connection.id, ())


async def test_the_account_connected_last_comes_first_and_disconnected_ones_are_shown(
    house: House, bearer: Bearer, connection: Connection
) -> None:
    house.clock.advance(timedelta(minutes=1))
    house.hubspot.account = 7
    newest = await house.connect(bearer)
    await house.disconnect(connection)
    shown = await house.uses.list_connections()(bearer.user)
    assert [one.connection.id for one in shown] == [newest.id, connection.id]
    assert [one.status for one in shown] == ["syncing", "disconnected"]


async def test_nobody_is_shown_anothers_connection(house: House, connection: Connection) -> None:
    stranger = await house.person()
    with pytest.raises(NotFound):
        await house.uses.show_connection()(stranger.user, connection.id)
    assert await house.uses.list_connections()(stranger.user) == []


async def is_removed(house: House, connection: Connection) -> bool:
    """Of it nothing is left, neither to be seen nor stored."""
    storage = house.storage
    left = [await storage.connections.find(connection.user, connection.id), await storage.runs.latest(connection.id)]
    assert await storage.credentials.find(connection.id) is None
    return left == [None, None] and not await house.items(connection) and not await house.published(connection)


@pytest.mark.parametrize("disconnected", [False, True], ids=["live", "disconnected before"])
async def test_a_connection_is_removed_with_everything_that_came_through_it(
    house: House, bearer: Bearer, connection: Connection, disconnected: bool
) -> None:
    await house.work()
    house.clock.advance(timedelta(minutes=1))
    if disconnected:
        await house.disconnect(connection)
        await house.work()
    await house.disconnect(connection, purge=True)
    assert await house.uses.list_connections()(bearer.user) == []
    await house.work()
    assert await is_removed(house, connection)
    assert house.hubspot.revoked == ["refresh-1"]
    with pytest.raises(NotFound):
        await house.disconnect(connection, purge=True)


async def test_one_that_was_disconnected_is_removed_only_by_its_name(
    house: House, bearer: Bearer, connection: Connection
) -> None:
    await house.disconnect(connection)
    with pytest.raises(NotConnected):
        await house.uses.disconnect()(bearer.user, provider="hubspot", connection=None, purge=True, caller=CALLER)
    await house.disconnect(connection, purge=True)
    await house.work()
    assert await is_removed(house, connection)


async def test_connected_anew_after_a_removal_it_is_another_one_with_its_own_items(
    house: House, bearer: Bearer, connection: Connection
) -> None:
    await house.work()
    house.clock.advance(timedelta(minutes=1))
    await house.disconnect(connection, purge=True)
    house.clock.advance(timedelta(seconds=1))
    anew = await house.connect(bearer)
    await house.work()
    assert anew.id != connection.id
    assert (await described(house, anew)).totals == {"contact": 5}
    assert len(await house.items(anew)) == 5


@pytest.mark.parametrize("disconnected", [False, True], ids=["live", "disconnected before"])
async def test_stopped_before_any_step_a_removal_leaves_nothing_untrue_and_can_be_repeated(
    house: House, disconnected: bool
) -> None:
    steps, finished, untrue = 0, False, []
    while not finished:
        house.hubspot.account += 1
        connection = await house.connect(await house.person())
        await house.work()
        house.clock.advance(timedelta(minutes=1))
        if disconnected:
            await house.disconnect(connection)
            await house.work()
        try:
            await house.another(Power(steps)).disconnect(connection, purge=True)
            finished = True
        except PowerCut:
            pass
        await house.work()
        if await house.storage.connections.find(connection.user, connection.id) is not None:
            shown = await described(house, connection)
            if sum(shown.totals.values()) != len(await house.items(connection)):
                untrue.append(steps)
            await house.disconnect(connection, purge=True)
            await house.work()
        assert await is_removed(house, connection)
        steps += 1
    assert steps > 5
    assert untrue == []


async def test_who_connects_again_after_a_removal_that_was_stopped_has_every_item_and_true_totals(house: House) -> None:
    untrue = []
    for steps in range(10):
        house.hubspot.account += 1
        bearer = await house.person()
        connection = await house.connect(bearer)
        await house.work()
        house.clock.advance(timedelta(minutes=1))
        with pytest.raises(PowerCut):
            await house.another(Power(steps)).disconnect(connection, purge=True)
        house.clock.advance(timedelta(seconds=1))
        again = await house.connect(bearer)
        await house.work()
        await house.synced(again)
        shown = await described(house, again)
        if (shown.totals, len(await house.items(again))) != ({"contact": 5}, 5):
            untrue.append((steps, dict(shown.totals)))
    assert untrue == []
