"""The sandbox's control calls: knobs, records, tokens, the request log, and who may use them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from sandbox.settings import SandboxSettings
from tests.e2e.sandbox_server import Sandbox, sandbox_in_thread

CONTACTS = "/crm/v3/objects/contacts"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with sandbox_in_thread(SandboxSettings(contacts=120)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.control("POST", "/reset")
    return running


class TestKnobs:
    def test_they_are_shown_as_started(self, sandbox: Sandbox) -> None:
        assert sandbox.control("GET") == {
            "latency_ms": 0,
            "access_token_ttl_s": 1800,
            "refresh_reuse": "allow",
            "limits": True,
            "records": {"contact": 120, "company": 10, "deal": 10},
        }

    def test_what_is_shown_can_be_sent_back(self, sandbox: Sandbox) -> None:
        shown = sandbox.control("GET")
        assert sandbox.control("PATCH", body=shown) == shown

    def test_only_what_is_named_changes(self, sandbox: Sandbox) -> None:
        before = sandbox.control("GET")
        assert sandbox.control("PATCH", body={"latency_ms": 1}) == {**before, "latency_ms": 1}

    def test_latency_slows_every_answer(self, sandbox: Sandbox) -> None:
        sandbox.control("PATCH", body={"latency_ms": 150})
        assert sandbox.http.get(sandbox.authorize_url()).elapsed.total_seconds() >= 0.15

    def test_the_lifetime_is_that_of_tokens_issued_from_now_on(self, sandbox: Sandbox) -> None:
        sandbox.control("PATCH", body={"access_token_ttl_s": 60})
        assert sandbox.tokens()["expires_in"] == 60

    @pytest.mark.parametrize("name", ["contact", "contacts", "0-1"])
    def test_records_sets_how_many_acme_has(self, sandbox: Sandbox, name: str) -> None:
        sandbox.control("PATCH", body={"records": {name: 7}})
        assert len(sandbox.contacts(sandbox.tokens()["access_token"])) == 7
        assert len(sandbox.contacts(sandbox.tokens("globex")["access_token"])) == 10

    def test_a_changed_record_counts_as_every_other(self, sandbox: Sandbox) -> None:
        token, changed = sandbox.tokens()["access_token"], "4551"  # the 91st
        shape = {"id": changed, "properties": {"firstname": "Changed"}}
        sandbox.control("POST", "/records", {"account": "acme", "kind": "contact", "upsert": [shape]})
        assert sandbox.get(f"{CONTACTS}/{changed}", token).json()["properties"]["firstname"] == "Changed"
        assert sandbox.control("PATCH", body={"records": {"contact": 10}})["records"]["contact"] == 10
        assert len(sandbox.contacts(token)) == 10
        assert sandbox.get(f"{CONTACTS}/{changed}", token).status_code == 404

    def test_with_grace_a_replaced_refresh_token_is_taken_again(self, sandbox: Sandbox) -> None:
        sandbox.control("PATCH", body={"refresh_reuse": "grace"})
        first = sandbox.tokens()["refresh_token"]
        second = sandbox.renew(first).json()["refresh_token"]
        assert second != first
        assert sandbox.renew(first).status_code == 200
        assert sandbox.renew(second).status_code == 200

    def test_with_revoke_family_a_replaced_refresh_token_ends_the_grant(self, sandbox: Sandbox) -> None:
        sandbox.control("PATCH", body={"refresh_reuse": "revoke_family"})
        first = sandbox.tokens()
        second = sandbox.renew(first["refresh_token"]).json()
        assert sandbox.renew(first["refresh_token"]).json()["status"] == "BAD_REFRESH_TOKEN"
        assert sandbox.renew(second["refresh_token"]).json()["status"] == "BAD_REFRESH_TOKEN"
        assert sandbox.get(CONTACTS, second["access_token"]).status_code == 401


class TestRecords:
    def change(self, sandbox: Sandbox, **change: Any) -> dict[str, list[str]]:
        body = {"account": "acme", "kind": "contact", **change}
        changed: dict[str, list[str]] = sandbox.control("POST", "/records", body)
        return changed

    def test_a_changed_record_keeps_what_was_not_named(self, sandbox: Sandbox) -> None:
        token = sandbox.tokens()["access_token"]
        before = sandbox.get(f"{CONTACTS}/51", token).json()
        self.change(sandbox, upsert=[{"id": "51", "properties": {"firstname": "Changed"}}])
        after = sandbox.get(f"{CONTACTS}/51", token).json()
        assert after["properties"]["firstname"] == "Changed"
        assert after["properties"]["email"] == before["properties"]["email"]
        assert after["createdAt"] == before["createdAt"]
        assert datetime.fromisoformat(after["updatedAt"]) > datetime.fromisoformat(before["updatedAt"])

    def test_an_answer_can_be_sent_back_as_a_record(self, sandbox: Sandbox) -> None:
        token = sandbox.tokens()["access_token"]
        shown = sandbox.get(f"{CONTACTS}/51", token).json()
        self.change(sandbox, upsert=[shown])
        assert sandbox.get(f"{CONTACTS}/51", token).json() == shown

    def test_a_new_record_gets_an_id_and_comes_last(self, sandbox: Sandbox) -> None:
        changed = self.change(sandbox, upsert=[{"properties": {"email": "new@example.com"}}])
        contacts = sandbox.contacts(sandbox.tokens()["access_token"])
        assert [contacts[-1]["id"]] == changed["upserted"]
        assert contacts[-1]["properties"]["email"] == "new@example.com"
        assert len(contacts) == 121

    def test_a_deleted_record_is_listed_as_archived_only(self, sandbox: Sandbox) -> None:
        token = sandbox.tokens()["access_token"]
        assert self.change(sandbox, delete=["101", "1"]) == {"upserted": [], "deleted": ["101"]}
        assert "101" not in {contact["id"] for contact in sandbox.contacts(token)}
        [archived] = sandbox.contacts(token, archived="true")
        assert (archived["id"], archived["archived"]) == ("101", True)
        assert datetime.fromisoformat(archived["archivedAt"]) > datetime.fromisoformat(archived["createdAt"])
        assert sandbox.get(f"{CONTACTS}/101", token).status_code == 404
        assert sandbox.get(f"{CONTACTS}/101", token, archived="true").status_code == 200

    def test_deletions_between_two_pages_hide_nothing(self, sandbox: Sandbox) -> None:
        token = sandbox.tokens()["access_token"]
        first = sandbox.get(CONTACTS, token, limit=100).json()
        self.change(sandbox, delete=[contact["id"] for contact in first["results"][:50]])
        second = sandbox.get(CONTACTS, token, limit=100, after=first["paging"]["next"]["after"]).json()
        assert len(second["results"]) == 20

    def test_a_change_is_found_by_search(self, sandbox: Sandbox) -> None:
        token = sandbox.tokens()["access_token"]
        now = sandbox.control("GET", "/requests")["items"][-1]["at"]
        self.change(sandbox, upsert=[{"id": "151", "properties": {"lastname": "Changed"}}])
        filters = [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": now}]
        found = sandbox.post(f"{CONTACTS}/search", token, {"filterGroups": [{"filters": filters}]}).json()
        assert [contact["id"] for contact in found["results"]] == ["151"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"account": "nobody", "kind": "contact"}, "account"),
            ({"account": "acme", "kind": "page"}, "kind"),
            ({"account": "acme", "kind": "contact", "upsert": [{"properties": []}]}, "upsert[0]"),
            ({"account": "acme", "kind": "contact", "upsert": [{}, {"id": "x"}]}, "upsert[1]"),
            ({"account": "acme", "kind": "contact", "upsert": {}}, "upsert"),
            ({"account": "acme", "kind": "contact", "remove": []}, "remove"),
            ({"account": "acme"}, None),
        ],
    )
    def test_a_bad_change_names_its_field_and_changes_nothing(
        self, sandbox: Sandbox, body: dict[str, Any], field: str | None
    ) -> None:
        answer = sandbox.http.post(f"{sandbox.url}/_control/hubspot/records", json=body)
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert len(sandbox.contacts(sandbox.tokens()["access_token"])) == 120


class TestGrants:
    def test_expired_access_tokens_are_refused_and_can_be_renewed(self, sandbox: Sandbox) -> None:
        tokens = sandbox.tokens()
        assert sandbox.control("POST", "/expire") == {"expired": 1}
        refused = sandbox.get(CONTACTS, tokens["access_token"])
        assert (refused.status_code, refused.json()["category"]) == (401, "INVALID_AUTHENTICATION")
        renewed = sandbox.renew(tokens["refresh_token"]).json()
        assert sandbox.get(CONTACTS, renewed["access_token"]).status_code == 200

    def test_revoked_grants_cannot_be_renewed(self, sandbox: Sandbox) -> None:
        tokens = sandbox.tokens()
        assert sandbox.control("POST", "/revoke") == {"revoked": 1}
        assert sandbox.get(CONTACTS, tokens["access_token"]).status_code == 401
        assert sandbox.renew(tokens["refresh_token"]).json()["status"] == "BAD_REFRESH_TOKEN"

    @pytest.mark.parametrize("call", ["/expire", "/revoke"])
    def test_one_account_can_be_chosen(self, sandbox: Sandbox, call: str) -> None:
        acme, globex = sandbox.tokens(), sandbox.tokens("globex")
        sandbox.control("POST", call, {"account": "globex"})
        assert sandbox.get(CONTACTS, acme["access_token"]).status_code == 200
        assert sandbox.get(CONTACTS, globex["access_token"]).status_code == 401


class TestRequestLog:
    def test_requests_are_logged_in_order_and_in_full(self, sandbox: Sandbox) -> None:
        token = sandbox.tokens()["access_token"]
        sandbox.get(CONTACTS, token, limit=5, after=10)
        consent, exchange, listing = sandbox.control("GET", "/requests")["items"]
        assert [consent["path"], exchange["path"]] == ["/hubspot/oauth/authorize", "/hubspot/oauth/2026-03/token"]
        assert consent["status"] == 302
        assert "grant_type=authorization_code" in exchange["body"]
        assert (listing["method"], listing["path"]) == ("GET", f"/hubspot{CONTACTS}")
        assert (listing["query"], listing["status"], listing["body"]) == ("limit=5&after=10", 200, "")
        assert listing["headers"]["authorization"] == f"Bearer {token}"
        assert consent["at"] <= exchange["at"] <= listing["at"]

    def test_it_can_be_emptied(self, sandbox: Sandbox) -> None:
        sandbox.tokens()
        assert sandbox.control("DELETE", "/requests") is None
        assert sandbox.control("GET", "/requests") == {"items": []}


def test_reset_brings_everything_back_as_started(sandbox: Sandbox) -> None:
    tokens = sandbox.tokens()
    sandbox.control("PATCH", body={"latency_ms": 1, "records": {"contact": 3}})
    sandbox.control("POST", "/records", {"account": "acme", "kind": "contact", "delete": ["51"]})
    sandbox.control("POST", "/faults", [{"path": "/", "status": 500, "times": 99}])
    shown = sandbox.control("POST", "/reset")
    assert (shown["latency_ms"], shown["records"]["contact"]) == (0, 120)
    assert sandbox.control("GET", "/requests") == {"items": []}
    assert sandbox.renew(tokens["refresh_token"]).json()["status"] == "BAD_REFRESH_TOKEN"
    assert len(sandbox.contacts(sandbox.tokens()["access_token"])) == 120


class TestWhoMayCall:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"latency_ms": "x"}, "latency_ms"),
            ({"latency_ms": -1}, "latency_ms"),
            ({"latncy_ms": 1}, "latncy_ms"),
            ({"refresh_reuse": "never"}, "refresh_reuse"),
            ({"records": {"page": 1}}, "records.page"),
            ([], None),
        ],
    )
    def test_a_bad_body_names_its_field(self, sandbox: Sandbox, body: Any, field: str | None) -> None:
        answer = sandbox.http.patch(f"{sandbox.url}/_control/hubspot", json=body)
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert answer.json()["detail"]

    def test_what_is_not_json_is_refused(self, sandbox: Sandbox) -> None:
        url = f"{sandbox.url}/_control/hubspot"
        assert sandbox.http.patch(url, content='{"latency_ms": 1}').status_code == 415
        assert sandbox.http.patch(url, data={"latency_ms": "1"}).status_code == 415
        text, json = {"Content-Type": "text/plain"}, {"Content-Type": "application/json"}
        assert sandbox.http.post(f"{url}/expire", headers=text, content="{}").status_code == 415
        assert sandbox.http.patch(url, headers=json, content="{").status_code == 400

    @pytest.mark.parametrize("body", [b"\xff", b'["\xff"]', b"[" * 5000, b'[{"path": "/", "json": ' + b"[" * 5000, b""])
    def test_no_body_is_too_odd_to_be_refused(self, sandbox: Sandbox, body: bytes) -> None:
        json = {"Content-Type": "application/json"}
        assert (
            sandbox.http.post(f"{sandbox.url}/_control/hubspot/faults", headers=json, content=body).status_code == 400
        )

    def test_an_unknown_provider_is_404(self, sandbox: Sandbox) -> None:
        answer = sandbox.http.get(f"{sandbox.url}/_control/nowhere")
        assert (answer.status_code, "hubspot" in answer.json()["detail"]) == (404, True)

    @pytest.mark.parametrize("path", ["/_control/hubspot", "/hubspot/oauth/authorize", "/"])
    @pytest.mark.parametrize("host", ["elsewhere.example.com", "127.0.0.1", "127.0.0.1:1", "localhost.example.com:80"])
    def test_another_host_name_is_refused(self, sandbox: Sandbox, path: str, host: str) -> None:
        assert sandbox.http.get(f"{sandbox.url}{path}", headers={"Host": host}).status_code == 403

    def test_both_loopback_names_are_taken(self, sandbox: Sandbox) -> None:
        port = sandbox.url.rpartition(":")[2]
        for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"):
            assert sandbox.http.get(f"{sandbox.url}/_control/hubspot", headers={"Host": host}).status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://elsewhere.example.com"},
            {"Origin": "null"},
            {"Origin": "http://localhost:8000"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
    )
    def test_another_sites_page_is_refused_and_sees_no_cors_header(
        self, sandbox: Sandbox, headers: dict[str, str]
    ) -> None:
        url = f"{sandbox.url}/_control/hubspot"
        for answer in (
            sandbox.http.get(url, headers=headers),
            sandbox.http.post(f"{url}/reset", headers=headers),
            sandbox.http.options(url, headers={**headers, "Access-Control-Request-Method": "PATCH"}),
        ):
            assert answer.status_code == 403
            assert not [name for name in answer.headers if name.startswith("access-control")]


def test_the_first_page_explains_every_control_call(sandbox: Sandbox) -> None:
    page = sandbox.http.get(f"{sandbox.url}/")
    assert page.headers["content-type"].startswith("text/html")
    for shown in ("sandbox-hubspot", "sandbox-secret", "62515001"):
        assert shown in page.text
    for call in ("", "/faults", "/records", "/expire", "/revoke", "/requests", "/reset"):
        assert f"{sandbox.url}/_control/hubspot{call}" in page.text


def test_the_first_page_says_how_much_of_the_requests_is_kept(sandbox: Sandbox) -> None:
    page = sandbox.http.get(f"{sandbox.url}/").text
    assert "the last 10,000 requests" in page
    assert "of each body the first 16 KiB" in page
