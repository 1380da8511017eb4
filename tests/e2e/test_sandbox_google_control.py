"""Steering the sandbox's Google: people, grants, and faults where a sign-in can meet them."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from sandbox.settings import SandboxSettings
from tests.e2e.google_client import CLIENT_ID, NONCE, VERIFIER, Google
from tests.e2e.sandbox_server import sandbox_in_thread, sandbox_process

OFFLINE = {"access_type": "offline", "prompt": "consent"}
DOCUMENTS = ("/.well-known/openid-configuration", "/oauth2/v3/certs")


@pytest.fixture(scope="module")
def running() -> Iterator[Google]:
    with sandbox_in_thread(SandboxSettings(contacts=1)) as sandbox:
        yield Google(sandbox)


@pytest.fixture
def google(running: Google) -> Google:
    running.control("POST", "/reset")
    return running


class TestPeople:
    def test_an_address_can_change_under_the_same_sub(self, google: Google) -> None:
        before = google.believed(google.tokens())
        change = {"key": "gmail", "email": "sandbox-person-later@gmail.com"}
        google.control("POST", "/people", {"upsert": [change]})
        after = google.believed(google.tokens())
        assert after["sub"] == before["sub"]
        assert (before["email"], after["email"]) == ("sandbox-person@gmail.com", "sandbox-person-later@gmail.com")

    def test_an_address_can_pass_to_another_sub(self, google: Google) -> None:
        before = google.believed(google.tokens("workspace"))
        next_owner = {"key": "successor", "email": "workspace@example.com", "hd": "example.com"}
        google.control("POST", "/people", {"upsert": [next_owner], "delete": ["workspace"]})
        after = google.believed(google.tokens("successor"))
        assert (after["email"], after["hd"]) == (before["email"], before["hd"])
        assert after["sub"] != before["sub"]

    def test_both_stories_can_be_clicked_without_a_control_call(self, google: Google) -> None:
        moved, later, next_owner = (
            google.believed(google.tokens(key)) for key in ("moved", "moved-later", "next-owner")
        )
        assert moved["sub"] == later["sub"] != next_owner["sub"]
        assert moved["email"] == next_owner["email"] != later["email"]

    @pytest.mark.parametrize("wrapped", [False, True])
    def test_others_can_take_the_place_of_all(self, google: Google, wrapped: bool) -> None:
        people = [
            {"sub": "1001", "email": "shared@example.com", "name": "First"},
            {"sub": "1002", "email": "shared@example.com", "name": "Second"},
        ]
        shown = google.control("POST", "/people", {"people": people} if wrapped else people)
        assert [person["key"] for person in shown] == ["1001", "1002"]
        assert google.believed(google.tokens("1002"))["name"] == "Second"
        assert google.http.get(google.authorize_url()).text.count('name="account"') == 2
        google.control("POST", "/reset")
        assert len(google.control("GET", "/people")) == 7

    def test_nobody_can_use_what_was_granted_to_a_person_who_is_gone(self, google: Google) -> None:
        tokens, pending = google.tokens(**OFFLINE), google.callback()["code"]
        google.control("POST", "/people", {"delete": ["gmail"]})
        assert google.userinfo(tokens["access_token"]).status_code == 401
        renewal = google.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        for answer in (renewal, google.redeem(pending)):
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"upsert": [{"key": "new"}]}, None),
            ({"upsert": [{"email": 1}]}, "upsert[0].email"),
            ({"upsert": [{"mail": "a@example.com"}]}, "upsert[0].mail"),
            ({"person": []}, "person"),
            ([], None),
            ([{"key": ""}], "[0].key"),
            ("x", None),
        ],
    )
    def test_a_bad_change_names_its_field_and_changes_nobody(
        self, google: Google, body: Any, field: str | None
    ) -> None:
        before = google.control("GET", "/people")
        answer = google.http.post(f"{google.sandbox.url}/_control/google/people", json=body)
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert answer.json()["detail"]
        assert google.control("GET", "/people") == before

    def test_people_grants_and_subs_survive_a_restart(self, tmp_path: Path) -> None:
        with sandbox_process(state_file=tmp_path / "state.json") as (sandbox, process):
            google = Google(sandbox)
            google.control("POST", "/people", {"upsert": [{"key": "gmail", "email": "later@gmail.com"}]})
            before, tokens = google.control("GET", "/people"), google.tokens(**OFFLINE)
            pending = google.callback("outside")["code"]
            process.kill()
            process.wait()
        with sandbox_process(state_file=tmp_path / "state.json") as (sandbox, _):
            google = Google(sandbox)
            assert google.control("GET", "/people") == before
            assert google.userinfo(tokens["access_token"]).json()["email"] == "later@gmail.com"
            assert google.believed(google.redeem(pending, code_verifier=VERIFIER).json())["nonce"] == NONCE


class TestWhatAllProvidersHave:
    @pytest.mark.parametrize("call", ["/expire", "/revoke"])
    def test_one_person_can_be_chosen(self, google: Google, call: str) -> None:
        gmail, outside = google.tokens(), google.tokens("outside")
        google.control("POST", call, {"account": "outside"})
        assert google.userinfo(gmail["access_token"]).status_code == 200
        assert google.userinfo(outside["access_token"]).status_code == 401

    def test_an_expired_token_can_be_renewed_and_a_revoked_grant_cannot(self, google: Google) -> None:
        tokens = google.tokens(**OFFLINE)
        renewal = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        assert google.control("POST", "/expire") == {"expired": 1}
        assert google.userinfo(tokens["access_token"]).status_code == 401
        assert google.token(**renewal).status_code == 200
        assert google.control("POST", "/revoke") == {"revoked": 1}
        assert google.token(**renewal).json()["error"] == "invalid_grant"

    def test_the_lifetime_of_access_tokens_can_be_turned_and_id_tokens_keep_theirs(self, google: Google) -> None:
        google.control("PATCH", body={"access_token_ttl_s": 60})
        tokens = google.tokens()
        claims = google.believed(tokens)
        assert (tokens["expires_in"], claims["exp"] - claims["iat"]) == (60, 3600)

    def test_it_has_no_records_and_others_have_no_people(self, google: Google) -> None:
        assert google.control("GET")["records"] == {}
        control = f"{google.sandbox.url}/_control"
        records = {"account": "gmail", "kind": "contact", "upsert": []}
        assert google.http.post(f"{control}/google/records", json=records).status_code == 400
        for call in ("people", "id_token", "rotate-keys"):
            assert google.http.post(f"{control}/hubspot/{call}", json={}).status_code == 404
            assert google.http.post(f"{control}/nowhere/{call}", json={}).status_code == 404

    async def test_every_request_of_a_sign_in_is_logged(self, google: Google) -> None:
        await google.sign_in()
        logged = google.control("GET", "/requests")["items"]
        assert [(request["method"], urlsplit(request["path"]).path) for request in logged] == [
            ("GET", "/google/.well-known/openid-configuration"),
            ("POST", "/google/o/oauth2/v2/auth"),
            ("POST", "/google/token"),
        ]
        assert f"code_verifier={VERIFIER}" in logged[-1]["body"]


class TestFaults:
    @pytest.mark.parametrize("path", DOCUMENTS)
    def test_a_document_can_be_refused_cut_reset_and_late(self, google: Google, path: str) -> None:
        whole = google.get(path).content
        script(
            google,
            {"path": path, "status": 500},
            {"path": path, "cut_after_bytes": len(whole) // 2},
            {"path": path, "reset": True},
            {"path": path, "delay_ms": 3000},
        )
        assert google.get(path).status_code == 500
        for broken in (httpx.RemoteProtocolError, httpx.ReadError):
            with pytest.raises(broken):
                google.get(path)
        with pytest.raises(httpx.ReadTimeout):
            google.get(path, timeout=0.2)
        assert google.get(path).content == whole

    def test_a_refused_exchange_leaves_the_code(self, google: Google) -> None:
        script(google, {"path": "/token", "status": 500})
        code = google.callback()["code"]
        assert [google.redeem(code).status_code, google.redeem(code).status_code] == [500, 200]

    @pytest.mark.parametrize(
        "suffering", [{"reset": True}, {"cut_after_bytes": 10}, {"status": 500, "act": True, "reset": True}]
    )
    def test_an_exchange_whose_answer_breaks_uses_the_code_up(self, google: Google, suffering: dict[str, Any]) -> None:
        script(google, {"path": "/token", **suffering})
        code = google.callback()["code"]
        with pytest.raises(httpx.TransportError):
            google.redeem(code)
        assert google.redeem(code).json()["error"] == "invalid_grant"

    @pytest.mark.parametrize("path", [*DOCUMENTS, "/token"])
    def test_latency_delays_every_answer(self, google: Google, path: str) -> None:
        google.control("PATCH", body={"latency_ms": 2000})
        with pytest.raises(httpx.ReadTimeout):
            google.http.request("POST" if path == "/token" else "GET", f"{google.issuer}{path}", timeout=0.2)

    def test_a_document_can_be_replaced(self, google: Google) -> None:
        forged = {**google.discovery(), "issuer": "http://elsewhere.example.com"}
        script(google, {"path": DOCUMENTS[0], "json": forged, "headers": {"Cache-Control": "no-store"}})
        answer = google.get(DOCUMENTS[0])
        assert (answer.json(), answer.headers["cache-control"]) == (forged, "no-store")


def test_the_first_page_explains_it_and_its_control_calls(google: Google) -> None:
    page = unescape(google.http.get(f"{google.sandbox.url}/").text)
    for shown in (CLIENT_ID, google.issuer, *(person["email"] for person in google.control("GET", "/people"))):
        assert shown in page
    paths = ("", "/faults", "/expire", "/revoke", "/requests", "/reset", "/people", "/id_token", "/rotate-keys")
    for path in paths:
        assert f"{google.sandbox.url}/_control/google{path}" in page


def script(google: Google, *faults: dict[str, Any]) -> None:
    google.control("POST", "/faults", list(faults))
