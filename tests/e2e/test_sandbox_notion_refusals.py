"""The sandbox refuses what Notion would refuse, in Notion's words, over a real socket."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.notion.records import id_of
from sandbox.settings import SandboxSettings
from tests.e2e.sandbox_notion import NEWEST, Notion
from tests.e2e.sandbox_server import sandbox_in_thread

PAGE, SOURCE, DATABASE = (id_of(kind, 0) for kind in ("page", "data_source", "database"))
QUERY = f"/data_sources/{SOURCE}/query"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def running() -> Iterator[Notion]:
    with sandbox_in_thread(SandboxSettings()) as sandbox:
        yield Notion(sandbox)


@pytest.fixture
def notion(running: Notion) -> Notion:
    running.sandbox.control("POST", "/reset", provider="notion")
    return running


class TestRefusals:
    @pytest.mark.parametrize("authorization", ["", "Bearer ntn_unknown", "Basic eDp5", "Bearer"])
    def test_a_bad_token_is_unauthorized(self, notion: Notion, authorization: str) -> None:
        headers = {"Authorization": authorization, "Notion-Version": NEWEST}
        answer = notion.http.get(f"{notion.url}/v1/users/me", headers=headers)
        body = answer.json()
        assert (answer.status_code, body["object"], body["code"]) == (401, "error", "unauthorized")
        assert body["request_id"] == answer.headers["x-notion-request-id"]

    @pytest.mark.parametrize(("version", "code"), [(None, "missing_version"), ("2020-01-01", "validation_error")])
    def test_a_version_must_be_named_and_known(self, notion: Notion, version: str | None, code: str) -> None:
        answer = notion.call("GET", "/users/me", notion.token(), version=version)
        assert (answer.status_code, answer.json()["code"]) == (400, code)

    @pytest.mark.parametrize(
        "path", ["/pages/{}", "/pages/{}/markdown", "/databases/{}", "/data_sources/{}", "/blocks/{}/children"]
    )
    def test_what_is_unknown_is_404_and_what_is_no_id_is_400(self, notion: Notion, path: str) -> None:
        token = notion.token()
        for given, status, code in ((UNKNOWN, 404, "object_not_found"), ("x", 400, "validation_error")):
            answer = notion.call("GET", path.format(given), token)
            assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_another_kinds_id_and_another_accounts_page_are_not_found(self, notion: Notion) -> None:
        token = notion.token("globex")
        for path in (f"/pages/{DATABASE}", f"/databases/{SOURCE}", f"/pages/{id_of('page', 7)}"):
            assert notion.call("GET", path, token).json()["code"] == "object_not_found"

    def test_the_181st_call_in_a_minute_is_429_for_that_connection_only(self, notion: Notion) -> None:
        token, other = notion.token(), notion.token()
        answers = [notion.call("GET", "/users/me", token) for _ in range(181)]
        assert [answer.status_code for answer in answers] == [200] * 180 + [429]
        body, wait = answers[-1].json(), answers[-1].headers["retry-after"]
        assert body["code"] == "rate_limited"
        assert 0 < int(wait) <= 60
        assert body["additional_data"] == {
            "rate_limit_reason": "public_api_request_rate_limit",
            "retry_after": wait,
        }
        assert notion.call("GET", "/users/me", other).status_code == 200
        notion.sandbox.control("PATCH", body={"limits": False}, provider="notion")
        assert notion.call("GET", "/users/me", token).status_code == 200


HOSTILE: list[tuple[str, Any]] = [
    ("/search", {"start_cursor": UNKNOWN}),
    ("/search", {"start_cursor": "x"}),
    ("/search", {"page_size": 101}),
    ("/search", {"page_size": 0}),
    ("/search", {"page_size": 10**30}),
    ("/search", {"unheard_of": 1}),
    ("/search", {"in_trash": True}),
    ("/search", {"filter": {"value": "page"}}),
    ("/search", {"filter": {"property": "object", "value": "page", "more": 1}}),
    ("/search", {"sort": {"timestamp": "last_edited_time"}}),
    ("/search", {"sort": {"timestamp": "created_time", "direction": "ascending"}}),
    ("/search", []),
    (QUERY, {"unheard_of": 1}),
    (QUERY, {"archived": True}),
    (QUERY, {"page_size": "5"}),
    (QUERY, {"start_cursor": id_of("row", 10)}),
    (QUERY, {"sorts": [{"property": "Name", "direction": "ascending"}]}),
    (QUERY, {"filter": {"property": "Name", "title": {"equals": "x"}}}),
    (QUERY, {"filter": {"timestamp": "created_time", "last_edited_time": {"after": "2026-01-01"}}}),
    (QUERY, {"filter": {"timestamp": "created_time", "created_time": {}}}),
    (QUERY, {"filter": {"timestamp": "created_time", "created_time": {"after": "soon"}}}),
    (QUERY, {"filter": {"timestamp": "created_time", "created_time": {"after": "9" * 5000}}}),
]


class TestHostileInput:
    @pytest.mark.parametrize(("path", "body"), HOSTILE)
    def test_a_bad_body_is_a_validation_error(self, notion: Notion, path: str, body: Any) -> None:
        answer = notion.call("POST", path, notion.token(), body)
        assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")

    @pytest.mark.parametrize("query", ["page_size=x", "page_size=101", "page_size=1&page_size=2", "start_cursor=x"])
    def test_a_bad_query_is_a_validation_error(self, notion: Notion, query: str) -> None:
        for path in ("/users", f"/blocks/{PAGE}/children"):
            headers = {"Authorization": f"Bearer {notion.token()}", "Notion-Version": NEWEST}
            answer = notion.http.get(f"{notion.url}/v1{path}?{query}", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")

    @pytest.mark.parametrize("body", [b"\xff", b"{", b'{"query": "\xff"}', b'{"x": ' + b"[" * 5000])
    def test_what_is_not_json_is_invalid_json(self, notion: Notion, body: bytes) -> None:
        headers = {"Authorization": f"Bearer {notion.token()}", "Notion-Version": NEWEST}
        for path in ("/search", QUERY):
            for media_type in ("application/json", "application/x-www-form-urlencoded"):
                given = headers | {"Content-Type": media_type}
                answer = notion.http.post(f"{notion.url}/v1{path}", headers=given, content=body)
                assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")

    @pytest.mark.parametrize(
        ("method", "path"), [("GET", "/nothing"), ("GET", "/search"), ("DELETE", f"/pages/{PAGE}")]
    )
    def test_another_path_is_an_invalid_request_url(self, notion: Notion, method: str, path: str) -> None:
        answer = notion.call(method, path, notion.token())
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request_url")

    def test_data_sources_are_unheard_of_in_the_oldest_version(self, notion: Notion) -> None:
        answer = notion.call("POST", QUERY, notion.token(), {}, "2022-06-28")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request_url")
