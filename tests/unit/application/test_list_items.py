"""A person's items, page by page."""

from itertools import repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.list_items import ItemPage, ItemQuery
from application.ports.tokens import Bearer
from domain.connection import Connection
from domain.errors import CursorInvalid, NotFound
from domain.ids import ConnectionId, UserId
from domain.item import Item
from tests.unit.application.house import House
from tests.unit.patient_loop import run_patiently
from tests.unit.played_hubspot import PlayedHubSpot

EVERYTHING = ItemQuery()


async def page(
    house: House, user: UserId, query: ItemQuery = EVERYTHING, *, cursor: str | None = None, limit: int = 2
) -> ItemPage:
    found: ItemPage = await house.uses.list_items()(user, query, cursor=cursor, limit=limit)
    return found


async def all_pages(house: House, user: UserId, query: ItemQuery, limit: int) -> list[Item]:
    found: list[Item] = []
    cursor: str | None = None
    while True:
        one = await page(house, user, query, cursor=cursor, limit=limit)
        assert len(one.items) <= limit
        found += [item for item, _ in one.items]
        cursor = one.next_cursor
        if cursor is None:
            return found


async def stocked(house: House, bearer: Bearer, *contacts: int) -> list[Connection]:
    """One connection for each number, with so many items."""
    connections = []
    for amount in contacts:
        house.hubspot.account += 1
        house.hubspot.contacts = {number: f"Ann {number}" for number in range(1, amount + 1)}
        connections.append(await house.connect(bearer))
        await house.work()
    return connections


@pytest.fixture
async def bearer(house: House) -> Bearer:
    return await house.person()


@settings(max_examples=40, deadline=None)
@given(amounts=st.lists(st.integers(0, 9), max_size=3), limit=st.integers(1, 12), one=st.integers(0, 2))
def test_any_size_of_page_gives_every_item_once(amounts: list[int], limit: int, one: int) -> None:
    async def story() -> None:
        house = House(PlayedHubSpot(page_sizes=iter(lambda: 5, None)))
        bearer = await house.person()
        connections = await stocked(house, bearer, *amounts)
        found = await all_pages(house, bearer.user, EVERYTHING, limit)
        places = {(item.connection, item.source.external_id) for item in found}
        assert len(found) == len(places) == sum(amounts)
        assert (await page(house, bearer.user, limit=limit)).total == sum(amounts)
        assert await all_pages(house, bearer.user, ItemQuery("hubspot", None, "contact"), limit) == found
        if one < len(connections):
            alone = await all_pages(house, bearer.user, ItemQuery(connection=connections[one].id), limit)
            assert len(alone) == amounts[one]

    run_patiently(story())


async def test_the_last_page_has_no_cursor_even_when_it_is_full(house: House, bearer: Bearer) -> None:
    await stocked(house, bearer, 2)
    assert (await page(house, bearer.user, limit=2)).next_cursor is None
    assert (await page(house, bearer.user, limit=1)).next_cursor is not None


async def test_nobody_lists_anothers_items(house: House, bearer: Bearer) -> None:
    (connection,) = await stocked(house, bearer, 3)
    stranger = await house.person()
    assert (await page(house, stranger.user)).items == ()
    assert (await page(house, stranger.user)).total == 0
    with pytest.raises(NotFound):
        await page(house, stranger.user, ItemQuery(connection=connection.id))


@pytest.mark.parametrize("query", [ItemQuery(provider="nowhere"), ItemQuery(connection=ConnectionId("none"))])
async def test_what_does_not_exist_is_not_found(house: House, bearer: Bearer, query: ItemQuery) -> None:
    with pytest.raises(NotFound):
        await page(house, bearer.user, query)


async def test_an_unknown_kind_has_no_items(house: House, bearer: Bearer) -> None:
    await stocked(house, bearer, 3)
    for kind in ("deal", "", "x" * 10_000):
        found = await page(house, bearer.user, ItemQuery(kind=kind))
        assert (found.items, found.next_cursor, found.total) == ((), None, 0)


async def test_a_cursor_is_good_for_its_person_and_its_query_alone(house: House, bearer: Bearer) -> None:
    (connection,) = await stocked(house, bearer, 3)
    cursor = (await page(house, bearer.user)).next_cursor
    assert cursor is not None
    stranger = await house.person()
    with pytest.raises(CursorInvalid):
        await page(house, stranger.user, cursor=cursor)
    for query in [ItemQuery("hubspot"), ItemQuery(connection=connection.id), ItemQuery(kind="contact")]:
        with pytest.raises(CursorInvalid):
            await page(house, bearer.user, query, cursor=cursor)
    assert len((await page(house, bearer.user, cursor=cursor, limit=1000)).items) == 1


async def test_a_cursor_says_nothing_and_cannot_be_altered_anywhere(house: House, bearer: Bearer) -> None:
    (connection,) = await stocked(house, bearer, 3)
    cursor = (await page(house, bearer.user)).next_cursor
    assert cursor is not None
    assert connection.id not in cursor
    for place, character in enumerate(cursor):
        for other in ("A" if character != "A" else "B", chr(ord(character) ^ 1), "!", "é", ""):
            with pytest.raises(CursorInvalid):
                await page(house, bearer.user, cursor=cursor[:place] + other + cursor[place + 1 :])
    for altered in [cursor + "A", cursor + "=", " " + cursor, cursor + "\n", cursor[: len(cursor) // 2], "x", "\ud800"]:
        with pytest.raises(CursorInvalid):
            await page(house, bearer.user, cursor=altered)


async def test_a_sealed_token_is_no_cursor(house: House, bearer: Bearer) -> None:
    (connection,) = await stocked(house, bearer, 3)
    credential = await house.storage.credentials.find(connection.id)
    assert credential is not None
    with pytest.raises(CursorInvalid):
        await page(house, bearer.user, cursor=credential.access.hex())


async def test_an_item_that_comes_in_between_does_not_disturb_the_order(house: House, bearer: Bearer) -> None:
    (connection,) = await stocked(house, bearer, 6)
    first = await page(house, bearer.user, limit=3)
    house.hubspot.contacts |= dict.fromkeys(range(7, 12), "New")
    await house.synced(connection)
    rest = await page(house, bearer.user, cursor=first.next_cursor, limit=1000)
    before = {item.source.external_id for item, _ in first.items}
    after = {item.source.external_id for item, _ in rest.items}
    assert before.isdisjoint(after)
    assert {str(number) for number in range(1, 7)} <= before | after


async def test_one_item_is_shown_to_its_owner_alone(house: House, bearer: Bearer) -> None:
    (connection,) = await stocked(house, bearer, 1)
    (item,) = await house.items(connection)
    shown, its_connection = await house.uses.show_item()(bearer.user, item.id)
    assert (shown, its_connection.id) == (item, connection.id)
    stranger = await house.person()
    with pytest.raises(NotFound):
        await house.uses.show_item()(stranger.user, item.id)
    for altered in (item.id[:-1], "_" + item.id[1:], item.id + "=", "x", "", "\ud800"):
        with pytest.raises(NotFound):
            await house.uses.show_item()(bearer.user, altered)


async def test_a_page_of_large_items_ends_before_its_limit() -> None:
    house = House(PlayedHubSpot(page_sizes=repeat(100)))
    bearer = await house.person()
    house.hubspot.contacts = {number: f"{number} {'x' * 40_000}" for number in range(1, 601)}
    await house.connect(bearer)
    await house.work()
    first = await page(house, bearer.user, limit=1000)
    assert 0 < len(first.items) < 600
    assert (first.total, first.next_cursor is not None) == (600, True)
    names = [item.source.external_id for item in await all_pages(house, bearer.user, EVERYTHING, limit=1000)]
    assert sorted(map(int, names)) == list(range(1, 601))
