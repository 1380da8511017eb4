"""What every adapter of the port Items promises."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from application.ports.items import Items, StoredItem
from application.ports.storage import Storage
from domain.ids import ConnectionId, ItemKey
from domain.item import BUCKETS, Item, SourceItem
from tests.contract.examples import A_TIME, ODD_TEXTS, a_connection_id, an_item, some_items

A_DELETION = A_TIME + timedelta(hours=1, microseconds=7)


async def walk(items: Items, connection: ConnectionId, *, kind: str | None = None, limit: int) -> list[Item]:
    """The whole listing, page by page; each page before the last one is full."""
    found: list[Item] = []
    after: ItemKey | None = None
    while page := await items.page(connection, kind=kind, after=after, limit=limit):
        assert len(page) <= limit
        found += page
        after = page[-1].key
        if len(page) < limit:
            break
    return found


def by_key(items: list[Item]) -> list[Item]:
    return sorted(items, key=lambda item: item.key)


async def test_an_item_comes_back_whole(items: Items, another_storage: Storage) -> None:
    source = SourceItem(
        kind="contact",
        external_id="551",
        name="Ann Example",
        type="Contact",
        directory=True,
        parent_id="12",
        parent_path_or_name="Acme/Sales",
        creation_time=datetime(1, 1, 1, 0, 0, 0, 1, UTC),
        last_modified_time=datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC),
        url="https://app.example/contact/551?a=b#c",
        mime_type="text/x-contact",
        delta="delta",
        drive_id="drive",
        visibility=False,
        properties='{"email":"ann@example.org","n":1e400,"nested":{"a":[null]}}',
    )
    item = replace(an_item(a_connection_id(), "551"), source=source, content_hash=bytes(range(16)))
    await items.put_all(1, [item])
    for everywhere in (items, another_storage.items):
        assert await everywhere.find(item.connection, item.key) == item
        assert await everywhere.page(item.connection, kind=None, after=None, limit=2) == (item,)


async def test_a_bare_item_comes_back_whole(items: Items) -> None:
    item = an_item(a_connection_id())
    await items.put_all(1, [item])
    assert await items.find(item.connection, item.key) == item


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
async def test_any_text_comes_back(items: Items, text: str) -> None:
    item = an_item(a_connection_id(), "id" + text, name=text, parent_id=text, properties=text)
    await items.put_all(1, [item])
    assert await items.find(item.connection, item.key) == item


async def test_times_are_kept_to_the_microsecond_and_in_any_zone(items: Items) -> None:
    tokyo = datetime(2026, 3, 29, 2, 30, 0, 123_457, timezone(timedelta(hours=9)))
    item = an_item(a_connection_id(), creation_time=tokyo, last_modified_time=tokyo + timedelta(microseconds=1))
    await items.put_all(1, [item])
    found = await items.find(item.connection, item.key)
    assert found == item
    assert found.source.creation_time is not None
    assert found.source.creation_time.tzinfo is not None


async def test_what_is_not_there_is_not_found(items: Items) -> None:
    item = an_item(a_connection_id())
    assert await items.find(item.connection, item.key) is None
    assert await items.stored(item.connection, [item.key]) == {}
    assert await items.page(item.connection, kind=None, after=None, limit=10) == ()
    assert await items.page(item.connection, kind="contact", after=None, limit=10) == ()


async def test_nothing_may_be_put_and_asked_for(items: Items) -> None:
    await items.put_all(1, [])
    assert await items.stored(a_connection_id(), []) == {}


async def test_an_item_is_replaced_as_a_whole(items: Items) -> None:
    connection = a_connection_id()
    before = an_item(connection, url="https://a.example", mime_type="a/b", parent_id="1", properties='{"a":1}')
    after = an_item(connection, number=2, name="renamed")
    await items.put_all(1, [before])
    await items.put_all(1, [after])
    assert await items.find(connection, after.key) == after
    assert await items.page(connection, kind=None, after=None, limit=10) == (after,)


async def test_repeating_a_put_is_harmless(items: Items, another_storage: Storage) -> None:
    page = some_items(a_connection_id(), 20)
    await items.put_all(3, page)
    await another_storage.items.put_all(3, page)
    assert await walk(items, page[0].connection, limit=50) == by_key(page)


async def test_connections_have_items_of_their_own(items: Items) -> None:
    mine, theirs = an_item(a_connection_id(), name="mine"), an_item(a_connection_id(), name="theirs")
    await items.put_all(2, [mine])
    await items.put_all(1, [theirs])
    assert await items.find(mine.connection, mine.key) == mine
    assert await items.find(theirs.connection, theirs.key) == theirs
    assert await items.page(mine.connection, kind=None, after=None, limit=10) == (mine,)


@pytest.mark.parametrize(
    ("epoch", "number", "stays"),
    [
        pytest.param(4, 99, True, id="a lower epoch loses"),
        pytest.param(5, 9, True, id="a lower number of the epoch loses"),
        pytest.param(5, 11, False, id="a higher number of the epoch wins"),
        pytest.param(6, 1, False, id="a higher epoch wins whatever its number"),
    ],
)
async def test_a_late_writer_loses(
    items: Items, another_storage: Storage, epoch: int, number: int, *, stays: bool
) -> None:
    connection = a_connection_id()
    first = an_item(connection, number=10, name="first", url="https://first.example")
    second = an_item(connection, number=number, name="second", mime_type="a/b")
    await items.put_all(5, [first])
    await another_storage.items.put_all(epoch, [second])
    expected = first if stays else second
    assert await items.find(connection, first.key) == expected
    assert await items.stored(connection, [first.key]) == {
        first.key: StoredItem(expected.content_hash, expected.number, deleted=False)
    }


async def test_a_late_writer_brings_nothing_back(items: Items) -> None:
    connection = a_connection_id()
    await items.put_all(2, [an_item(connection, number=2, deleted_at=A_DELETION)])
    await items.put_all(1, [an_item(connection, number=1)])
    assert await items.page(connection, kind=None, after=None, limit=10) == ()


async def test_a_late_page_loses_only_where_it_is_late(items: Items) -> None:
    connection = a_connection_id()
    old, new = some_items(connection, 10, name="old"), some_items(connection, 5, name="new")
    await items.put_all(2, new)
    await items.put_all(1, old)
    assert await walk(items, connection, limit=50) == by_key(new + old[5:])


async def test_of_many_writers_at_once_the_highest_epoch_wins_everywhere(items: Items, callers: list[Storage]) -> None:
    connection = a_connection_id()
    pages = [some_items(connection, 20, name=f"of {epoch}") for epoch in range(1, len(callers) + 1)]
    epochs = range(1, len(callers) + 1)
    calls = (caller.items.put_all(e, page) for caller, e, page in zip(callers, epochs, pages, strict=True))
    await asyncio.gather(*calls)
    assert await walk(items, connection, limit=50) == by_key(pages[-1])


async def test_what_is_stored_is_told_and_the_rest_is_absent(items: Items, another_storage: Storage) -> None:
    connection = a_connection_id()
    there, deleted, absent = (
        an_item(connection, "there", number=7),
        an_item(connection, "deleted", number=8, deleted_at=A_DELETION),
        an_item(connection, "absent"),
    )
    await items.put_all(1, [there, deleted])
    assert await another_storage.items.stored(connection, [absent.key, deleted.key, there.key]) == {
        there.key: StoredItem(there.content_hash, 7, deleted=False),
        deleted.key: StoredItem(deleted.content_hash, 8, deleted=True),
    }


async def test_a_thousand_can_be_put_and_asked_for_at_once(items: Items) -> None:
    page = some_items(a_connection_id(), 1000)
    await items.put_all(1, page)
    assert len(await items.stored(page[0].connection, [item.key for item in page])) == 1000
    assert list(await items.page(page[0].connection, kind=None, after=None, limit=1000)) == by_key(page)


async def test_a_deleted_item_is_found_but_not_listed(items: Items) -> None:
    connection = a_connection_id()
    first, *rest = some_items(connection, 10)
    await items.put_all(1, [first, *rest])
    deleted = replace(first, number=11, deleted_at=A_DELETION)
    await items.put_all(1, [deleted])
    assert await items.find(connection, first.key) == deleted
    assert await walk(items, connection, limit=4) == by_key(rest)
    assert await walk(items, connection, kind="contact", limit=4) == by_key(rest)


async def test_a_page_is_full_however_many_were_deleted_before_it(items: Items) -> None:
    page = some_items(a_connection_id(), 300)
    kept = by_key(page)[::30]
    deleted = [replace(item, number=1000, deleted_at=A_DELETION) for item in page if item not in kept]
    await items.put_all(1, page)
    await items.put_all(2, deleted)
    assert list(await items.page(page[0].connection, kind=None, after=None, limit=10)) == kept
    assert list(await items.page(page[0].connection, kind="contact", after=kept[3].key, limit=3)) == kept[4:7]


async def test_an_item_that_comes_back_is_listed_again(items: Items) -> None:
    connection = a_connection_id()
    await items.put_all(1, [an_item(connection, number=1)])
    await items.put_all(1, [an_item(connection, number=2, deleted_at=A_DELETION)])
    back = an_item(connection, number=3)
    await items.put_all(1, [back])
    assert await items.page(connection, kind=None, after=None, limit=10) == (back,)


@pytest.mark.parametrize("limit", [1, 7, 59, 60, 61])
async def test_pages_of_any_size_give_every_item_once_in_the_order_of_the_keys(items: Items, limit: int) -> None:
    contacts = some_items(connection := a_connection_id(), 40)
    companies = some_items(connection, 20, kind="company")
    await items.put_all(1, contacts + companies)
    assert len({item.key[0] for item in contacts}) > BUCKETS / 2
    assert await walk(items, connection, limit=limit) == by_key(contacts + companies)


@pytest.mark.parametrize("limit", [1, 7, 100])
async def test_a_kind_is_listed_alone(items: Items, limit: int) -> None:
    connection = a_connection_id()
    contacts, companies = some_items(connection, 40), some_items(connection, 40, kind="company")
    await items.put_all(1, contacts + companies)
    assert await walk(items, connection, kind="contact", limit=limit) == by_key(contacts)
    assert await walk(items, connection, kind="company", limit=limit) == by_key(companies)
    assert await walk(items, connection, kind="deal", limit=limit) == []


async def test_a_page_begins_behind_any_key_whether_it_is_there_or_not(items: Items) -> None:
    page = by_key(some_items(a_connection_id(), 30))
    connection = page[0].connection
    await items.put_all(1, page)
    for before, after in ((bytes(16), page), (page[9].key[:15] + b"\xff", page[10:]), (b"\xff" * 16, [])):
        for kind in (None, "contact"):
            assert list(await items.page(connection, kind=kind, after=ItemKey(before), limit=100)) == after


async def test_after_a_clearing_nothing_is_left(items: Items, another_storage: Storage) -> None:
    connection = a_connection_id()
    page = some_items(connection, 40)
    deleted = an_item(connection, "deleted", number=50, deleted_at=A_DELETION)
    await items.put_all(7, [*page, deleted])
    await items.clear(connection)
    for everywhere in (items, another_storage.items):
        assert await everywhere.page(connection, kind=None, after=None, limit=100) == ()
        assert await everywhere.page(connection, kind="contact", after=None, limit=100) == ()
        assert await everywhere.stored(connection, [item.key for item in (*page, deleted)]) == {}
        assert await everywhere.find(connection, deleted.key) is None
        assert await everywhere.find(connection, page[0].key) is None


async def test_clearing_leaves_the_items_of_others(items: Items) -> None:
    mine, theirs = some_items(a_connection_id(), 30), some_items(a_connection_id(), 30)
    await items.put_all(1, mine)
    await items.put_all(1, theirs)
    await items.clear(mine[0].connection)
    assert await walk(items, theirs[0].connection, limit=50) == by_key(theirs)


async def test_clearing_again_or_where_nothing_is_is_harmless(items: Items) -> None:
    page = some_items(a_connection_id(), 5)
    await items.put_all(1, page)
    for _ in range(2):
        await items.clear(page[0].connection)
    await items.clear(a_connection_id())
    assert await walk(items, page[0].connection, limit=50) == []


async def test_many_items_are_cleared_by_many_at_once(items: Items, callers: list[Storage]) -> None:
    connection = a_connection_id()
    for start in range(0, 6000, 1000):
        page = [an_item(connection, f"{n}", number=n + 1) for n in range(start, start + 1000)]
        await items.put_all(1, page)
    await asyncio.gather(*(caller.items.clear(connection) for caller in callers[:4]))
    assert await items.page(connection, kind=None, after=None, limit=1) == ()


@pytest.mark.parametrize("turns", range(6))
async def test_a_clearing_that_was_stopped_can_be_called_again(
    items: Items, another_storage: Storage, turns: int
) -> None:
    page = some_items(a_connection_id(), 200)
    await items.put_all(1, page)
    task = asyncio.ensure_future(items.clear(page[0].connection))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await another_storage.items.clear(page[0].connection)
    assert await items.page(page[0].connection, kind=None, after=None, limit=1) == ()
