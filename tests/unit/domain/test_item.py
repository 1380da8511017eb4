"""Where items stand, and how they are told apart."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import NotFound
from domain.ids import ConnectionId, ItemKey
from domain.item import BUCKETS, Item, SourceItem, bucket_of, item_id, item_key, kind_range, kind_tag, parse_item_id

KINDS = st.sampled_from(["contact", "company", "deal", "page", "канал"])
ANY_TEXT = st.text(st.characters())
KEYS = st.builds(item_key, KINDS, ANY_TEXT)
CONNECTIONS = st.uuids().map(lambda value: ConnectionId(str(value)))
BYTES_16 = st.binary(min_size=16, max_size=16).map(ItemKey)

ANN = SourceItem(kind="contact", external_id="1", name="Ann", type="Contact")


def test_keys_are_the_same_in_every_version() -> None:
    assert item_key("contact", "551").hex() == "0f8322fd656dd8448743eb9c90a2912b"


@given(KINDS, ANY_TEXT)
def test_a_key_is_a_bucket_and_a_kind_and_a_hash(kind: str, external_id: str) -> None:
    key = item_key(kind, external_id)
    assert len(key) == 16
    assert 0 <= bucket_of(key) < BUCKETS
    assert key[1:4] == kind_tag(kind)
    assert item_key(kind, external_id) == key


@given(st.lists(st.tuples(KINDS, ANY_TEXT), unique=True))
def test_no_two_things_share_a_key(things: list[tuple[str, str]]) -> None:
    assert len({item_key(*thing) for thing in things}) == len(things)


def test_a_key_does_not_confuse_where_the_kind_ends() -> None:
    assert item_key("ab", "c") != item_key("a", "bc")


@given(st.lists(st.tuples(KINDS, ANY_TEXT)))
def test_sorted_by_key_buckets_come_in_order_and_kinds_together(things: list[tuple[str, str]]) -> None:
    stretches: list[tuple[int, str]] = []
    for key, kind in sorted((item_key(*thing), thing[0]) for thing in things):
        if not stretches or stretches[-1] != (bucket_of(key), kind):
            stretches.append((bucket_of(key), kind))
    assert len(stretches) == len(set(stretches))
    assert [bucket for bucket, _ in stretches] == sorted(bucket for bucket, _ in stretches)


@given(KINDS, ANY_TEXT, KINDS)
def test_the_range_of_a_kind_holds_its_keys_and_no_others(kind: str, external_id: str, asked: str) -> None:
    key = item_key(kind, external_id)
    ranges = [kind_range(bucket, asked) for bucket in range(BUCKETS)]
    inside = [bucket for bucket, (first, behind) in enumerate(ranges) if first <= key < behind]
    assert inside == ([bucket_of(key)] if kind == asked else [])


@given(KEYS)
def test_the_range_of_a_bucket_holds_its_keys_and_no_others(key: ItemKey) -> None:
    ranges = [kind_range(bucket, None) for bucket in range(BUCKETS)]
    assert [bucket for bucket, (first, behind) in enumerate(ranges) if first <= key < behind] == [bucket_of(key)]


def test_many_items_spread_evenly_over_the_buckets() -> None:
    amounts = [0] * BUCKETS
    for number in range(16_000):
        amounts[bucket_of(item_key("contact", str(number)))] += 1
    assert 850 < min(amounts) <= max(amounts) < 1150


@given(CONNECTIONS, BYTES_16)
def test_an_id_leads_back_to_connection_and_key(connection: ConnectionId, key: ItemKey) -> None:
    id_ = item_id(connection, key)
    assert len(id_) == 43
    assert parse_item_id(id_) == (connection, key)


@given(CONNECTIONS, BYTES_16, st.integers(0, 42), st.characters())
def test_an_id_with_one_other_letter_is_another_or_none(
    connection: ConnectionId, key: ItemKey, place: int, letter: str
) -> None:
    id_ = item_id(connection, key)
    other = id_[:place] + letter + id_[place + 1 :]
    try:
        assert (parse_item_id(other) == (connection, key)) == (other == id_)
    except NotFound:
        assert other != id_


@pytest.mark.parametrize(
    "text", ["", "a", "a" * 42, "a" * 44, "=" * 43, "é" * 43, "a" * 42 + "b", "a" * 43 + "\n", "\ud800" * 43]
)
def test_what_cannot_be_an_id_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        parse_item_id(text)


@given(st.text(max_size=60))
def test_any_text_is_an_id_or_not_found(text: str) -> None:
    try:
        connection, key = parse_item_id(text)
    except NotFound:
        return
    assert item_id(connection, key) == text


def test_an_item_knows_its_id() -> None:
    connection = ConnectionId(str(UUID(int=7)))
    item = Item(connection, item_key("contact", "1"), ANN, ANN.content_hash(), 1, datetime.now(UTC))
    assert parse_item_id(item.id) == (connection, item.key)


CHANGED: dict[str, Any] = {
    "kind": "company",
    "external_id": "2",
    "name": "Bob",
    "type": "Company",
    "directory": True,
    "parent_id": "1",
    "parent_path_or_name": "Acme",
    "creation_time": datetime(2026, 1, 1, tzinfo=UTC),
    "last_modified_time": datetime(2026, 1, 1, tzinfo=UTC),
    "url": "https://a.example",
    "mime_type": "a/b",
    "delta": "d",
    "drive_id": "d",
    "visibility": False,
    "properties": '{"a":1}',
}


@pytest.mark.parametrize("name", [field.name for field in fields(SourceItem)])
def test_a_change_of_any_field_changes_the_hash(name: str) -> None:
    changed = replace(ANN, **{name: CHANGED[name]})
    assert changed.content_hash() != ANN.content_hash()
    assert changed.content_hash() == replace(ANN, **{name: CHANGED[name]}).content_hash()


def test_a_microsecond_changes_the_hash() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    one, another = (replace(ANN, last_modified_time=moment + timedelta(microseconds=n)) for n in (0, 1))
    assert one.content_hash() != another.content_hash()


def test_a_text_that_moves_to_the_next_field_changes_the_hash() -> None:
    one, another = replace(ANN, delta="a", drive_id="b"), replace(ANN, delta="ab", drive_id="")
    assert one.content_hash() != another.content_hash()


@given(ANY_TEXT)
def test_any_text_has_a_hash_of_16_bytes(text: str) -> None:
    assert len(replace(ANN, name=text).content_hash()) == 16
