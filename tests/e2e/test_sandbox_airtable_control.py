"""What is changed in the sandbox's Airtable shows where it belongs, and Airtable's published client works with it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pyairtable import Api
from pyairtable.formulas import GT, IS_AFTER, LAST_MODIFIED_TIME, RECORD_ID, match
from pyairtable.models.schema import NumberFieldSchema, SingleSelectFieldSchema
from requests import HTTPError

from sandbox.settings import SandboxSettings
from tests.e2e.airtable_client import Airtable
from tests.e2e.sandbox_server import sandbox_in_thread

SINCE = datetime(2026, 6, 1, tzinfo=UTC)
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


def change(airtable: Airtable, kind: str, *shapes: Any, delete: tuple[str, ...] = ()) -> dict[str, list[str]]:
    body = {"account": "acme", "kind": kind, "upsert": shapes, "delete": delete}
    changed: dict[str, list[str]] = airtable.control("POST", "/records", body)
    return changed


class TestChanges:
    def test_a_new_base_with_table_and_record_is_listed(self, airtable: Airtable, token: str) -> None:
        [base_id] = change(airtable, "base", {"name": "New base"})["upserted"]
        [table_id] = change(airtable, "table", {"baseId": base_id, "name": "New table"})["upserted"]
        shape = {"baseId": base_id, "tableId": table_id, "fields": {"Name": "New", "Amount": 0, "Done": False}}
        [record_id] = change(airtable, "record", shape)["upserted"]
        assert airtable.get("/meta/bases", token).json()["bases"][-1] == {
            "id": base_id,
            "name": "New base",
            "permissionLevel": "create",
        }
        assert airtable.tables(token)[-1] == (base_id, table_id)
        [record] = airtable.records(base_id, table_id, token)
        assert (record["id"], record["fields"]) == (record_id, {"Name": "New", "Amount": 0})

    def test_cells_that_are_not_named_stay(self, airtable: Airtable, token: str, long_table: tuple[str, str]) -> None:
        base_id, table_id = long_table
        before = airtable.records(*long_table, token)[0]
        shape = {"id": before["id"], "baseId": base_id, "tableId": table_id, "fields": {"Status": None}}
        change(airtable, "record", shape)
        after = airtable.records(*long_table, token)[0]
        assert after["fields"] == {name: cell for name, cell in before["fields"].items() if name != "Status"}
        assert after["createdTime"] == before["createdTime"]

    def test_a_record_moves_to_the_table_that_is_named(
        self, airtable: Airtable, token: str, long_table: tuple[str, str]
    ) -> None:
        record_id, (base_id, other) = airtable.records(*long_table, token)[0]["id"], airtable.tables(token)[1]
        change(airtable, "record", {"id": record_id, "baseId": base_id, "tableId": other})
        assert record_id not in [record["id"] for record in airtable.records(*long_table, token)]
        assert record_id in [record["id"] for record in airtable.records(base_id, other, token)]

    def test_what_is_deleted_takes_along_what_lies_below(self, airtable: Airtable, token: str) -> None:
        tables = airtable.tables(token)
        base_id, table_id = tables[0]
        assert change(airtable, "table", delete=(table_id,))["deleted"] == [table_id]
        assert airtable.tables(token) == tables[1:]
        assert airtable.get(f"/{base_id}/{table_id}", token).status_code == 403
        assert change(airtable, "base", delete=(base_id,))["deleted"] == [base_id]
        assert airtable.tables(token) == tables[2:]
        assert airtable.get(f"/{base_id}/{tables[1][1]}", token).status_code == 403

    def test_a_deleted_record_is_gone(self, airtable: Airtable, token: str, long_table: tuple[str, str]) -> None:
        base_id, table_id = long_table
        gone = airtable.records(*long_table, token)[0]["id"]
        change(airtable, "record", delete=(gone,))
        assert len(airtable.records(*long_table, token)) == 109
        assert airtable.get(f"/{base_id}/{table_id}/{gone}", token).json() == {"error": "NOT_FOUND"}

    def test_how_many_there_are_is_a_knob(self, airtable: Airtable, token: str, long_table: tuple[str, str]) -> None:
        knobs = airtable.control("PATCH", body={"records": {"record": 1000}})
        assert knobs["records"] == {"base": 3, "table": 6, "record": 1000}
        assert len(airtable.records(*long_table, token)) > 700

    def test_a_shape_that_is_not_airtables_is_refused_with_what_is_allowed(self, airtable: Airtable) -> None:
        body = {"account": "acme", "kind": "table", "upsert": [{"title": "x"}]}
        answer = airtable.http.post(f"{airtable.sandbox.url}/_control/airtable/records", json=body)
        assert answer.status_code == 400
        assert answer.json()["detail"] == "unknown field title; a table has id, baseId, name"

    def test_a_conflict_of_two_renewals_can_be_scripted(self, airtable: Airtable) -> None:
        refresh_token = airtable.tokens()["refresh_token"]
        conflict = {"error": "invalid_request", "error_description": "scripted"}
        airtable.control("POST", "/faults", [{"path": "/oauth2/v1/token", "times": 1, "status": 409, "json": conflict}])
        assert airtable.renew(refresh_token).status_code == 409
        assert airtable.renew(refresh_token).status_code == 200

    def test_what_was_received_is_told(self, airtable: Airtable, token: str) -> None:
        airtable.get("/meta/whoami", token)
        last = airtable.control("GET", "/requests")["items"][-1]
        assert (last["method"], last["path"], last["status"]) == ("GET", "/airtable/v0/meta/whoami", 200)


class TestPublishedClient:
    """pyairtable, unchanged."""

    @pytest.fixture
    def api(self, airtable: Airtable, token: str) -> Api:
        return Api(token, endpoint_url=airtable.url, retry_strategy=None)

    def test_it_reads_every_base_table_and_record(self, api: Api) -> None:
        assert api.whoami()["id"] == "usrAcme0000000001"
        tables = [table for base in api.bases() for table in base.tables()]
        assert [len(table.all()) for table in tables] == [110, 12, 7, 7, 7, 7]

    def test_its_models_take_the_schema(self, api: Api) -> None:
        table = api.bases()[0].schema().tables[0]
        assert table.field(table.primary_field_id).type == "singleLineText"
        status, amount = table.field("Status"), table.field("Amount")
        assert isinstance(status, SingleSelectFieldSchema)
        assert [choice.name for choice in status.options.choices] == ["Todo", "In progress", "Done"]
        assert isinstance(amount, NumberFieldSchema)
        assert amount.options.precision == 2
        assert table.view("Grid view").type == "grid"

    def test_it_pages_sorts_and_chooses_fields(self, api: Api) -> None:
        table = api.bases()[0].tables()[0]
        pages = list(table.iterate(page_size=50, sort=["-Name"], fields=["Name"]))
        names = [record["fields"]["Name"] for page in pages for record in page]
        assert [len(page) for page in pages] == [50, 50, 10]
        assert names == sorted(names, key=str.casefold, reverse=True)

    def test_it_finds_one_and_what_has_changed(self, airtable: Airtable, api: Api) -> None:
        table = api.bases()[0].tables()[0]
        first = table.first()
        assert first is not None
        assert table.get(first["id"]) == first
        assert table.all(formula=match({"Name": first["fields"]["Name"]})) == [first]
        assert table.all(formula=RECORD_ID().eq(first["id"])) == [first]
        since = [GT(LAST_MODIFIED_TIME(), SINCE), IS_AFTER(LAST_MODIFIED_TIME(), SINCE)]
        assert [table.all(formula=formula) for formula in since] == [[], []]
        change(airtable, "record", {"id": first["id"], "baseId": table.base.id, "tableId": table.id})
        assert [table.all(formula=formula) for formula in since] == [[first], [first]]

    def test_it_posts_a_question_that_is_too_long_for_an_address(self, airtable: Airtable, api: Api) -> None:
        table = api.bases()[0].tables()[0]
        assert table.all(formula=match({"Name": "x" * 17_000}), use_field_ids=True) == []
        assert airtable.control("GET", "/requests")["items"][-1]["path"].endswith("/listRecords")

    def test_it_uses_field_ids(self, airtable: Airtable, token: str) -> None:
        api = Api(token, endpoint_url=airtable.url, use_field_ids=True)
        table = api.bases()[0].tables()[0]
        known = {field.id for field in table.schema().fields}
        assert all(record["fields"].keys() <= known for record in table.all())

    @pytest.mark.parametrize(
        ("formula", "table_name", "status", "kind"),
        [
            ("NONSENSE()", "", 422, "INVALID_FILTER_BY_FORMULA"),
            ("", "No such table", 403, "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND"),
        ],
    )
    def test_it_raises_what_airtable_would_make_it_raise(
        self, api: Api, long_table: tuple[str, str], formula: str, table_name: str, status: int, kind: str
    ) -> None:
        table = api.table(long_table[0], table_name or long_table[1])
        with pytest.raises(HTTPError, match=kind) as refused:
            table.all(formula=formula)
        assert refused.value.response is not None
        assert refused.value.response.status_code == status

    def test_it_is_told_of_the_limit(self, airtable: Airtable, api: Api, long_table: tuple[str, str]) -> None:
        airtable.control("PATCH", body={"limits": True})
        table = api.table(*long_table)
        with pytest.raises(HTTPError) as refused:
            table.all(page_size=1)
        assert refused.value.response is not None
        assert refused.value.response.status_code == 429
