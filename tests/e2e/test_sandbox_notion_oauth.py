"""The sandbox plays Notion's OAuth: consent, tokens and what becomes of them, over a real socket."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from notion_client.errors import HTTPResponseError

from sandbox.settings import SandboxSettings
from tests.e2e.sandbox_notion import BASIC, CLIENT, NEWEST, REDIRECT_URI, Notion
from tests.e2e.sandbox_server import sandbox_in_thread

FORM = {"decision": "approve", "account": "acme"}


@pytest.fixture(scope="module")
def running() -> Iterator[Notion]:
    with sandbox_in_thread(SandboxSettings()) as sandbox:
        yield Notion(sandbox)


@pytest.fixture
def notion(running: Notion) -> Notion:
    running.sandbox.control("POST", "/reset", provider="notion")
    return running


class TestConsent:
    def test_the_page_offers_both_workspaces_and_asks_for_no_scope(self, notion: Notion) -> None:
        page = notion.http.get(notion.authorize_url())
        assert page.status_code == 200
        assert "Notion sandbox" in page.text
        assert re.findall(r'name="account" value="(\w+)"', page.text) == ["acme", "globex"]
        assert re.findall(r'name="decision" value="(\w+)"', page.text) == ["approve", "deny"]
        assert "It asks for" not in page.text

    def test_the_page_has_a_look_of_its_own_and_loads_nothing(self, notion: Notion) -> None:
        page = notion.http.get(notion.authorize_url())
        policy = page.headers["content-security-policy"]
        assert '<svg aria-hidden="true"' in page.text
        assert "--accent:#37352f" in page.text
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r'(src|href)="(?!data:,)|url\(| style=|<script', page.text)

    def test_approval_leads_back_with_code_and_state(self, notion: Notion) -> None:
        answer = notion.http.post(notion.authorize_url(), data=FORM)
        assert answer.status_code == 302
        assert answer.headers["location"].startswith(f"{REDIRECT_URI}?code=")
        assert answer.headers["location"].endswith("&state=s1")

    def test_denial_leads_back_with_an_error_and_no_code(self, notion: Notion) -> None:
        given = notion.consent(decision="deny")
        assert (given["error"], given["state"], "code" in given) == ("access_denied", "s1", False)

    @pytest.mark.parametrize(
        "changes",
        [
            {"client_id": "sandbox-hubspot"},
            {"redirect_uri": "http://localhost:8000/integrations/hubspot/oauth2callback"},
            {"redirect_uri": None},
            {"response_type": "token"},
            {"response_type": None},
            {"owner": "workspace"},
            {"owner": None},
        ],
    )
    def test_a_wrong_request_ends_on_an_error_page(self, notion: Notion, changes: dict[str, str | None]) -> None:
        url = notion.authorize_url(**changes)
        for answer in (notion.http.get(url), notion.http.post(url, data=FORM)):
            assert answer.status_code == 400
            assert "This connection cannot be made" in answer.text
            assert "location" not in answer.headers

    def test_a_doubled_parameter_is_refused(self, notion: Notion) -> None:
        assert notion.http.get(f"{notion.authorize_url()}&owner=user").status_code == 400


class TestTokens:
    def test_a_code_is_exchanged_for_the_documented_answer(self, notion: Notion) -> None:
        answer = notion.redeem(notion.consent("globex")["code"])
        tokens = answer.json()
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert re.fullmatch(r"ntn_.{300,}", tokens.pop("access_token"))
        assert re.fullmatch(r"nrt_.{300,}", tokens.pop("refresh_token"))
        for name in ("bot_id", "request_id"):
            given = tokens.pop(name)
            assert given == str(UUID(given))
        assert tokens == {
            "token_type": "bearer",
            "workspace_id": "ea9b8a5e-1d30-4a2b-8c3d-0000000000a2",
            "workspace_name": "Globex",
            "workspace_icon": None,
            "owner": {
                "type": "user",
                "user": {
                    "object": "user",
                    "id": "c0ffee00-1d30-4a2b-8c3d-0000000000b2",
                    "type": "person",
                    "person": {"email": "owner@globex.example.com"},
                    "name": "Globex Owner",
                    "avatar_url": None,
                },
            },
            "duplicated_template_id": None,
        }

    def test_each_consent_makes_a_bot_of_its_own(self, notion: Notion) -> None:
        first, second = notion.tokens(), notion.tokens()
        assert first["workspace_id"] == second["workspace_id"]
        assert first["bot_id"] != second["bot_id"]
        assert notion.renew(first["refresh_token"]).json()["bot_id"] == first["bot_id"]

    def test_a_code_works_once_and_not_after_a_failure_either(self, notion: Notion) -> None:
        code, other = notion.consent()["code"], notion.consent()["code"]
        assert notion.redeem(code).status_code == 200
        assert notion.redeem(other, redirect_uri=REDIRECT_URI.replace("8000", "8001")).status_code == 400
        assert [notion.redeem(used).json()["code"] for used in (code, other)] == ["invalid_grant"] * 2

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"code": "unknown"}, "invalid_grant"),
            ({"redirect_uri": REDIRECT_URI.replace("8000", "8001")}, "invalid_grant"),
            ({"redirect_uri": ""}, "invalid_grant"),
            ({"grant_type": "password"}, "unsupported_grant_type"),
            ({"grant_type": "refresh_token", "refresh_token": "nrt_unknown"}, "invalid_grant"),
        ],
    )
    def test_a_refusal_has_the_fields_of_the_guide_and_of_the_reference(
        self, notion: Notion, changes: dict[str, str], code: str
    ) -> None:
        answer = notion.redeem(**{"code": notion.consent()["code"], **changes})
        body = answer.json()
        assert (answer.status_code, body["object"], body["status"]) == (400, "error", 400)
        assert body["code"] == body["error"] == code
        assert body["message"] == body["error_description"]
        assert body["request_id"] == answer.headers["x-notion-request-id"]

    @pytest.mark.parametrize("client", [{"client_id": "another"}, {"client_secret": "wrong"}])
    @pytest.mark.parametrize("call", ["token", "revoke", "introspect"])
    def test_another_client_is_401(self, notion: Notion, call: str, client: dict[str, str]) -> None:
        answer = notion.oauth(call, {"grant_type": "refresh_token", "token": "x"}, **client)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_client")

    def test_the_client_says_who_it_is_by_basic_alone(self, notion: Notion) -> None:
        body = {"grant_type": "authorization_code", "code": notion.consent()["code"], "redirect_uri": REDIRECT_URI}
        url = f"{notion.url}/v1/oauth/token"
        assert notion.http.post(url, json=body | CLIENT).status_code == 401
        for credentials in (b"Basic", b"Basic \xe9", b"Basic x", b"Basic /w==", b"Bearer x"):
            headers = {b"Authorization": credentials}
            assert notion.http.post(url, json=body, headers=headers).status_code == 401
        assert notion.redeem(body["code"]).status_code == 200

    def test_a_form_is_refused(self, notion: Notion) -> None:
        form = {"grant_type": "authorization_code", "code": notion.consent()["code"], "redirect_uri": REDIRECT_URI}
        answer = notion.http.post(f"{notion.url}/v1/oauth/token", data=form, auth=BASIC)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"{}", b'{"grant_type": 1}', b"[" * 5000])
    def test_no_body_is_too_odd_to_be_refused(self, notion: Notion, body: bytes) -> None:
        for call in ("token", "revoke", "introspect"):
            url, headers = f"{notion.url}/v1/oauth/{call}", {"Content-Type": "application/json"}
            answer = notion.http.post(url, content=body, headers=headers, auth=BASIC)
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")

    def test_a_version_may_be_missing_here_but_not_unknown(self, notion: Notion) -> None:
        for headers, status in (({}, 200), ({"Notion-Version": NEWEST}, 200), ({"Notion-Version": "1"}, 400)):
            body = {"token": "unknown"}
            url = f"{notion.url}/v1/oauth/introspect"
            assert notion.http.post(url, json=body, headers=headers, auth=BASIC).status_code == status

    def test_a_renewal_replaces_both_tokens(self, notion: Notion) -> None:
        first = notion.tokens()
        second = notion.renew(first["refresh_token"]).json()
        assert second.keys() == first.keys()
        assert second["access_token"] != first["access_token"]
        assert second["refresh_token"] != first["refresh_token"]
        assert notion.call("GET", "/users/me", second["access_token"]).status_code == 200

    def test_a_replaced_refresh_token_is_taken_for_a_while_unless_the_knob_says_no(self, notion: Notion) -> None:
        first = notion.tokens()
        second = notion.renew(first["refresh_token"]).json()
        assert notion.renew(first["refresh_token"]).status_code == 200
        notion.sandbox.control("PATCH", body={"refresh_reuse": "revoke_family"}, provider="notion")
        assert notion.renew(first["refresh_token"]).json()["code"] == "invalid_grant"
        assert notion.renew(second["refresh_token"]).json()["code"] == "invalid_grant"
        assert notion.call("GET", "/users/me", second["access_token"]).status_code == 401

    def test_an_expired_access_token_is_unauthorized_and_can_be_renewed(self, notion: Notion) -> None:
        tokens = notion.tokens()
        notion.sandbox.control("POST", "/expire", {"account": "acme"}, provider="notion")
        refused = notion.call("GET", "/users/me", tokens["access_token"])
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
        renewed = notion.renew(tokens["refresh_token"]).json()
        assert notion.call("GET", "/users/me", renewed["access_token"]).status_code == 200

    @pytest.mark.parametrize("name", ["access_token", "refresh_token"])
    def test_revoking_one_token_ends_its_grant_and_no_other(self, notion: Notion, name: str) -> None:
        tokens, others = notion.tokens(), notion.tokens()
        assert notion.oauth("introspect", {"token": tokens[name]}).json()["active"] is True
        revoked = notion.oauth("revoke", {"token": tokens[name]})
        assert (revoked.status_code, list(revoked.json())) == (200, ["request_id"])
        assert notion.oauth("introspect", {"token": tokens[name]}).json()["active"] is False
        assert notion.call("GET", "/users/me", tokens["access_token"]).status_code == 401
        assert notion.renew(tokens["refresh_token"]).json()["code"] == "invalid_grant"
        assert notion.call("GET", "/users/me", others["access_token"]).status_code == 200

    def test_revoking_an_unknown_token_is_no_error(self, notion: Notion) -> None:
        assert notion.oauth("revoke", {"token": "unknown"}).status_code == 200

    def test_the_control_call_revokes_one_account(self, notion: Notion) -> None:
        acme, globex = notion.token(), notion.token("globex")
        assert notion.sandbox.control("POST", "/revoke", {"account": "acme"}, provider="notion") == {"revoked": 1}
        assert [notion.call("GET", "/users/me", token).status_code for token in (acme, globex)] == [401, 200]


class TestPublishedClient:
    """notion-client, unchanged."""

    def test_it_exchanges_renews_introspects_and_revokes(self, notion: Notion) -> None:
        code = notion.consent()["code"]
        with notion.client() as client:
            oauth = client.oauth
            tokens = oauth.token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URI, **CLIENT)
            renewed = oauth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"], **CLIENT)
            token = renewed["access_token"]
            assert client.users.me(auth=token)["id"] == tokens["bot_id"]
            assert oauth.introspect(token=token, **CLIENT)["active"] is True
            oauth.revoke(token=token, **CLIENT)
            assert oauth.introspect(token=token, **CLIENT)["active"] is False

    def test_it_raises_what_notion_would_make_it_raise(self, notion: Notion) -> None:
        with notion.client() as client, pytest.raises(HTTPResponseError) as refused:
            client.oauth.token(grant_type="authorization_code", code="unknown", **CLIENT)
        assert refused.value.status == 400
        assert '"invalid_grant"' in refused.value.body
