"""Notion's made-up records, and how records are read from Notion's shapes."""

from typing import Any

import pytest

from sandbox.core.provider import Kind
from sandbox.core.records import Records
from sandbox.notion.record_input import read_record
from sandbox.notion.records import ID_PREFIXES, hyphenated, id_of, kinds

KINDS = {kind.name: kind for kind in kinds(1)}
NOW = "2030-01-01T00:00:00.000Z"
PAGE, ROW = id_of("page", 0), id_of("row", 0)


def some(seed: int) -> list[Any]:
    return [[kind.seed.columns[name](i) for name in kind.seed.columns] for kind in kinds(seed) for i in range(50)]


def values_of(kind: str, shape: dict[str, Any]) -> dict[str, Any]:
    return read_record(KINDS[kind], shape)[1]


def test_the_same_seed_makes_the_same_records() -> None:
    assert some(1) == some(1)
    assert some(1) != some(2)


def test_globex_has_ten_in_all() -> None:
    assert sum(kind.counts["globex"] for kind in KINDS.values()) == 10


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_id_leads_back_to_its_record(kind: Kind) -> None:
    records = Records(kind.seed, 100_000)
    for index in (0, 1, 99_999):
        for given in (record_id := id_of(kind.name, index), record_id.replace("-", ""), record_id.upper()):
            record = records.get(given)
            assert record is not None
            assert (record.position, record.id) == (index, record_id)


def test_an_added_record_gets_an_id_that_no_row_has() -> None:
    records = Records(KINDS["page"].seed, 8)
    added = records.upsert(None, {"title": ["New"]}, NOW)
    assert added.startswith(ID_PREFIXES["page"])
    assert KINDS["page"].seed.index_of(added) is None
    assert records.get(added) is not None


@pytest.mark.parametrize("text", ["", "x", "-" * 36, PAGE[:-1], f"{PAGE}0", f"{{{PAGE}}}", "\uff10" * 32])
def test_what_is_no_id_is_told_apart(text: str) -> None:
    assert hyphenated(text) is None


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_times_are_whole_minutes_and_an_edit_is_never_older_than_its_record(kind: Kind) -> None:
    created, edited = kind.seed.columns["created_time"], kind.seed.columns["last_edited_time"]
    for index in range(500):
        assert "2024-01-01" <= created(index) <= edited(index) < "2026-01-01"
        assert created(index).endswith(":00.000Z")
        assert edited(index).endswith(":00.000Z")


def test_three_of_eight_pages_are_children_of_the_first() -> None:
    parents = [KINDS["page"].seed.columns["parent"](index) for index in range(8)]
    assert [parent.get("page_id") for parent in parents] == [None] * 5 + [PAGE] * 3


def test_rows_belong_to_two_data_sources_in_tens() -> None:
    parents = [KINDS["row"].seed.columns["parent"](index)["data_source_id"] for index in range(20)]
    assert parents == [id_of("data_source", 0)] * 10 + [id_of("data_source", 1)] * 10


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("title", ["Plan", [{"text": {"content": "Plan"}}], [{"type": "text", "plain_text": "Plan"}]])
def test_a_title_is_text_or_rich_text(kind: str, title: Any) -> None:
    assert values_of(kind, {"title": title}) == {"title": ["Plan"]}


@pytest.mark.parametrize("name", ["Name", "title"])
def test_properties_are_read_by_name_and_the_title_by_its_id_too(name: str) -> None:
    properties = {
        name: {"title": [{"text": {"content": "A"}}, {"text": {"content": "B"}}]},
        "Status": {"select": {"name": "Done"}},
        "Amount": {"number": 1.5},
        "Due": {"date": {"start": "2026-05-01"}},
    }
    assert values_of("row", {"properties": properties}) == {
        "title": ["A", "B"],
        "Status": "Done",
        "Amount": 1.5,
        "Due": {"start": "2026-05-01", "end": None},
    }


def test_properties_can_be_emptied() -> None:
    properties = {"Status": {"select": None}, "Amount": {"number": None}, "Due": {"date": None}}
    assert values_of("row", {"properties": properties}) == {"Status": None, "Amount": None, "Due": None}


def test_an_id_may_lack_its_hyphens_and_a_parent_its_type() -> None:
    shape = {"id": ROW.replace("-", "").upper(), "parent": {"data_source_id": "f" * 32}}
    assert read_record(KINDS["row"], shape) == (
        ROW,
        {"parent": {"type": "data_source_id", "data_source_id": "ffffffff-ffff-ffff-ffff-ffffffffffff"}},
    )


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("page", {"id": "x"}),
        ("page", {"id": 7}),
        ("page", {"id": ROW}),
        ("page", {"name": "outside"}),
        ("page", {"object": "database"}),
        ("page", {"in_trash": True}),
        ("page", {"title": 1}),
        ("page", {"title": [{}]}),
        ("page", {"title": ["x"]}),
        ("page", {"markdown": None}),
        ("page", {"parent": {"database_id": PAGE}}),
        ("page", {"parent": {"type": "workspace", "page_id": PAGE}}),
        ("page", {"parent": {"page_id": "x"}}),
        ("page", {"parent": "x"}),
        ("page", {"created_time": "yesterday"}),
        ("page", {"last_edited_time": "9" * 30}),
        ("page", {"properties": []}),
        ("page", {"properties": {"Status": {"select": None}}}),
        ("row", {"properties": {"Colour": {"select": None}}}),
        ("row", {"properties": {"Status": "Done"}}),
        ("row", {"properties": {"Status": {"select": {"name": "Lost"}}}}),
        ("row", {"properties": {"Amount": {"number": True}}}),
        ("row", {"properties": {"Due": {"date": {"start": None}}}}),
        ("row", {"properties": {"Due": {"date": {"start": "soon"}}}}),
        ("row", {"parent": {"workspace": True}}),
        ("database", {"markdown": "x"}),
        ("data_source", {"properties": {}}),
    ],
)
def test_what_is_no_record_is_refused(kind: str, shape: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_record(KINDS[kind], shape)
