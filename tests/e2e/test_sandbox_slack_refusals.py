"""The sandbox refuses as Slack does: tokens, scopes, limits and hostile input, over a real socket."""

from collections.abc import Iterator

import httpx
import pytest

from sandbox.settings import SandboxSettings
from tests.e2e.sandbox_server import sandbox_in_thread
from tests.e2e.slack_client import GENERAL, Slack


@pytest.fixture(scope="module")
def running() -> Iterator[Slack]:
    with sandbox_in_thread(SandboxSettings()) as sandbox:
        yield Slack(sandbox)


@pytest.fixture
def slack(running: Slack) -> Slack:
    running.control("POST", "/reset")
    return running


class TestRefusals:
    @pytest.mark.parametrize(
        ("authorization", "error"),
        [
            ("", "not_authed"),
            ("Bearer", "not_authed"),
            ("Bearer unknown", "invalid_auth"),
            ("Basic eDp5", "not_authed"),
        ],
    )
    def test_a_bad_token_is_refused_with_200(self, slack: Slack, authorization: str, error: str) -> None:
        url = f"{slack.address}/api/auth.test"
        answer = slack.sandbox.http.get(url, headers={"Authorization": authorization})
        assert (answer.status_code, answer.json()) == (200, {"ok": False, "error": error})

    def test_a_token_may_come_in_a_form_and_not_in_an_address(self, slack: Slack) -> None:
        url, token = f"{slack.address}/api/auth.test", slack.token()
        assert slack.sandbox.http.post(url, data={"token": token}).json()["ok"]
        assert slack.sandbox.http.get(url, params={"token": token}).json()["error"] == "not_authed"

    def test_every_answer_names_the_scopes_of_the_token(self, slack: Slack) -> None:
        token = slack.token(scope="channels:read,team:read")
        for method, params in (("auth.test", {}), ("conversations.info", {"channel": "x"}), ("users.list", {})):
            answer = slack.get(method, token, **params)
            assert answer.headers["x-oauth-scopes"] == "channels:read,team:read"

    @pytest.mark.parametrize(
        ("method", "needed"),
        [
            ("users.list", "users:read"),
            ("users.info", "users:read"),
            ("team.info", "team:read"),
            ("conversations.history", "channels:history,groups:history,mpim:history,im:history"),
        ],
    )
    def test_a_missing_scope_is_named(self, slack: Slack, method: str, needed: str) -> None:
        said = slack.call(method, slack.token(scope="channels:read"))
        assert said == {"ok": False, "error": "missing_scope", "needed": needed, "provided": "channels:read"}

    @pytest.mark.parametrize(
        ("method", "per_minute", "params"),
        [
            ("conversations.list", 20, {"limit": 1}),
            ("users.list", 20, {"limit": 1}),
            ("conversations.history", 50, {"channel": GENERAL, "limit": 1}),
            ("conversations.replies", 50, {"channel": GENERAL, "ts": "1.000000"}),
            ("conversations.info", 50, {"channel": GENERAL}),
        ],
    )
    def test_one_call_more_in_a_minute_is_429_for_that_method_and_workspace_only(
        self, slack: Slack, method: str, per_minute: int, params: dict[str, str | int]
    ) -> None:
        token, other = slack.token(), slack.token("globex")
        answers = [slack.get(method, token, **params) for _ in range(per_minute + 1)]
        assert [answer.status_code for answer in answers] == [200] * per_minute + [429]
        assert answers[-1].json() == {"ok": False, "error": "ratelimited"}
        assert answers[-1].headers["retry-after"] == "60"
        assert slack.get(method, other, **params).status_code == 200
        assert slack.call("auth.test", token)["ok"]

    def test_without_limits_nobody_is_throttled(self, slack: Slack) -> None:
        slack.control("PATCH", body={"limits": False})
        token = slack.token()
        assert {slack.get("conversations.list", token, limit=1).status_code for _ in range(25)} == {200}


class TestHostileInput:
    @pytest.mark.parametrize(
        ("method", "params", "error"),
        [
            ("conversations.list", {"limit": 1000}, "invalid_limit"),
            ("conversations.list", {"limit": 0}, "invalid_limit"),
            ("conversations.list", {"limit": "\u0665"}, "invalid_limit"),
            ("users.list", {"limit": "1" * 400}, "invalid_limit"),
            ("conversations.history", {"channel": GENERAL, "limit": 1000}, "invalid_limit"),
            ("conversations.replies", {"channel": GENERAL, "ts": "1.000000", "limit": 1001}, "invalid_limit"),
            ("conversations.list", {"cursor": "%%%"}, "invalid_cursor"),
            ("conversations.list", {"cursor": "dGVhbTpD"}, "invalid_cursor"),
            ("conversations.list", {"cursor": "dXNlcjpVMFNCWDAwMDAwMQ=="}, "invalid_cursor"),
            ("conversations.history", {"channel": GENERAL, "cursor": "bmV4dF90czp4"}, "invalid_cursor"),
            ("conversations.list", {"cursor": "/////w=="}, "invalid_cursor"),
            ("conversations.list", {"types": "public_channel,secret"}, "invalid_types"),
            ("conversations.list", {"exclude_archived": "maybe"}, "invalid_arguments"),
            ("conversations.history", {"channel": GENERAL, "oldest": "yesterday"}, "invalid_ts_oldest"),
            ("conversations.history", {"channel": GENERAL, "latest": "-1"}, "invalid_ts_latest"),
            ("conversations.history", {"channel": "\u0000"}, "channel_not_found"),
            ("chat.everything", {}, "unknown_method"),
        ],
    )
    def test_a_bad_argument_is_refused_in_slacks_words(
        self, slack: Slack, method: str, params: dict[str, str | int], error: str
    ) -> None:
        answer = slack.get(method, slack.token(), **params)
        assert (answer.status_code, answer.json()["ok"], answer.json()["error"]) == (200, False, error)

    @pytest.mark.parametrize(
        ("content_type", "body", "error"),
        [
            ("application/json", b"{", "invalid_json"),
            ("application/json", b"\xff", "invalid_json"),
            ("application/json", b"[" * 5000, "invalid_json"),
            ("application/json", b"[1]", "json_not_object"),
            ("application/json", b'{"types": ["im"]}', "invalid_arguments"),
            ("application/x-www-form-urlencoded", b"limit=1&limit=2", "invalid_arguments"),
            ("application/x-www-form-urlencoded", b"limit=%ff", "invalid_form_data"),
            ("application/x-www-form-urlencoded", b"\xff", "invalid_form_data"),
            ("application/xml", b"<a/>", "invalid_post_type"),
            ("", b"limit=1", "missing_post_type"),
        ],
    )
    def test_no_body_is_too_odd_to_be_refused(self, slack: Slack, content_type: str, body: bytes, error: str) -> None:
        headers = {"Authorization": f"Bearer {slack.token()}", "Content-Type": content_type}
        url = f"{slack.address}/api/conversations.list"
        answer = slack.sandbox.http.post(url, headers=headers, content=body)
        assert (answer.status_code, answer.json()["error"]) == (200, error)

    @pytest.mark.parametrize("query", ["limit=1&limit=2", "limit=%ff"])
    def test_no_query_is_either(self, slack: Slack, query: str) -> None:
        headers = {"Authorization": f"Bearer {slack.token()}"}
        answer = slack.sandbox.http.get(f"{slack.address}/api/conversations.list?{query}", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (200, "invalid_arguments")

    def test_an_argument_comes_once_in_address_and_body(self, slack: Slack) -> None:
        url, headers = f"{slack.address}/api/conversations.list", {"Authorization": f"Bearer {slack.token()}"}
        both = slack.sandbox.http.post(url, params={"limit": 1}, data={"limit": 2}, headers=headers)
        assert both.json()["error"] == "invalid_arguments"

    def test_json_arguments_are_understood(self, slack: Slack) -> None:
        url, headers = f"{slack.address}/api/conversations.list", {"Authorization": f"Bearer {slack.token()}"}
        asked = {"limit": 4, "exclude_archived": True, "cursor": None}
        said = slack.sandbox.http.post(url, json=asked, headers=headers).json()
        assert [channel["id"] for channel in said["channels"]] == [GENERAL, "C0SBX000002"]

    @pytest.mark.parametrize(("method", "path"), [("PUT", "/api/auth.test"), ("GET", "/api/a/b"), ("GET", "/nothing")])
    def test_other_paths_are_refused_in_slacks_shape(self, slack: Slack, method: str, path: str) -> None:
        answer: httpx.Response = slack.sandbox.http.request(method, f"{slack.address}{path}")
        assert (answer.status_code // 100, answer.json()["ok"]) == (4, False)
