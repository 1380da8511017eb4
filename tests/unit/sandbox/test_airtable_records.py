"""Airtable's made-up bases, tables and records, their ids and their shapes."""

from typing import Any

import pytest

from sandbox.airtable.fields import FIELDS, show_record
from sandbox.airtable.ids import ALL, derived_id, id_of, is_id, number_of
from sandbox.airtable.records import kinds, read_record, table_of
from sandbox.core.provider import Kind
from sandbox.core.records import Records

BASE, TABLE, RECORD = kinds(1)
APP, TBL = id_of("app", 0), id_of("tbl", 0)


def some(seed: int) -> list[dict[str, Any]]:
    records = Records(kinds(seed)[2].seed, 50)
    return [show_record(record, FIELDS, by_id=False) for record in records.live()]


def test_the_same_seed_makes_the_same_records() -> None:
    assert some(1) == some(1)


def test_another_seed_makes_other_records_of_the_same_ids() -> None:
    assert [record["id"] for record in some(1)] == [record["id"] for record in some(2)]
    assert [record["fields"] for record in some(1)] != [record["fields"] for record in some(2)]


@pytest.mark.parametrize("number", [0, 1, 61, 62, 10**9, ALL - 1])
@pytest.mark.parametrize("prefix", ["app", "tbl", "rec"])
def test_every_id_leads_back_to_its_number(prefix: str, number: int) -> None:
    assert number_of(prefix, id_of(prefix, number)) == number
    assert is_id(prefix, id_of(prefix, number))


@pytest.mark.parametrize("text", ["", "rec", f"rec{'x' * 13}", f"rec{'x' * 15}", f"tbl{'x' * 14}", f"rec{'é' * 14}"])
def test_no_other_text_is_an_id(text: str) -> None:
    assert number_of("rec", text) is None


@pytest.mark.parametrize("kind", kinds(1))
def test_every_id_leads_back_to_its_row(kind: Kind) -> None:
    records = Records(kind.seed, 1000)
    ids = [record.id for record in records.live()]
    assert len(set(ids)) == 1000
    assert [kind.seed.index_of(record_id) for record_id in ids] == list(range(1000))
    assert kind.seed.index_of(kind.seed.new_id(0)) is None


def test_field_ids_differ_from_table_to_table() -> None:
    assert len({field.id_in(id_of("tbl", n)) for n in range(50) for field in FIELDS}) == 50 * len(FIELDS)
    assert derived_id("fld", TBL, 0) != derived_id("viw", TBL, 0)


def test_a_small_account_fills_its_two_tables_and_a_large_one_more_than_a_page() -> None:
    assert {table_of(index) for index in range(7)} == {0, 1}
    assert {table_of(index) for index in range(150)} == set(range(6))
    assert [table_of(index) for index in range(150)].count(0) > 100


def test_every_base_has_two_tables_of_different_names() -> None:
    tables = list(Records(TABLE.seed, 20).live())
    for first, second in zip(tables[::2], tables[1::2], strict=True):
        assert first["baseId"] == second["baseId"]
        assert first["name"] != second["name"]


def test_a_change_is_never_older_than_its_record() -> None:
    records = Records(RECORD.seed, 1000)
    assert all("2024-01-01" < r["createdTime"] <= r["modifiedTime"] < "2026-01-01" for r in records.live())


def test_a_record_that_was_read_shows_the_same_again() -> None:
    records = Records(RECORD.seed, 10)
    for record in list(records.live()):
        shape = show_record(record, FIELDS, by_id=False)
        record_id, values = read_record(RECORD, {**shape, "baseId": APP, "tableId": record["tableId"]})
        records.upsert(record_id, values, "2030-01-01T00:00:00.000Z")
        changed = records.get(record.id)
        assert changed is not None
        assert show_record(changed, FIELDS, by_id=False) == shape
        assert changed["modifiedTime"] == "2030-01-01T00:00:00.000Z"


def test_nothing_but_emptiness_is_left_out() -> None:
    records = Records(RECORD.seed, 0)
    cells = {"Name": "", "Amount": 0, "Done": False, "Email": None}
    record_id, values = read_record(RECORD, {"baseId": APP, "tableId": TBL, "fields": cells})
    record = records.get(records.upsert(record_id, values, "2030-01-01T00:00:00.000Z"))
    assert record is not None
    assert show_record(record, FIELDS, by_id=False)["fields"] == {"Amount": 0}


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (BASE, {}),
        (BASE, {"name": ""}),
        (BASE, {"name": 7}),
        (BASE, {"name": "x", "id": "app1"}),
        (BASE, {"name": "x", "id": TBL}),
        (BASE, {"name": "x", "permissionLevel": "create"}),
        (TABLE, {"name": "x"}),
        (TABLE, {"name": "x", "baseId": TBL}),
        (TABLE, {"name": "x", "baseId": APP, "fields": []}),
        (RECORD, {"fields": {}}),
        (RECORD, {"baseId": APP}),
        (RECORD, {"baseId": APP, "tableId": TBL, "id": 7}),
        (RECORD, {"baseId": APP, "tableId": TBL, "Name": "outside fields"}),
        (RECORD, {"baseId": APP, "tableId": TBL, "fields": []}),
        (RECORD, {"baseId": APP, "tableId": TBL, "createdTime": "yesterday"}),
        (RECORD, {"baseId": APP, "tableId": TBL, "createdTime": "9" * 30}),
        *(
            (RECORD, {"baseId": APP, "tableId": TBL, "fields": {name: value}})
            for name, value in [
                ("Unheard", "x"), ("Name", 7), ("Name", ["x"]), ("Amount", "7"), ("Amount", True), ("Status", "Never"),
                ("Done", "yes"), ("Due", "soon"), ("Due", 7), ("Email", {}),
            ]
        ),
    ],
)  # fmt: skip
def test_what_is_no_record_is_refused(kind: Kind, shape: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_record(kind, shape)
