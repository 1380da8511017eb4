"""The sandbox refuses what Airtable would refuse, and as often as it would, over a real socket."""

import time
from collections.abc import Iterator

import httpx
import pytest

from sandbox.settings import SandboxSettings
from tests.e2e.airtable_client import Airtable, error_type
from tests.e2e.sandbox_server import sandbox_in_thread

UNKNOWN_APP, UNKNOWN_TBL, UNKNOWN_REC = f"app{'x' * 14}", f"tbl{'x' * 14}", f"rec{'x' * 14}"


@pytest.fixture(scope="module")
def running() -> Iterator[Airtable]:
    with sandbox_in_thread(SandboxSettings()) as sandbox:
        yield Airtable(sandbox)


@pytest.fixture
def limited(running: Airtable) -> Airtable:
    running.control("POST", "/reset")
    return running


@pytest.fixture
def airtable(limited: Airtable) -> Airtable:
    limited.control("PATCH", body={"limits": False})
    return limited


@pytest.fixture
def token(airtable: Airtable) -> str:
    return airtable.access_token()


@pytest.fixture
def long_table(airtable: Airtable, token: str) -> tuple[str, str]:
    """The base and the table of 110 records."""
    return airtable.tables(token)[0]


class TestRefusals:
    @pytest.mark.parametrize(
        ("authorization", "kind"),
        [
            ("", "AUTHENTICATION_REQUIRED"),
            ("Bearer", "AUTHENTICATION_REQUIRED"),
            ("Basic eDp5", "AUTHENTICATION_REQUIRED"),
            ("Bearer oaa-unknown", "UNAUTHORIZED"),
        ],
    )
    def test_a_bad_token_is_401(self, airtable: Airtable, authorization: str, kind: str) -> None:
        headers = {"Authorization": authorization}
        for path in ("meta/whoami", "meta/bases", f"{UNKNOWN_APP}/{UNKNOWN_TBL}"):
            assert error_type(airtable.http.get(f"{airtable.url}/v0/{path}", headers=headers)) == (401, kind)

    def test_a_missing_scope_is_403(self, airtable: Airtable, long_table: tuple[str, str]) -> None:
        base_id, table_id = long_table
        schema_alone = airtable.access_token(scope="schema.bases:read")
        records_alone = airtable.access_token(scope="data.records:read")
        for answer in (
            airtable.get(f"/{base_id}/{table_id}", schema_alone),
            airtable.get("/meta/bases", records_alone),
            airtable.get(f"/meta/bases/{base_id}/tables", records_alone),
        ):
            assert error_type(answer) == (403, "INVALID_PERMISSIONS")

    def test_what_is_not_there_is_403_and_nobody_says_why(
        self, airtable: Airtable, token: str, long_table: tuple[str, str]
    ) -> None:
        base_id, table_id = long_table
        other_base = airtable.tables(token)[-1][0]
        for path in (
            f"/{UNKNOWN_APP}/{table_id}",
            f"/{base_id}/{UNKNOWN_TBL}",
            f"/{other_base}/{table_id}",
            f"/meta/bases/{UNKNOWN_APP}/tables",
            f"/meta/bases/{table_id}/tables",
        ):
            assert error_type(airtable.get(path, token)) == (403, "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND")

    def test_an_unknown_record_or_path_is_the_bare_404(
        self, airtable: Airtable, token: str, long_table: tuple[str, str]
    ) -> None:
        base_id, table_id = long_table
        elsewhere = airtable.records(*airtable.tables(token)[1], token)[0]["id"]
        for path in (
            f"/{base_id}/{table_id}/{UNKNOWN_REC}",
            f"/{base_id}/{table_id}/{elsewhere}",
            f"/{base_id}/{table_id}/listRecords",
            "/meta/nothing",
            f"/{base_id}",
        ):
            answer = airtable.get(path, token)
            assert (answer.status_code, answer.json()) == (404, {"error": "NOT_FOUND"})

    @pytest.mark.parametrize("offset", ["x", "itrxxxxxxxxxxxxxx/recxxxxxxxxxxxxxx", "/"])
    def test_an_unknown_offset_begins_the_list_again(
        self, airtable: Airtable, token: str, long_table: tuple[str, str], offset: str
    ) -> None:
        base_id, table_id = long_table
        for answer in (
            airtable.get(f"/{base_id}/{table_id}", token, offset=offset),
            airtable.post(f"/{base_id}/{table_id}/listRecords", token, {"offset": offset}),
        ):
            assert error_type(answer) == (422, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE")

    def test_an_offset_belongs_to_its_list(self, airtable: Airtable, token: str, long_table: tuple[str, str]) -> None:
        base_id, table_id = long_table
        offset = airtable.get(f"/{base_id}/{table_id}", token, pageSize=5).json()["offset"]
        other_table = airtable.tables(token)[1][1]
        for answer in (
            airtable.get(f"/{base_id}/{other_table}", token, offset=offset),
            airtable.get(f"/{base_id}/{table_id}", token, offset=offset, **{"sort[0][field]": "Name"}),
            airtable.get(f"/{base_id}/{table_id}", airtable.access_token(), offset=offset),
        ):
            assert error_type(answer) == (422, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE")
        assert airtable.get(f"/{base_id}/{table_id}", token, pageSize=7, offset=offset).status_code == 200

    def test_a_reset_ends_every_list(self, airtable: Airtable, token: str, long_table: tuple[str, str]) -> None:
        base_id, table_id = long_table
        offset = airtable.get(f"/{base_id}/{table_id}", token, pageSize=5).json()["offset"]
        airtable.control("POST", "/reset")
        answer = airtable.get(f"/{base_id}/{table_id}", airtable.access_token(), offset=offset)
        assert error_type(answer) == (422, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE")

    @pytest.mark.parametrize(
        ("query", "kind"),
        [
            ("pageSize=101", "INVALID_REQUEST_UNKNOWN"),
            ("pageSize=0", "INVALID_REQUEST_UNKNOWN"),
            ("pageSize=ten", "INVALID_REQUEST_UNKNOWN"),
            (f"pageSize={'9' * 400}", "INVALID_REQUEST_UNKNOWN"),
            ("pageSize=5&pageSize=6", "INVALID_REQUEST_UNKNOWN"),
            ("maxRecords=-1", "INVALID_REQUEST_UNKNOWN"),
            ("maxRecords=null", "INVALID_REQUEST_UNKNOWN"),
            ("sort[0][direction]=asc", "INVALID_REQUEST_UNKNOWN"),
            ("sort[0][field]=Name&sort[0][direction]=up", "INVALID_REQUEST_UNKNOWN"),
            ("sort[0][field]=Name&sort[0][field]=Name", "INVALID_REQUEST_UNKNOWN"),
            ("sort=Name", "INVALID_REQUEST_UNKNOWN"),
            ("page_size=5", "INVALID_REQUEST_UNKNOWN"),
            ("view=%ff", "INVALID_REQUEST_UNKNOWN"),
            ("&".join(["fields[]=Name"] * 1001), "INVALID_REQUEST_UNKNOWN"),
            ("fields[]=Nothing", "UNKNOWN_FIELD_NAME"),
            ("sort[0][field]=Nothing", "UNKNOWN_FIELD_NAME"),
            ("view=Nothing", "VIEW_NAME_NOT_FOUND"),
        ],
    )
    def test_a_bad_parameter_is_422(
        self, airtable: Airtable, token: str, long_table: tuple[str, str], query: str, kind: str
    ) -> None:
        base_id, table_id = long_table
        headers = {"Authorization": f"Bearer {token}"}
        answer = airtable.http.get(f"{airtable.url}/v0/{base_id}/{table_id}?{query}", headers=headers)
        assert error_type(answer) == (422, kind)

    @pytest.mark.parametrize(
        ("content_type", "body", "kind"),
        [
            ("application/json", b"{", "INVALID_REQUEST_BODY"),
            ("application/json", b"", "INVALID_REQUEST_BODY"),
            ("application/json", b"[]", "INVALID_REQUEST_BODY"),
            ("application/json", b'{"view": "\xff"}', "INVALID_REQUEST_BODY"),
            ("application/json", b'{"x": ' + b"[" * 5000, "INVALID_REQUEST_BODY"),
            ("application/x-www-form-urlencoded", b"pageSize=5", "INVALID_REQUEST_BODY"),
            ("text/plain", b'{"pageSize": 5}', "INVALID_REQUEST_BODY"),
            ("application/json", b'{"pageSize": 101}', "INVALID_REQUEST_UNKNOWN"),
            ("application/json", b'{"pageSize": "5"}', "INVALID_REQUEST_UNKNOWN"),
            ("application/json", b'{"sort": [{"direction": "asc"}]}', "INVALID_REQUEST_UNKNOWN"),
            ("application/json", b'{"fields": "Name"}', "INVALID_REQUEST_UNKNOWN"),
            ("application/json", b'{"unheard": 1}', "INVALID_REQUEST_UNKNOWN"),
        ],
    )
    def test_no_body_is_too_odd_to_be_refused(
        self, airtable: Airtable, token: str, long_table: tuple[str, str], content_type: str, body: bytes, kind: str
    ) -> None:
        base_id, table_id = long_table
        headers = {"Authorization": f"Bearer {token}", "Content-Type": content_type}
        url = f"{airtable.url}/v0/{base_id}/{table_id}/listRecords"
        assert error_type(airtable.http.post(url, headers=headers, content=body)) == (422, kind)

    @pytest.mark.parametrize("query", ["offset=x&offset=y", "limit=5", "offset=%ff", "offset=unknown"])
    def test_the_list_of_bases_refuses_too(self, airtable: Airtable, token: str, query: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        answer = airtable.http.get(f"{airtable.url}/v0/meta/bases?{query}", headers=headers)
        assert answer.status_code == 422


class TestLimits:
    def refused(self, answer: httpx.Response) -> bool:
        if answer.status_code != 429:
            return False
        [error] = answer.json()["errors"]
        assert error["error"] == "RATE_LIMIT_REACHED"
        assert error["message"]
        assert "retry-after" not in answer.headers
        return True

    def test_the_sixth_call_in_a_second_is_429_for_that_base_only(self, limited: Airtable) -> None:
        token, other = limited.access_token(), limited.access_token("globex")
        first, *_, last = [base["id"] for base in limited.get("/meta/bases", token).json()["bases"]]
        path = f"/meta/bases/{first}/tables"
        answers = [limited.get(path, token) for _ in range(6)]
        assert [self.refused(answer) for answer in answers] == [False] * 5 + [True]
        assert limited.get(f"/meta/bases/{last}/tables", token).status_code == 200
        assert limited.get("/meta/whoami", token).status_code == 200
        assert limited.get(path, other).status_code == 200

    def test_who_was_refused_waits_longer_than_the_second(self, limited: Airtable) -> None:
        token = limited.access_token()
        base_id = limited.get("/meta/bases", token).json()["bases"][0]["id"]
        assert any(self.refused(limited.get(f"/meta/bases/{base_id}/tables", token)) for _ in range(6))
        time.sleep(1.2)
        assert self.refused(limited.get(f"/meta/bases/{base_id}/tables", token))
        limited.control("PATCH", body={"limits": False})
        assert limited.get(f"/meta/bases/{base_id}/tables", token).status_code == 200

    def test_calls_without_a_base_have_a_wider_limit(self, limited: Airtable) -> None:
        token = limited.access_token()
        taken = 0
        while taken < 300 and not self.refused(limited.get("/meta/whoami", token)):
            taken += 1
        assert 50 <= taken < 300

    def test_a_reset_forgets_who_was_refused(self, limited: Airtable) -> None:
        token = limited.access_token()
        base_id = limited.get("/meta/bases", token).json()["bases"][0]["id"]
        assert any(self.refused(limited.get(f"/meta/bases/{base_id}/tables", token)) for _ in range(6))
        limited.control("POST", "/reset")
        assert limited.get(f"/meta/bases/{base_id}/tables", limited.access_token()).status_code == 200
