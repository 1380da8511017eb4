"""The sandbox plays Airtable's OAuth: consent, tokens and what becomes of them, over a real socket."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from sandbox.airtable.app import CONFLICT_S
from sandbox.settings import SandboxSettings
from tests.e2e.airtable_client import (
    CHALLENGE,
    CLIENT_ID,
    REDIRECT_URI,
    SCOPE,
    SECRET,
    STATE,
    VERIFIER,
    Airtable,
    answer_of,
)
from tests.e2e.sandbox_server import sandbox_in_thread

FORM = {"decision": "approve", "account": "acme"}


@pytest.fixture(scope="module")
def running() -> Iterator[Airtable]:
    with sandbox_in_thread(SandboxSettings()) as sandbox:
        yield Airtable(sandbox)


@pytest.fixture
def airtable(running: Airtable) -> Airtable:
    running.control("POST", "/reset")
    return running


class TestConsent:
    def test_the_page_offers_both_accounts_and_names_every_scope(self, airtable: Airtable) -> None:
        page = airtable.http.get(airtable.authorize_url())
        assert page.status_code == 200
        assert "Airtable sandbox" in page.text
        assert re.findall(r'name="account" value="(\w+)"', page.text) == ["acme", "globex"]
        assert all(scope in page.text for scope in SCOPE.split())

    def test_the_page_has_a_mark_of_its_own_and_nothing_that_its_policy_forbids(self, airtable: Airtable) -> None:
        page = airtable.http.get(airtable.authorize_url())
        assert '<div class="brand"><svg' in page.text
        assert "unsafe" not in page.headers["content-security-policy"]
        assert not re.search(r'(src|href)="(?!data:,)|<script| style=|url\(', page.text)

    def test_approval_leads_back_with_code_state_and_the_challenge(self, airtable: Airtable) -> None:
        given = airtable.consent()
        assert given.pop("code")
        assert given == {"state": STATE, "code_challenge": CHALLENGE, "code_challenge_method": "S256"}

    def test_denial_leads_back_with_an_error_and_nothing_else(self, airtable: Airtable) -> None:
        given = airtable.consent(decision="deny")
        assert given.keys() == {"error", "error_description", "state"}
        assert (given["error"], given["state"]) == ("access_denied", STATE)

    @pytest.mark.parametrize(
        "changes",
        [
            {"client_id": "another"},
            {"client_id": None},
            {"redirect_uri": "https://elsewhere.example.com/integrations/airtable/oauth2callback"},
            {"redirect_uri": REDIRECT_URI.replace("airtable", "notion")},
            {"redirect_uri": f"{REDIRECT_URI}/"},
            {"redirect_uri": None},
        ],
    )
    def test_an_unknown_app_or_address_ends_on_a_page(self, airtable: Airtable, changes: dict[str, str | None]) -> None:
        url = airtable.authorize_url(**changes)
        for answer in (airtable.http.get(url), airtable.http.post(url, data=FORM)):
            assert answer.status_code == 400
            assert "This connection cannot be made" in answer.text
            assert "location" not in answer.headers

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"response_type": None}, "invalid_request"),
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"scope": None}, "invalid_request"),
            ({"scope": " "}, "invalid_request"),
            ({"scope": "schema.bases:read schema.bases:read"}, "invalid_scope"),
            ({"scope": "everything:read"}, "invalid_scope"),
            ({"code_challenge": None}, "invalid_request"),
            ({"code_challenge": "short"}, "invalid_request"),
            ({"code_challenge_method": None}, "invalid_request"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
        ],
    )
    def test_every_other_refusal_goes_back_to_the_app(
        self, airtable: Airtable, changes: dict[str, str | None], error: str
    ) -> None:
        url = airtable.authorize_url(**changes)
        for answer in (airtable.http.get(url), airtable.http.post(url, data=FORM)):
            given = answer_of(answer)
            assert given.keys() == {"error", "error_description", "state"}
            assert (given["error"], given["state"]) == (error, STATE)

    @pytest.mark.parametrize("state", ["x" * 15, "x" * 1025, "with space in the state", "tilde~" * 4])
    def test_a_state_that_airtable_would_not_take_is_refused(self, airtable: Airtable, state: str) -> None:
        given = answer_of(airtable.http.get(airtable.authorize_url(state=state)))
        assert (given["error"], given["state"]) == ("invalid_request", state)

    def test_a_state_is_mandatory(self, airtable: Airtable) -> None:
        given = answer_of(airtable.http.get(airtable.authorize_url(state=None)))
        assert given.keys() == {"error", "error_description"}

    @pytest.mark.parametrize("state", ["x" * 16, "x" * 1024, "A-Za-z0-9.-_and-more"])
    def test_every_state_that_it_would_take_comes_back(self, airtable: Airtable, state: str) -> None:
        assert airtable.consent(state=state)["state"] == state

    def test_a_doubled_parameter_ends_on_a_page(self, airtable: Airtable) -> None:
        assert airtable.http.get(f"{airtable.authorize_url()}&state={STATE}").status_code == 400

    def test_another_sites_page_cannot_approve(self, airtable: Airtable) -> None:
        foreign = {"Origin": "https://elsewhere.example.com"}
        assert airtable.http.post(airtable.authorize_url(), data=FORM, headers=foreign).status_code == 400


class TestCodes:
    def test_a_code_is_exchanged_for_the_documented_answer(self, airtable: Airtable) -> None:
        answer = airtable.redeem(airtable.consent("globex")["code"])
        tokens = answer.json()
        assert answer.headers["cache-control"] == "no-store"
        assert tokens.pop("access_token").startswith("oaa")
        assert tokens.pop("refresh_token").startswith("oar")
        assert tokens == {
            "token_type": "Bearer",
            "scope": SCOPE,
            "expires_in": 3600,
            "refresh_expires_in": 5_184_000,
        }

    def test_a_code_works_once(self, airtable: Airtable) -> None:
        code = airtable.consent()["code"]
        assert airtable.redeem(code).status_code == 200
        assert airtable.redeem(code).json()["error"] == "invalid_grant"

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"redirect_uri": REDIRECT_URI.replace("8000", "8001")}, "invalid_grant"),
            ({"redirect_uri": None}, "invalid_request"),
            ({"code_verifier": "w" * 64}, "invalid_grant"),
            ({"code_verifier": None}, "invalid_request"),
            ({"code_verifier": "v" * 42}, "invalid_request"),
            ({"code_verifier": "v" * 129}, "invalid_request"),
            ({"code_verifier": "~" * 64}, "invalid_request"),
        ],
    )
    def test_an_exchange_that_fails_uses_the_code_up(
        self, airtable: Airtable, changes: dict[str, str | None], error: str
    ) -> None:
        code = airtable.consent()["code"]
        answer = airtable.redeem(code, **changes)
        assert (answer.status_code, answer.json()["error"]) == (400, error)
        assert answer.json().keys() == {"error", "error_description"}
        assert airtable.redeem(code).json()["error"] == "invalid_grant"

    @pytest.mark.parametrize("code", ["unknown", ""])
    def test_an_unknown_code_is_refused(self, airtable: Airtable, code: str) -> None:
        assert airtable.redeem(code).json()["error"] == ("invalid_grant" if code else "invalid_request")


class TestClients:
    @pytest.mark.parametrize(
        "auth",
        [
            None,
            httpx.BasicAuth(CLIENT_ID, "wrong"),
            httpx.BasicAuth("another", SECRET),
            httpx.BasicAuth(CLIENT_ID, ""),
        ],
    )
    def test_a_client_without_its_secret_is_401_and_uses_no_code_up(
        self, airtable: Airtable, auth: httpx.BasicAuth | None
    ) -> None:
        code = airtable.consent()["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
        form |= {"code_verifier": VERIFIER, "client_id": CLIENT_ID}
        answer = airtable.token(form, auth)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic ")
        assert airtable.redeem(code).status_code == 200

    def test_credentials_in_the_form_do_not_count(self, airtable: Airtable) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": CLIENT_ID, "client_secret": SECRET}
        assert airtable.token(form, None).status_code == 401
        assert airtable.token(form).json()["error"] == "invalid_request"

    def test_the_id_in_the_form_must_be_the_same(self, airtable: Airtable) -> None:
        assert airtable.redeem(airtable.consent()["code"], client_id=CLIENT_ID).status_code == 200
        answer = airtable.redeem(airtable.consent()["code"], client_id="another")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    @pytest.mark.parametrize(
        ("form", "error"),
        [
            ({"grant_type": "password"}, "unsupported_grant_type"),
            ({"code": "x"}, "invalid_request"),
            ({"grant_type": "refresh_token"}, "invalid_request"),
        ],
    )
    def test_an_incomplete_form_is_refused(self, airtable: Airtable, form: dict[str, str], error: str) -> None:
        answer = airtable.token(form)
        assert (answer.status_code, answer.json()["error"]) == (400, error)

    @pytest.mark.parametrize(
        ("content_type", "body"),
        [
            ("application/json", b'{"grant_type": "refresh_token"}'),
            ("application/x-www-form-urlencoded", b"grant_type=refresh_token&grant_type=refresh_token"),
            ("application/x-www-form-urlencoded", b"grant_type=%ff"),
            ("application/x-www-form-urlencoded", b"\xff"),
            ("application/x-www-form-urlencoded", b"&".join(b"a%d=b" % n for n in range(101))),
        ],
    )
    def test_no_form_is_too_odd_to_be_refused(self, airtable: Airtable, content_type: str, body: bytes) -> None:
        headers = {"Content-Type": content_type}
        auth = httpx.BasicAuth(CLIENT_ID, SECRET)
        answer = airtable.http.post(f"{airtable.url}/oauth2/v1/token", content=body, headers=headers, auth=auth)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    @pytest.mark.parametrize("credentials", ["Basic !", "Basic /w==", "Basic", "Bearer x"])
    def test_no_header_is_too_odd_to_be_refused(self, airtable: Airtable, credentials: str) -> None:
        headers = {"Authorization": credentials}
        answer = airtable.http.post(f"{airtable.url}/oauth2/v1/token", data={"a": "b"}, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


class TestRenewals:
    def works(self, airtable: Airtable, access_token: str) -> bool:
        return airtable.get("/meta/whoami", access_token).status_code == 200

    def test_a_renewal_replaces_both_tokens_at_once(self, airtable: Airtable) -> None:
        first = airtable.tokens()
        second = airtable.renew(first["refresh_token"]).json()
        assert second.keys() == first.keys()
        assert second["refresh_token"] != first["refresh_token"]
        assert not self.works(airtable, first["access_token"])
        assert self.works(airtable, second["access_token"])

    def test_one_that_was_refreshed_a_moment_ago_is_409_and_ends_nothing(self, airtable: Airtable) -> None:
        first = airtable.tokens()
        second = airtable.renew(first["refresh_token"]).json()
        replayed = airtable.renew(first["refresh_token"])
        assert (replayed.status_code, replayed.json()["error"]) == (409, "conflict")
        assert replayed.json().keys() == {"error", "error_description"}
        assert self.works(airtable, second["access_token"])
        assert airtable.renew(second["refresh_token"]).status_code == 200

    def test_two_renewals_at_once_are_one_and_a_conflict(self, airtable: Airtable) -> None:
        token = airtable.tokens()["refresh_token"]
        with ThreadPoolExecutor(2) as both:
            answers = list(both.map(airtable.renew, [token, token]))
        assert sorted(answer.status_code for answer in answers) == [200, 409]

    def test_a_replaced_refresh_token_that_comes_again_later_ends_the_grant(self, airtable: Airtable) -> None:
        first = airtable.tokens()
        second = airtable.renew(first["refresh_token"]).json()
        time.sleep(CONFLICT_S)
        replayed = airtable.renew(first["refresh_token"])
        assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_grant")
        assert airtable.renew(second["refresh_token"]).status_code == 400
        assert not self.works(airtable, second["access_token"])

    def test_what_becomes_of_a_replaced_token_is_a_knob(self, airtable: Airtable) -> None:
        airtable.control("PATCH", body={"refresh_reuse": "grace"})
        first = airtable.tokens()
        assert airtable.renew(first["refresh_token"]).status_code == 200
        assert airtable.renew(first["refresh_token"]).status_code == 200

    def test_two_connections_of_one_account_live_side_by_side(self, airtable: Airtable) -> None:
        first, second = airtable.tokens(), airtable.tokens()
        renewed = airtable.renew(second["refresh_token"]).json()
        assert self.works(airtable, first["access_token"])
        assert self.works(airtable, renewed["access_token"])

    def test_an_unknown_refresh_token_is_refused(self, airtable: Airtable) -> None:
        answer = airtable.renew("oar-unknown")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    def test_a_renewal_cannot_add_a_scope(self, airtable: Airtable) -> None:
        tokens = airtable.tokens(scope="schema.bases:read")
        widened = airtable.renew(tokens["refresh_token"], scope="schema.bases:read data.records:read")
        assert (widened.status_code, widened.json()["error"]) == (400, "invalid_scope")
        assert airtable.renew(tokens["refresh_token"], scope="schema.bases:read").status_code == 200

    def test_there_is_no_revocation_endpoint(self, airtable: Airtable) -> None:
        tokens = airtable.tokens()
        answer = airtable.http.post(f"{airtable.url}/oauth2/v1/revoke", data={"token": tokens["refresh_token"]})
        assert (answer.status_code, answer.json()) == (404, {"error": "NOT_FOUND"})
        assert self.works(airtable, tokens["access_token"])

    def test_expired_and_revoked_tokens_are_refused(self, airtable: Airtable) -> None:
        acme, globex = airtable.tokens("acme"), airtable.tokens("globex")
        assert airtable.control("POST", "/expire", {"account": "acme"}) == {"expired": 1}
        assert not self.works(airtable, acme["access_token"])
        assert airtable.renew(acme["refresh_token"]).status_code == 200
        assert airtable.control("POST", "/revoke", {"account": "globex"}) == {"revoked": 1}
        assert not self.works(airtable, globex["access_token"])
        assert airtable.renew(globex["refresh_token"]).status_code == 400
