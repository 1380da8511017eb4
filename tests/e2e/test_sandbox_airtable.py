"""The sandbox plays Airtable's API: bases, tables, records and formulas, over a real socket."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.settings import SandboxSettings
from tests.e2e.airtable_client import Airtable, error_type
from tests.e2e.sandbox_server import sandbox_in_thread

SINCE = "2026-06-01T00:00:00.000Z"
"""After every seeded change and before every one that is made now."""


@pytest.fixture(scope="module")
def running() -> Iterator[Airtable]:
    with sandbox_in_thread(SandboxSettings()) as sandbox:
        yield Airtable(sandbox)


@pytest.fixture
def airtable(running: Airtable) -> Airtable:
    running.control("POST", "/reset")
    running.control("PATCH", body={"limits": False})
    return running


@pytest.fixture
def token(airtable: Airtable) -> str:
    return airtable.access_token()


@pytest.fixture
def long_table(airtable: Airtable, token: str) -> tuple[str, str]:
    """The base and the table of 110 records."""
    return airtable.tables(token)[0]


class TestMeta:
    def test_whoami_tells_user_and_scopes(self, airtable: Airtable, token: str) -> None:
        assert airtable.get("/meta/whoami", token).json() == {
            "id": "usrAcme0000000001",
            "email": "owner@acme.example.com",
            "scopes": ["data.records:read", "schema.bases:read", "user.email:read"],
        }

    def test_whoami_needs_no_scope_and_tells_the_address_only_with_one(self, airtable: Airtable) -> None:
        token = airtable.access_token("globex", scope="schema.bases:read")
        me = {"id": "usrGlobex00000001", "scopes": ["schema.bases:read"]}
        assert airtable.get("/meta/whoami", token).json() == me

    def test_bases_have_airtables_shape(self, airtable: Airtable, token: str) -> None:
        page = airtable.get("/meta/bases", token).json()
        assert page.keys() == {"bases"}
        assert len(page["bases"]) == 3
        assert all(base.keys() == {"id", "name", "permissionLevel"} for base in page["bases"])
        assert all(base["id"].startswith("app") and len(base["id"]) == 17 for base in page["bases"])

    def test_a_thousand_bases_are_a_page(self, airtable: Airtable, token: str) -> None:
        airtable.control("PATCH", body={"records": {"base": 1001}})
        first = airtable.get("/meta/bases", token).json()
        second = airtable.get("/meta/bases", token, offset=first["offset"]).json()
        assert (len(first["bases"]), len(second["bases"]), "offset" in second) == (1000, 1, False)

    def test_tables_tell_their_fields_and_views(self, airtable: Airtable, token: str) -> None:
        base = airtable.get("/meta/bases", token).json()["bases"][0]
        tables = airtable.get(f"/meta/bases/{base['id']}/tables", token).json()["tables"]
        assert len(tables) == 2
        for table in tables:
            assert table.keys() == {"id", "name", "primaryFieldId", "fields", "views"}
            assert [field["type"] for field in table["fields"]] == [
                "singleLineText", "number", "singleSelect", "checkbox", "date", "email",
            ]  # fmt: skip
            assert table["primaryFieldId"] == table["fields"][0]["id"]
            assert table["views"][0].keys() == {"id", "name", "type"}
        ids = [field["id"] for table in tables for field in table["fields"]]
        assert len(set(ids)) == 12
        assert {len(field_id) for field_id in ids} == {17}

    def test_a_view_tells_its_fields_when_asked(self, airtable: Airtable, token: str) -> None:
        base_id, _ = airtable.tables(token)[0]
        shown = airtable.get(f"/meta/bases/{base_id}/tables", token, include="visibleFieldIds").json()["tables"][0]
        assert shown["views"][0]["visibleFieldIds"] == [field["id"] for field in shown["fields"]]

    def test_the_accounts_have_what_they_should(self, airtable: Airtable, token: str) -> None:
        other = airtable.access_token("globex")
        mine, theirs = airtable.tables(token), airtable.tables(other)
        assert [base for base, _ in mine] == [base for base in dict.fromkeys(base for base, _ in mine) for _ in "12"]
        assert (len(mine), len(theirs)) == (6, 2)
        assert [len(airtable.records(*table, token)) for table in mine] == [110, 12, 7, 7, 7, 7]
        assert [len(airtable.records(*table, other)) for table in theirs] == [4, 3]


class TestRecords:
    def test_a_record_has_airtables_shape(self, airtable: Airtable, token: str, long_table: tuple[str, str]) -> None:
        first = airtable.records(*long_table, token)[0]
        assert first.keys() == {"id", "createdTime", "fields"}
        assert (first["id"][:3], len(first["id"])) == ("rec", 17)
        assert first["fields"]["Name"].endswith(" 1")

    def test_empty_cells_are_left_out(self, airtable: Airtable, token: str, long_table: tuple[str, str]) -> None:
        records = airtable.records(*long_table, token)
        for name in ("Amount", "Due", "Done"):
            assert 0 < len([record for record in records if name in record["fields"]]) < 110
        assert {record["fields"]["Done"] for record in records if "Done" in record["fields"]} == {True}

    def test_pages_show_every_record_once(self, airtable: Airtable, token: str, long_table: tuple[str, str]) -> None:
        ids = [record["id"] for record in airtable.records(*long_table, token, pageSize=7)]
        assert len(ids) == len(set(ids)) == 110

    def test_a_hundred_are_a_page_unless_fewer_are_asked_for(
        self, airtable: Airtable, token: str, long_table: tuple[str, str]
    ) -> None:
        base_id, table_id = long_table
        page = airtable.get(f"/{base_id}/{table_id}", token).json()
        following = airtable.get(f"/{base_id}/{table_id}", token, offset=page["offset"]).json()
        iterator, _, first = page["offset"].partition("/")
        assert (len(page["records"]), len(following["records"]), "offset" in following) == (100, 10, False)
        assert (iterator[:3], first) == ("itr", following["records"][0]["id"])

    def test_an_offset_can_be_asked_for_again(
        self, airtable: Airtable, token: str, long_table: tuple[str, str]
    ) -> None:
        base_id, table_id = long_table
        offset = airtable.get(f"/{base_id}/{table_id}", token).json()["offset"]
        pages = [airtable.get(f"/{base_id}/{table_id}", token, offset=offset).json() for _ in "12"]
        assert pages[0]["records"] == pages[1]["records"]

    def test_what_goes_while_a_list_is_read_leaves_it(
        self, airtable: Airtable, token: str, long_table: tuple[str, str]
    ) -> None:
        base_id, table_id = long_table
        page = airtable.get(f"/{base_id}/{table_id}", token).json()
        gone = page["offset"].partition("/")[2]
        airtable.control("POST", "/records", {"account": "acme", "kind": "record", "delete": [gone]})
        following = airtable.get(f"/{base_id}/{table_id}", token, offset=page["offset"]).json()["records"]
        assert (len(following), gone in [record["id"] for record in following]) == (9, False)

    def test_max_records_bounds_the_whole_list(
        self, airtable: Airtable, token: str, long_table: tuple[str, str]
    ) -> None:
        assert len(airtable.records(*long_table, token, maxRecords=25, pageSize=10)) == 25

    def test_a_table_can_be_named(self, airtable: Airtable, token: str, long_table: tuple[str, str]) -> None:
        base_id, table_id = long_table
        name = airtable.get(f"/meta/bases/{base_id}/tables", token).json()["tables"][0]["name"]
        assert airtable.records(base_id, name, token) == airtable.records(base_id, table_id, token)

    def test_fields_can_be_chosen_and_keyed_by_id(
        self, airtable: Airtable, token: str, long_table: tuple[str, str]
    ) -> None:
        base_id, _ = long_table
        fields = airtable.get(f"/meta/bases/{base_id}/tables", token).json()["tables"][0]["fields"]
        asked: dict[str, Any] = {"fields[]": ["Name", fields[5]["id"]], "returnFieldsByFieldId": "true"}
        records = airtable.records(*long_table, token, **asked)
        assert all(record["fields"].keys() == {fields[0]["id"], fields[5]["id"]} for record in records)

    def test_records_can_be_sorted(self, airtable: Airtable, token: str, long_table: tuple[str, str]) -> None:
        asked: dict[str, Any] = {"sort[0][field]": "Status", "sort[1][field]": "Amount", "sort[1][direction]": "desc"}
        cells = [record["fields"] for record in airtable.records(*long_table, token, **asked)]
        expected = sorted(cells, key=lambda cell: (cell["Status"].lower(), -cell.get("Amount", -1)))
        assert [(c["Status"], c.get("Amount")) for c in cells] == [(c["Status"], c.get("Amount")) for c in expected]

    def test_a_body_asks_the_same(self, airtable: Airtable, token: str, long_table: tuple[str, str]) -> None:
        base_id, table_id = long_table
        body = {"pageSize": 60, "sort": [{"field": "Name", "direction": "desc"}], "fields": ["Name"]}
        path = f"/{base_id}/{table_id}/listRecords"
        first = airtable.post(path, token, body, timeZone="utc", userLocale="en").json()
        second = airtable.post(path, token, {**body, "offset": first["offset"]}).json()
        asked = {"sort[0][field]": "Name", "sort[0][direction]": "desc", "fields[]": "Name"}
        assert first["records"] + second["records"] == airtable.records(*long_table, token, **asked)

    def test_how_cells_are_written_is_taken(self, airtable: Airtable, token: str, long_table: tuple[str, str]) -> None:
        asked = {"cellFormat": "string", "timeZone": "utc", "userLocale": "en", "recordMetadata[]": "commentCount"}
        assert len(airtable.records(*long_table, token, view="Grid view", **asked)) == 110

    def test_one_is_shown_by_id(self, airtable: Airtable, token: str, long_table: tuple[str, str]) -> None:
        base_id, table_id = long_table
        record = airtable.records(*long_table, token)[3]
        assert airtable.get(f"/{base_id}/{table_id}/{record['id']}", token).json() == record
        by_id = airtable.get(f"/{base_id}/{table_id}/{record['id']}", token, returnFieldsByFieldId=True).json()
        assert all(name.startswith("fld") for name in by_id["fields"])


class TestFormulas:
    def upsert(self, airtable: Airtable, table: tuple[str, str], record_id: str, **cells: Any) -> None:
        shape = {"baseId": table[0], "tableId": table[1], "id": record_id, "fields": cells}
        airtable.control("POST", "/records", {"account": "acme", "kind": "record", "upsert": [shape]})

    @pytest.mark.parametrize(
        "formula",
        [
            f"LAST_MODIFIED_TIME()>'{SINCE}'",
            f'LAST_MODIFIED_TIME() >= "{SINCE}"',
            f"IS_AFTER(LAST_MODIFIED_TIME(), '{SINCE}')",
            f"IS_AFTER(LAST_MODIFIED_TIME(),DATETIME_PARSE('{SINCE}'))",
            "RECORD_ID()='{id}'",
            "{{Name}}='It\\'s new'",
        ],
    )
    def test_a_changed_record_is_found(
        self, airtable: Airtable, token: str, long_table: tuple[str, str], formula: str
    ) -> None:
        changed = airtable.records(*long_table, token)[104]["id"]
        self.upsert(airtable, long_table, changed, Name="It's new")
        found = airtable.records(*long_table, token, filterByFormula=formula.format(id=changed))
        assert [record["id"] for record in found] == [changed]
        assert found[0]["fields"]["Name"] == "It's new"

    @pytest.mark.parametrize(
        "formula",
        ["NOW()", "LAST_MODIFIED_TIME()>'soon'", "{Nothing}='x'", "{Name}=", "AND({Name}='x', {Name}='x')", "'" * 9],
    )
    def test_every_other_formula_is_invalid(
        self, airtable: Airtable, token: str, long_table: tuple[str, str], formula: str
    ) -> None:
        base_id, table_id = long_table
        for answer in (
            airtable.get(f"/{base_id}/{table_id}", token, filterByFormula=formula),
            airtable.post(f"/{base_id}/{table_id}/listRecords", token, {"filterByFormula": formula}),
        ):
            assert error_type(answer) == (422, "INVALID_FILTER_BY_FORMULA")
