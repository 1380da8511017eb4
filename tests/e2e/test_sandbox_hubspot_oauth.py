"""The sandbox plays HubSpot's OAuth: consent, tokens and what becomes of them, over a real socket."""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator

import httpx
import pytest

from sandbox.settings import SandboxSettings
from tests.e2e.sandbox_server import CLIENT, REDIRECT_URI, Sandbox, sandbox_in_thread

CONTACTS = "/crm/v3/objects/contacts"
VERIFIER = "a" * 64
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with sandbox_in_thread(SandboxSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.control("POST", "/reset")
    return running


class TestConsent:
    def test_the_page_offers_both_accounts_and_names_every_scope(self, sandbox: Sandbox) -> None:
        page = sandbox.http.get(sandbox.authorize_url())
        assert page.status_code == 200
        assert "HubSpot sandbox" in page.text
        assert re.findall(r'name="account" value="(\w+)"', page.text) == ["acme", "globex"]
        assert re.findall(r'name="decision" value="(\w+)"', page.text) == ["approve", "deny"]
        assert "62515001" in page.text
        assert "crm.objects.deals.read" in page.text

    def test_the_page_cuts_its_opener_off_and_loads_nothing(self, sandbox: Sandbox) -> None:
        page = sandbox.http.get(sandbox.authorize_url())
        policy = page.headers["content-security-policy"]
        assert page.headers["cross-origin-opener-policy"] == "same-origin"
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r'(src|href)="(?!data:,)', page.text)

    def test_the_form_may_lead_to_the_redirect_uri(self, sandbox: Sandbox) -> None:
        policy = sandbox.http.get(sandbox.authorize_url()).headers["content-security-policy"]
        assert "form-action 'self' http://127.0.0.1:8000 http://localhost:8000;" in policy

    def test_an_account_can_be_pinned_by_the_path(self, sandbox: Sandbox) -> None:
        pinned = sandbox.authorize_url().replace("/oauth/authorize", "/oauth/62515002/authorize")
        assert re.findall(r'name="account" value="(\w+)"', sandbox.http.get(pinned).text) == ["globex"]
        assert sandbox.http.post(pinned, data={"decision": "approve", "account": "acme"}).status_code == 400

    def test_approval_leads_back_with_code_and_state(self, sandbox: Sandbox) -> None:
        answer = sandbox.http.post(sandbox.authorize_url(), data={"decision": "approve", "account": "acme"})
        assert answer.status_code == 302
        assert answer.headers["location"].startswith(f"{REDIRECT_URI}?code=")
        assert answer.headers["location"].endswith("&state=s1")

    def test_denial_leads_back_with_an_error_and_no_code(self, sandbox: Sandbox) -> None:
        given = sandbox.consent(decision="deny")
        assert (given["error"], given["state"], "code" in given) == ("access_denied", "s1", False)

    def test_what_is_shown_is_escaped(self, sandbox: Sandbox) -> None:
        page = sandbox.http.get(sandbox.authorize_url(scope='oauth "><script>x</script>'))
        assert "<script>" not in page.text

    @pytest.mark.parametrize(
        "changes",
        [
            {"client_id": "another"},
            {"client_id": None},
            {"redirect_uri": "https://elsewhere.example.com/integrations/hubspot/oauth2callback"},
            {"redirect_uri": "http://localhost:8000/integrations/notion/oauth2callback"},
            {"redirect_uri": "http://localhost:8000@elsewhere.example.com/integrations/hubspot/oauth2callback"},
            {"redirect_uri": None},
            {"scope": None},
            {"scope": " "},
            {"response_type": "token"},
            {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
        ],
    )
    def test_a_wrong_request_ends_on_an_error_page(self, sandbox: Sandbox, changes: dict[str, str | None]) -> None:
        form = {"decision": "approve", "account": "acme"}
        url = sandbox.authorize_url(**changes)
        for answer in (sandbox.http.get(url), sandbox.http.post(url, data=form)):
            assert answer.status_code == 400
            assert "This connection cannot be made" in answer.text
            assert "location" not in answer.headers

    def test_a_doubled_parameter_is_refused(self, sandbox: Sandbox) -> None:
        assert sandbox.http.get(f"{sandbox.authorize_url()}&state=s2").status_code == 400

    @pytest.mark.parametrize(
        "form", [{"decision": "approve"}, {"decision": "approve", "account": "nobody"}, {"account": "acme"}, {}]
    )
    def test_an_incomplete_decision_is_refused(self, sandbox: Sandbox, form: dict[str, str]) -> None:
        assert sandbox.http.post(sandbox.authorize_url(), data=form).status_code == 400

    def test_another_sites_page_cannot_approve(self, sandbox: Sandbox) -> None:
        form, foreign = {"decision": "approve", "account": "acme"}, {"Origin": "https://elsewhere.example.com"}
        assert sandbox.http.post(sandbox.authorize_url(), data=form, headers=foreign).status_code == 400


class TestTokens:
    @pytest.mark.parametrize("version", ["2026-09", "2026-03", "v3", "v1"])
    def test_each_generation_exchanges_a_code_for_the_documented_answer(self, sandbox: Sandbox, version: str) -> None:
        code = sandbox.consent("globex")["code"]
        answer = sandbox.redeem(code, path=f"/hubspot/oauth/{version}/token")
        tokens = answer.json()
        assert answer.status_code == 200
        assert len(tokens.pop("access_token")) >= 300
        assert tokens.pop("refresh_token")
        assert tokens == {
            "token_type": "bearer",
            "token_use": "access_token",
            "expires_in": 1800,
            "hub_id": 62515002,
            "user_id": 7002,
            "scopes": [
                "oauth",
                "crm.objects.contacts.read",
                "crm.objects.companies.read",
                "crm.objects.deals.read",
            ],
        }

    def test_a_code_works_once(self, sandbox: Sandbox) -> None:
        code = sandbox.consent()["code"]
        assert sandbox.redeem(code).status_code == 200
        assert sandbox.redeem(code).json()["status"] == "BAD_AUTH_CODE"

    def test_a_code_is_bound_to_its_redirect_uri(self, sandbox: Sandbox) -> None:
        answer = sandbox.redeem(sandbox.consent()["code"], redirect_uri=REDIRECT_URI.replace("8000", "8001"))
        assert (answer.status_code, answer.json()["status"]) == (400, "BAD_REDIRECT_URI")

    def test_a_challenge_that_was_sent_must_be_answered(self, sandbox: Sandbox) -> None:
        def code() -> str:
            return sandbox.consent(code_challenge=CHALLENGE, code_challenge_method="S256")["code"]

        assert sandbox.redeem(code()).status_code == 400
        assert sandbox.redeem(code(), code_verifier="b" * 64).status_code == 400
        assert sandbox.redeem(code(), code_verifier=VERIFIER).status_code == 200

    @pytest.mark.parametrize(
        ("changes", "error", "status"),
        [
            ({"client_id": "another"}, "invalid_client", "BAD_CLIENT_ID"),
            ({"client_secret": "wrong"}, "invalid_client", "BAD_CLIENT_SECRET"),
            ({"grant_type": "password"}, "unsupported_grant_type", "BAD_GRANT_TYPE"),
            ({"code": "unknown"}, "invalid_grant", "BAD_AUTH_CODE"),
        ],
    )
    def test_a_refusal_has_both_the_new_and_the_old_fields(
        self, sandbox: Sandbox, changes: dict[str, str], error: str, status: str
    ) -> None:
        answer = sandbox.redeem(**{"code": sandbox.consent()["code"], **changes})
        body = answer.json()
        assert answer.status_code == 400
        assert (body["error"], body["status"]) == (error, status)
        assert body["error_description"] == body["message"]

    def test_credentials_count_in_the_form_alone(self, sandbox: Sandbox) -> None:
        form = {"grant_type": "authorization_code", "code": sandbox.consent()["code"], "redirect_uri": REDIRECT_URI}
        url = f"{sandbox.url}/hubspot/oauth/2026-03/token"
        basic = httpx.BasicAuth(CLIENT["client_id"], CLIENT["client_secret"])
        assert sandbox.http.post(url, data=form, auth=basic).json()["status"] == "BAD_CLIENT_ID"
        assert sandbox.http.post(url, params={**form, **CLIENT}, data={"a": "b"}).json()["status"] == "BAD_CLIENT_ID"
        assert sandbox.http.post(url, json={**form, **CLIENT}).status_code == 415

    def test_a_refresh_token_stays_the_same(self, sandbox: Sandbox) -> None:
        first = sandbox.tokens()
        second = sandbox.renew(first["refresh_token"]).json()
        assert second["refresh_token"] == first["refresh_token"]
        assert second["access_token"] != first["access_token"]
        assert sandbox.get(CONTACTS, second["access_token"]).status_code == 200

    def test_two_connections_of_one_account_share_the_refresh_token(self, sandbox: Sandbox) -> None:
        assert sandbox.tokens("acme")["refresh_token"] == sandbox.tokens("acme")["refresh_token"]
        assert sandbox.tokens("acme")["refresh_token"] != sandbox.tokens("globex")["refresh_token"]

    def test_an_unknown_refresh_token_is_refused_as_hubspot_says_it(self, sandbox: Sandbox) -> None:
        answer = sandbox.renew("unknown")
        assert answer.status_code == 400
        assert answer.json() | {"correlationId": ""} == {
            "error": "invalid_grant",
            "error_description": "refresh token is invalid, expired or revoked",
            "status": "BAD_REFRESH_TOKEN",
            "message": "refresh token is invalid, expired or revoked",
            "correlationId": "",
        }

    @pytest.mark.parametrize("version", ["2026-09", "2026-03", "v3"])
    def test_introspection_tells_both_kinds_of_token(self, sandbox: Sandbox, version: str) -> None:
        tokens, path = sandbox.tokens(), f"/hubspot/oauth/{version}/token/introspect"
        access = sandbox.token(path, token=tokens["access_token"]).json()
        refresh = sandbox.token(path, token=tokens["refresh_token"]).json()
        assert (access["active"], access["token_use"], access["hub_id"]) == (True, "access_token", 62515001)
        assert 1790 < access["expires_in"] <= 1800
        assert (refresh["active"], refresh["token_use"]) == (True, "refresh_token")
        assert access["client_id"] == refresh["client_id"] == "sandbox-hubspot"
        assert sandbox.token(path, token="unknown").json() == {"active": False}

    @pytest.mark.parametrize("version", ["2026-09", "2026-03", "v3"])
    def test_revocation_ends_both_tokens(self, sandbox: Sandbox, version: str) -> None:
        tokens = sandbox.tokens()
        revoked = sandbox.token(f"/hubspot/oauth/{version}/token/revoke", token=tokens["refresh_token"])
        assert revoked.status_code == 200
        assert sandbox.renew(tokens["refresh_token"]).json()["status"] == "BAD_REFRESH_TOKEN"
        assert sandbox.get(CONTACTS, tokens["access_token"]).status_code == 401

    def test_the_old_deletion_leaves_access_tokens_alive(self, sandbox: Sandbox) -> None:
        tokens = sandbox.tokens()
        old = f"{sandbox.url}/hubspot/oauth/v1/refresh-tokens/{tokens['refresh_token']}"
        assert sandbox.http.get(old).json()["token_type"] == "refresh"
        assert sandbox.http.delete(old).status_code == 204
        assert sandbox.http.delete(old).status_code == 404
        assert sandbox.renew(tokens["refresh_token"]).status_code == 400
        assert sandbox.get(CONTACTS, tokens["access_token"]).status_code == 200
