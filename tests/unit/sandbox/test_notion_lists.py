"""Pages of Notion's lists, and what its queries find."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.core.records import Records
from sandbox.notion.caller import NEWEST
from sandbox.notion.errors import NotionError
from sandbox.notion.lists import MAX_RESULTS, Query, Search, found, part_of, rows_of
from sandbox.notion.records import id_of, kinds

ROWS = next(kind for kind in kinds(1) if kind.name == "row")
SOURCE = id_of("data_source", 0)
MOMENTS = ["2026-01-01T10:00:00.000Z", "2026-01-01T10:05:30.000Z", "2026-01-02T00:00:00.000Z"]


@pytest.fixture
def rows() -> Records:
    """Three rows, edited at MOMENTS, created in the opposite order."""
    records = Records(ROWS.seed, 0)
    for index, edited in enumerate(MOMENTS):
        values = {"title": [f"Row {index}"], "last_edited_time": edited, "created_time": MOMENTS[2 - index]}
        records.upsert(id_of("row", index), values, edited)
    return records


def queried(rows: Records, **body: Any) -> str:
    """The last digits of the ids that match, in their order."""
    query = msgspec.convert(body, Query)
    return "".join(row.id[-1] for row in rows_of(query, SOURCE, rows, NEWEST))


@given(length=st.integers(0, 30), size=st.integers(1, 100))
def test_any_page_size_shows_every_entry_once(length: int, size: int) -> None:
    ids, shown, cursor = [id_of("row", i) for i in range(length)], list[str](), None
    while True:
        part = part_of(ids, cursor, size)
        shown += ids[part.start : part.end]
        cursor = part.next_cursor
        if cursor is None:
            break
    assert shown == ids
    assert part.complete


@pytest.mark.parametrize(("length", "complete"), [(MAX_RESULTS, True), (MAX_RESULTS + 1, False)])
def test_a_list_ends_at_ten_thousand_and_says_whether_it_was_cut_off(length: int, complete: bool) -> None:
    ids = [id_of("row", i) for i in range(length)]
    part = part_of(ids, ids[MAX_RESULTS - 5], 100)
    assert (part.end, part.next_cursor, part.complete) == (MAX_RESULTS, None, complete)
    assert part_of(ids, ids[MAX_RESULTS - 5], 4).complete


@pytest.mark.parametrize(("cursor", "size"), [("x", 1), (id_of("row", 9), 1), (None, 0), (None, 101), (None, -1)])
def test_a_cursor_that_names_nothing_and_a_size_out_of_bounds_are_refused(cursor: str | None, size: int) -> None:
    with pytest.raises(NotionError) as refused:
        part_of([id_of("row", 0)], cursor, size)
    assert (refused.value.status, refused.value.code) == (400, "validation_error")


@pytest.mark.parametrize(
    ("name", "comparison", "bound", "expected"),
    [
        ("last_edited_time", "on_or_after", "2026-01-01T10:05:00Z", "12"),
        ("last_edited_time", "after", "2026-01-01T10:05:00Z", "2"),
        ("last_edited_time", "on_or_after", "2026-01-01T10:05:20Z", "2"),
        ("last_edited_time", "before", "2026-01-01T11:05:00+01:00", "0"),
        ("last_edited_time", "on_or_before", "2026-01-01T10:05:00", "01"),
        ("created_time", "on_or_after", "2026-01-02", "0"),
    ],
)
def test_times_are_compared_as_they_are_shown_without_seconds(
    rows: Records, name: str, comparison: str, bound: str, expected: str
) -> None:
    assert queried(rows, filter={"timestamp": name, name: {comparison: bound}}) == expected


def test_earlier_sorts_count_more(rows: Records) -> None:
    rows.upsert(id_of("row", 3), {"created_time": MOMENTS[1], "last_edited_time": MOMENTS[0]}, MOMENTS[0])
    created, edited = ({"timestamp": name, "direction": "ascending"} for name in ("created_time", "last_edited_time"))
    assert queried(rows, sorts=[created, edited]) == "2310"
    assert queried(rows, sorts=[edited, created]) == "3012"
    assert queried(rows, sorts=[edited | {"direction": "descending"}, created]) == "2130"
    assert queried(rows) == "0123"


def test_another_data_sources_rows_and_trash_stay_out(rows: Records) -> None:
    other = {"type": "data_source_id", "data_source_id": id_of("data_source", 1)}
    rows.upsert(id_of("row", 0), {"parent": other}, MOMENTS[0])
    rows.remove(id_of("row", 1), MOMENTS[2])
    assert queried(rows) == "2"
    assert queried(rows, in_trash=True) == "1"
    assert queried(rows, result_type="data_source") == ""


def test_a_search_is_newest_first_and_sorts_by_the_seconds_that_are_not_shown(rows: Records) -> None:
    rows.upsert(id_of("row", 3), {"title": ["Row 3"], "last_edited_time": "2026-01-01T10:05:10.000Z"}, MOMENTS[0])
    newest = found(Search(), [("row", rows)])
    assert "".join(record.id[-1] for _, record in newest) == "2130"
    assert [kind for kind, _ in newest] == ["row"] * 4
    assert [record.id[-1] for _, record in found(Search(query="ROW 1"), [("row", rows)])] == ["1"]
