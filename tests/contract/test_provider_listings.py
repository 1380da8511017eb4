"""What every listing of every provider promises, shown on recorded pages: split, spoiled and hostile ones too."""

import json
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.outbound.providers import declarations
from adapters.outbound.providers._declaration import Listing, Place, Verdict
from adapters.outbound.providers._reading import read_entries
from application.ports.source_pages import ListingRefused, SourcePage
from domain.item import SourceItem
from tests.contract.recorded import (
    each_listing,
    each_paged,
    entries_of,
    first_place,
    page_of,
    parent_of,
    recorded_listing,
    sent,
    shown,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def check_page(page: SourcePage, kind: str) -> None:
    """Whatever was read can be stored."""
    for item in page.items:
        assert (item.kind, item.external_id != "") == (kind, True)
        assert isinstance(json.loads(item.properties), dict)
        assert len(item.content_hash()) == 16
        json.dumps(shown(item), ensure_ascii=False).encode()
        for time in (item.creation_time, item.last_modified_time):
            assert time is None or time.tzinfo is not None


def reads(listing: Listing, place: Place, body: bytes) -> SourcePage | None:
    """The page, or None where there is none; nothing else comes out of a reader."""
    try:
        page = listing.read(place, body)
    except ListingRefused:
        return None
    check_page(page, listing.kind)
    return page


@each_listing
def test_the_recorded_pages_become_the_recorded_items(slug: str, name: str) -> None:
    listing, expected = recorded_listing(slug, name)
    place, items, skipped = Place(None, parent_of(expected)), [], 0
    for exchange in expected["exchanges"]:
        assert sent(listing.request(place)) == exchange["request"]
        page = listing.read(place, json.dumps(exchange["answer"]).encode())
        check_page(page, listing.kind)
        assert page.whole == exchange.get("whole", True)
        items += [shown(item) for item in page.items]
        place, skipped = replace(place, cursor=page.cursor), skipped + page.skipped
    assert (items, skipped, place.cursor) == (expected["items"], expected["skipped"], None)


@each_listing
def test_what_lies_under_what_is_recorded(slug: str, name: str) -> None:
    listing, expected = recorded_listing(slug, name)
    parent = parent_of(expected)
    assert (parent.kind if parent else None) == listing.under
    assert parent is None or listing.is_under(parent)
    for other in expected.get("not_under", []):
        assert not listing.is_under(SourceItem(**other | {"properties": json.dumps(other["properties"])}))


@each_listing
def test_an_item_is_completed_as_recorded(slug: str, name: str) -> None:
    listing, expected = recorded_listing(slug, name)
    assert (listing.detail is None) == ("details" not in expected)
    if listing.detail is None:
        return
    by_id = {item["external_id"]: item for item in expected["items"]}
    for entry in expected["details"]:
        given = by_id[entry["external_id"]]
        times = {
            field: datetime.fromisoformat(given[field]) if given[field] else None
            for field in ("creation_time", "last_modified_time")
        }
        item = SourceItem(**given | times | {"properties": json.dumps(given["properties"])})
        assert sent(listing.detail.request(item)) == entry["request"]
        answer = json.dumps(entry["answer"]).encode()
        refused = [answer] if entry.get("refused") else []
        if not refused:
            assert shown(listing.detail.read(item, answer)) == given | entry["changes"]
        for hostile in (*refused, b"", b"<html>", b"null", b"[]", b"\xff", b"[" * 100_000, b'{"markdown":5}'):
            with pytest.raises(ListingRefused):
                listing.detail.read(item, hostile)


@each_listing
def test_what_is_no_page_is_refused(slug: str, name: str) -> None:
    listing, expected = recorded_listing(slug, name)
    assert expected["refused"]
    for body in expected["refused"]:
        with pytest.raises(ListingRefused):
            listing.read(first_place(expected), json.dumps(body).encode())


@each_paged
@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, 30), max_size=8))
def test_any_split_into_pages_gives_the_same_items(slug: str, name: str, cuts: list[int]) -> None:
    listing, expected = recorded_listing(slug, name)
    shape, place = expected["shape"], first_place(expected)
    if shape["cursor"] is None:
        cuts = []
    entries = entries_of(expected)
    borders = [0, *sorted(min(cut, len(entries)) for cut in cuts), len(entries)]
    items, skipped = [], 0
    for number, (start, end) in enumerate(pairwise(borders)):
        last = number == len(borders) - 2
        page = listing.read(place, page_of(shape, entries[start:end], None if last else str(end)))
        assert page.cursor == (None if last else shape.get("prefix", "") + str(end))
        items += [shown(item) for item in page.items]
        skipped += page.skipped
    known = {item["external_id"] for item in items}
    assert items == [item for item in expected["items"] if item["external_id"] in known]
    assert len(items) == len(entries) - skipped - shape.get("passed_over", 0)


@each_listing
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"<!doctype html><title>502 Bad Gateway</title>",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf{}",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"9" * 100_000,
        b'"' + b"x" * 5_000_000 + b'"',
        b" " * 5_000_000,
    ],
    ids=lambda body: repr(body[:16]),
)
def test_a_hostile_body_is_refused(slug: str, name: str, body: bytes) -> None:
    listing, expected = recorded_listing(slug, name)
    with pytest.raises(ListingRefused):
        listing.read(first_place(expected), body)


@each_listing
def test_a_page_that_breaks_off_anywhere_is_refused(slug: str, name: str) -> None:
    listing, expected = recorded_listing(slug, name)
    body = json.dumps(expected["exchanges"][0]["answer"]).encode()
    for length in range(len(body)):
        assert reads(listing, first_place(expected), body[:length]) is None


@each_paged
def test_one_odd_or_huge_entry_spoils_no_other(slug: str, name: str) -> None:
    listing, expected = recorded_listing(slug, name)
    good = entries_of(expected)[expected["shape"].get("good", 0)]
    odds: list[Any] = [[], "x" * 5_000_000, {"id": {}}, 10**400, -1.5]
    for odd in odds:
        page = listing.read(first_place(expected), page_of(expected["shape"], [odd, good, odd], None))
        assert len(page.items) == 1
        assert shown(page.items[0]) in expected["items"]
        assert page.skipped == 2


@each_paged
def test_half_a_surrogate_pair_anywhere_in_an_entry_spoils_no_other(slug: str, name: str) -> None:
    listing, expected = recorded_listing(slug, name)
    good = entries_of(expected)[expected["shape"].get("good", 0)]
    body = page_of(expected["shape"], [good | {"undeclared": "\ud83d"}, good], None)
    (judge,) = (declared.judge for declared in declarations() if declared.slug == slug)
    assert judge(200, body) is Verdict.GOOD
    page = listing.read(first_place(expected), body)
    assert shown(page.items[-1]) in expected["items"]


@each_listing
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_page_with_anything_in_any_place_is_read_or_refused(slug: str, name: str, data: st.DataObject) -> None:
    listing, expected = recorded_listing(slug, name)
    page = data.draw(st.sampled_from(expected["exchanges"]))["answer"]
    reads(listing, first_place(expected), json.dumps(replaced(page, data)).encode())


def replaced(value: Any, data: st.DataObject) -> Any:
    """``value`` with something else in one of its places."""
    if not value or not isinstance(value, dict | list) or data.draw(st.integers(0, 3)) == 0:
        return data.draw(JSON)
    place = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
    copy = value.copy()
    copy[place] = replaced(value[place], data)
    return copy


def test_a_row_is_the_same_item_in_each_listing_that_shows_it() -> None:
    """Or each sync would find that it has changed, twice."""
    page, found = recorded_listing("notion", "page")
    row, expected = recorded_listing("notion", "row")
    whole = [entry for entry in entries_of(expected) if isinstance(entry, dict) and "parent" in entry]
    as_rows = row.read(first_place(expected), page_of(expected["shape"], whole, None)).items
    assert len(as_rows) > 3
    assert page.read(first_place(found), page_of(found["shape"], whole, None)).items == as_rows


def test_an_item_is_as_large_as_a_store_can_bear() -> None:
    def of(**given: Any) -> tuple[tuple[SourceItem, ...], int]:
        item = SourceItem(**{"kind": "thing", "external_id": "1", "name": "n", "type": "thing"} | given)
        return read_entries([msgspec.Raw(b"{}")], lambda _: item)

    long = "x" * 5_000_000
    assert of(external_id=long) == ((), 1)
    assert of(properties=long) == ((), 1)
    ((item,), skipped) = of(name=long, parent_path_or_name=long, url=f"https://x.example/{long}")
    assert (len(item.name), len(item.parent_path_or_name or ""), item.url, skipped) == (1000, 1000, None, 0)
    with pytest.raises(ListingRefused):
        read_entries([msgspec.Raw(b"{}")] * 1001, lambda _: None)
