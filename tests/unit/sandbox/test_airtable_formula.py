"""The formulas that the sandbox's Airtable understands."""

import pytest

from sandbox.airtable.errors import AirtableError
from sandbox.airtable.fields import FIELDS
from sandbox.airtable.formula import read_formula
from sandbox.airtable.ids import id_of
from sandbox.airtable.records import kinds, read_record
from sandbox.core.records import Records

APP, TBL = id_of("app", 0), id_of("tbl", 0)
NAMES = {"1": 'She said "hi"', "2": "It's {odd} \\ and\nlong", "3": ""}


@pytest.fixture
def records() -> Records:
    kind = kinds(1)[2]
    records = Records(kind.seed, 0)
    for digit, name in NAMES.items():
        shape = {"id": f"rec{digit * 14}", "baseId": APP, "tableId": TBL, "fields": {"Name": name}}
        records.upsert(*read_record(kind, shape), f"2026-06-0{digit}T12:00:00.000Z")
    return records


def found(records: Records, formula: str) -> str:
    test = read_formula(formula, TBL)
    return "".join(record.id[-1] for record in records.live() if test(record))


@pytest.mark.parametrize(
    ("formula", "ids"),
    [
        ("", "123"),
        ("LAST_MODIFIED_TIME()>'2026-06-02T12:00:00.000Z'", "3"),
        ("LAST_MODIFIED_TIME()>='2026-06-02T12:00:00.000Z'", "23"),
        ("LAST_MODIFIED_TIME() < '2026-06-02'", "1"),
        ("LAST_MODIFIED_TIME()<=DATETIME_PARSE('2026-06-02T14:00:00+02:00')", "12"),
        ("last_modified_time( ) > datetime_parse( '2026-06-02' ) ", "23"),
        ('IS_AFTER( LAST_MODIFIED_TIME() , "2026-06-01T12:00:00Z" )', "23"),
        ("RECORD_ID()='rec22222222222222'", "2"),
        ("RECORD_ID() = 'nothing'", ""),
        ("{Name}='She said \\\"hi\\\"'", "1"),
        ("{Name}='She said \"hi\"'", "1"),
        ('{Name} = "It\'s {odd} \\\\ and\nlong"', "2"),
        (f"{{{FIELDS[0].id_in(TBL)}}}=''", "3"),
        ("{Email}=''", "123"),
    ],
)
def test_a_formula_keeps_what_it_says(records: Records, formula: str, ids: str) -> None:
    assert found(records, formula) == ids


@pytest.mark.parametrize(
    "formula",
    [
        "1",
        "TRUE()",
        "LAST_MODIFIED_TIME()",
        "LAST_MODIFIED_TIME({Name})>'2026-06-02'",
        "LAST_MODIFIED_TIME()='2026-06-02'",
        "LAST_MODIFIED_TIME()>2026",
        "LAST_MODIFIED_TIME()>'soon'",
        "LAST_MODIFIED_TIME()>'2026-99-99'",
        "LAST_MODIFIED_TIME()>'1780000000000'",
        "IS_AFTER(LAST_MODIFIED_TIME())",
        "IS_AFTER('2026-06-02', LAST_MODIFIED_TIME())",
        "{Name}='x",
        "{Name}='x' OR 1",
        "{Name}=x",
        "{}='x'",
        "{Unheard}='x'",
        "Name='x'",
        "NOT({Name}='x')",
        "'" + "\\'" * 5000,
    ],
)
def test_every_other_formula_is_refused(formula: str) -> None:
    with pytest.raises(AirtableError, match="The formula for filtering records is invalid: ") as refused:
        read_formula(formula, TBL)
    assert (refused.value.status, refused.value.kind) == (422, "INVALID_FILTER_BY_FORMULA")
