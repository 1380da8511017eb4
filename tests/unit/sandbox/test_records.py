"""Seeded records: computed, not held, and paged without shifting."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.core.records import Change, Record, Records, Seed

NOW, LATER = "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"
SEED = Seed(
    columns={
        "id": lambda i: f"s{i}",
        "name": lambda i: f"name {i}",
        "created": lambda _: "then",
        "changed": lambda _: "then",
    },
    index_of=lambda record_id: int(record_id[1:]) if record_id.startswith("s") else None,
    new_id=lambda n: f"n{n}",
    id_name="id",
    created_name="created",
    changed_name="changed",
)


@pytest.fixture
def records() -> Records:
    return Records(SEED, 5)


def walk(records: Records, limit: int = 2, *, removed: bool = False) -> list[str]:
    """All ids, page by page."""
    found: list[Record] = []
    start: int | None = 0
    while start is not None:
        page, start = records.page(start, limit, removed=removed)
        found += page
    return [record.id for record in found]


def test_a_record_is_made_from_its_number(records: Records) -> None:
    record = records.get("s3")
    assert record is not None
    assert (record.id, record["name"], record["unheard of"]) == ("s3", "name 3", None)


def test_a_row_beyond_the_count_does_not_exist(records: Records) -> None:
    assert records.get("s5") is None


@given(limit=st.integers(1, 7), count=st.integers(0, 12), removed=st.sets(st.integers(0, 11)), added=st.integers(0, 3))
def test_any_page_size_shows_the_same_records(limit: int, count: int, removed: set[int], added: int) -> None:
    records = Records(SEED, count)
    for _ in range(added):
        records.upsert(None, {}, NOW)
    for index in removed:
        records.remove(f"s{index}", NOW)
    assert walk(records, limit) == [
        *(f"s{i}" for i in range(count) if i not in removed),
        *(f"n{i}" for i in range(added)),
    ]
    assert walk(records, limit, removed=True) == [f"s{i}" for i in range(count) if i in removed]


def test_the_last_page_names_no_next(records: Records) -> None:
    assert records.page(3, 2)[1] is None
    assert records.page(2, 2)[1] == 4


def test_a_page_is_not_the_last_because_the_next_ones_were_removed(records: Records) -> None:
    records.remove("s2", NOW)
    records.remove("s3", NOW)
    assert records.page(0, 2)[1] == 4


def test_a_change_covers_what_it_names(records: Records) -> None:
    records.upsert("s1", {"name": "changed"}, NOW)
    record = records.get("s1")
    assert record is not None
    assert [record[n] for n in ("id", "name", "created", "changed")] == ["s1", "changed", "then", NOW]


def test_two_changes_add_up(records: Records) -> None:
    records.upsert("s1", {"name": "changed"}, NOW)
    records.upsert("s1", {"colour": "red"}, LATER)
    record = records.get("s1")
    assert record is not None
    assert [record[n] for n in ("name", "colour", "changed")] == ["changed", "red", LATER]


def test_an_added_record_has_nothing_of_the_seed(records: Records) -> None:
    record = records.get(records.upsert("x1", {"name": "mine"}, NOW))
    assert record is not None
    assert [record[n] for n in ("id", "name", "created", "changed")] == ["x1", "mine", NOW, NOW]


def test_a_free_id_is_found_past_one_that_was_given(records: Records) -> None:
    assert [records.upsert("n0", {}, NOW), records.upsert(None, {}, NOW)] == ["n0", "n1"]


def test_a_removed_record_is_gone_once_and_comes_back_by_a_change(records: Records) -> None:
    assert [records.remove("s1", NOW), records.remove("s1", NOW), records.remove("s9", NOW)] == [True, False, False]
    assert "s1" not in walk(records)
    records.upsert("s1", {}, LATER)
    assert "s1" in walk(records)
    assert walk(records, removed=True) == []


def test_a_smaller_count_takes_seeded_records_away_and_leaves_added_ones(records: Records) -> None:
    records.upsert(None, {}, NOW)
    records.count = 2
    assert walk(records) == ["s0", "s1", "n0"]


def test_a_smaller_count_takes_changed_and_removed_seeded_records_away_too(records: Records) -> None:
    records.upsert("s3", {"name": "changed"}, NOW)
    records.remove("s4", NOW)
    records.count = 2
    assert walk(records) == ["s0", "s1"]
    assert walk(records, removed=True) == []
    assert [records.get("s3"), records.get("s4")] == [None, None]
    assert records.remove("s3", NOW) is False


def test_a_larger_count_brings_them_back_as_they_were(records: Records) -> None:
    records.upsert("s3", {"name": "changed"}, NOW)
    records.remove("s4", NOW)
    records.count = 2
    records.count = 5
    assert walk(records) == ["s0", "s1", "s2", "s3"]
    assert walk(records, removed=True) == ["s4"]
    record = records.get("s3")
    assert record is not None
    assert record["name"] == "changed"


def test_a_record_added_under_a_row_beyond_the_count_is_no_seeded_one(records: Records) -> None:
    records.upsert("s7", {"name": "early"}, NOW)
    records.upsert("s8", {"name": "early"}, NOW)
    records.remove("s8", NOW)
    records.count = 2
    assert walk(records) == ["s0", "s1", "s7"]
    assert walk(records, removed=True) == ["s8"]
    assert records.get("s7") is not None
    assert records.get("s8") is not None


def test_a_record_added_under_a_row_that_comes_later_is_there_once(records: Records) -> None:
    records.upsert("s7", {"name": "early"}, NOW)
    assert walk(records) == ["s0", "s1", "s2", "s3", "s4", "s7"]
    records.count = 9
    assert walk(records) == [f"s{i}" for i in range(9)]


def test_known_names_are_the_seeds_and_those_of_changes(records: Records) -> None:
    records.upsert("s1", {"colour": "red"}, NOW)
    assert [records.knows(name) for name in ("name", "colour", "shape")] == [True, True, False]


steps = st.lists(st.tuples(st.sampled_from(["upsert", "remove"]), st.sampled_from(["s0", "s3", "s8", "x", "y"])))


@given(steps=steps)
def test_what_is_kept_makes_the_same_records_again(steps: list[tuple[str, str]]) -> None:
    records, again = Records(SEED, 5), Records(SEED, 5)
    for n, (step, record_id) in enumerate(steps):
        if step == "upsert":
            records.upsert(record_id, {"name": f"{n}"}, NOW)
        else:
            records.remove(record_id, NOW)
    again.restore(msgspec.json.decode(msgspec.json.encode(records.changes()), type=list[Change]))
    assert shown(again) == shown(records)
    assert again.upsert(None, {}, NOW) == records.upsert(None, {}, NOW)


def shown(records: Records) -> list[tuple[Any, ...]]:
    pages = [records.page(0, 99, removed=removed)[0] for removed in (False, True)]
    positions = [[record.position for record in page] for page in pages]
    assert all(a < b for page in positions for a, b in pairwise(page))
    return [(record.id, record["name"], record["created"], record.removed_at) for page in pages for record in page]
