"""The sandbox plays Slack's OAuth: consent, tokens and what becomes of them, over a real socket."""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth import AuthorizeUrlGenerator

from sandbox.settings import SandboxSettings
from tests.e2e.sandbox_server import sandbox_in_thread
from tests.e2e.slack_client import CLIENT, REDIRECT_URI, SCOPES, Slack

VERIFIER = "a" * 64
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def running() -> Iterator[Slack]:
    with sandbox_in_thread(SandboxSettings()) as sandbox:
        yield Slack(sandbox)


@pytest.fixture
def slack(running: Slack) -> Slack:
    running.control("POST", "/reset")
    return running


class TestConsent:
    def test_the_page_offers_both_accounts_and_names_every_scope(self, slack: Slack) -> None:
        page = slack.sandbox.http.get(slack.authorize_url(user_scope="channels:read,im:read"))
        assert page.status_code == 200
        assert "Slack sandbox" in page.text
        assert re.findall(r'name="account" value="(\w+)"', page.text) == ["acme", "globex"]
        assert re.findall(r"<li><code>(.*?)</code>", page.text) == [*SCOPES.split(","), "im:read"]

    def test_the_page_has_a_picture_of_its_own_and_loads_nothing(self, slack: Slack) -> None:
        page = slack.sandbox.http.get(slack.authorize_url())
        assert "<svg" in page.text
        assert "unsafe" not in page.headers["content-security-policy"]
        assert not re.search(r'(src|href)="(?!data:,)|style="', page.text)

    def test_the_request_that_slacks_client_makes_is_understood(self, slack: Slack) -> None:
        made = AuthorizeUrlGenerator(
            client_id=CLIENT["client_id"],
            redirect_uri=REDIRECT_URI,
            scopes=["channels:read"],
            user_scopes=["users:read"],
            authorization_url=f"{slack.address}/oauth/v2/authorize",
        ).generate("s1")
        assert slack.sandbox.http.get(made).status_code == 200

    def test_approval_leads_back_with_code_and_state(self, slack: Slack) -> None:
        given = slack.consent()
        assert given.keys() == {"code", "state"}
        assert given["state"] == "s1"

    def test_denial_leads_back_as_documented(self, slack: Slack) -> None:
        assert slack.consent(decision="deny") == {"error": "access_denied", "state": "s1"}

    @pytest.mark.parametrize(
        "changes",
        [
            {"client_id": "another"},
            {"redirect_uri": "http://localhost:8000/integrations/hubspot/oauth2callback"},
            {"redirect_uri": None},
            {"scope": None},
            {"scope": ",", "user_scope": ""},
            {"scope": "channels:read users:read"},
            {"user_scope": "channels:read users:read"},
            {"code_challenge": CHALLENGE, "code_challenge_method": "plain"},
        ],
    )
    def test_a_wrong_request_ends_on_an_error_page(self, slack: Slack, changes: dict[str, str | None]) -> None:
        form, url = {"decision": "approve", "account": "acme"}, slack.authorize_url(**changes)
        for answer in (slack.sandbox.http.get(url), slack.sandbox.http.post(url, data=form)):
            assert answer.status_code == 400
            assert "This connection cannot be made" in answer.text
            assert "location" not in answer.headers

    def test_a_doubled_parameter_is_refused(self, slack: Slack) -> None:
        assert slack.sandbox.http.get(f"{slack.authorize_url()}&scope=team:read").status_code == 400

    @pytest.mark.parametrize(
        "form", [{"decision": "approve"}, {"decision": "approve", "account": "nobody"}, {"account": "acme"}, {}]
    )
    def test_an_incomplete_decision_is_refused(self, slack: Slack, form: dict[str, str]) -> None:
        assert slack.sandbox.http.post(slack.authorize_url(), data=form).status_code == 400


class TestTokens:
    def test_a_code_is_exchanged_for_the_documented_answer(self, slack: Slack) -> None:
        tokens = slack.tokens("globex", scope="channels:read,team:read")
        assert re.fullmatch(r"xoxe\.xoxb-1-[\w-]{300,}", tokens.pop("access_token"))
        assert re.fullmatch(r"xoxe-1-[\w-]{300,}", tokens.pop("refresh_token"))
        assert tokens == {
            "ok": True,
            "token_type": "bot",
            "scope": "channels:read,team:read",
            "expires_in": 43_200,
            "bot_user_id": "U0SBX000002",
            "app_id": "A0SBX000001",
            "team": {"id": "T0SBX000002", "name": "Globex"},
            "enterprise": None,
            "is_enterprise_install": False,
            "authed_user": {"id": "U0SBX000001"},
        }

    def test_a_code_works_once(self, slack: Slack) -> None:
        code = slack.consent()["code"]
        assert slack.redeem(code)["ok"]
        assert slack.redeem(code) == {"ok": False, "error": "invalid_code"}

    def test_a_failed_exchange_uses_the_code_up(self, slack: Slack) -> None:
        code = slack.consent()["code"]
        assert slack.redeem(code, redirect_uri=f"{REDIRECT_URI}/x")["error"] == "bad_redirect_uri"
        assert slack.redeem(code)["error"] == "invalid_code"

    def test_a_challenge_that_was_sent_must_be_answered(self, slack: Slack) -> None:
        def code() -> str:
            return slack.consent(code_challenge=CHALLENGE, code_challenge_method="S256")["code"]

        assert slack.redeem(code())["error"] == "invalid_code"
        assert slack.redeem(code(), code_verifier="b" * 64)["error"] == "invalid_code"
        assert slack.redeem(code(), code_verifier=VERIFIER)["ok"]

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"client_id": "another"}, "invalid_client_id"),
            ({"client_secret": "wrong"}, "bad_client_secret"),
            ({"grant_type": "password"}, "invalid_grant_type"),
            ({"code": "unknown"}, "invalid_code"),
            ({"code": "bot.unknown"}, "invalid_code"),
            ({"code": "user.unknown"}, "invalid_code"),
            ({"grant_type": "refresh_token"}, "invalid_refresh_token"),
        ],
    )
    def test_a_refusal_has_slacks_word_for_it(self, slack: Slack, changes: dict[str, str], error: str) -> None:
        assert slack.redeem(**{"code": slack.consent()["code"], **changes}) == {"ok": False, "error": error}

    def test_the_client_may_use_basic_and_must_use_the_body(self, slack: Slack) -> None:
        url, http = f"{slack.address}/api/oauth.v2.access", slack.sandbox.http
        basic = httpx.BasicAuth(CLIENT["client_id"], CLIENT["client_secret"])

        def form() -> dict[str, str]:
            return {"code": slack.consent()["code"], "redirect_uri": REDIRECT_URI}

        assert http.post(url, data=form(), auth=basic).json()["ok"]
        assert http.post(url, data=form(), auth=httpx.BasicAuth("another", "x")).json()["error"] == "invalid_client_id"
        assert http.post(url, data={**form(), "client_id": "x"}, auth=basic).json()["error"] == "invalid_client_id"
        assert http.get(url, params={**form(), **CLIENT}).json()["error"] == "invalid_client_id"
        assert http.post(url, json={**form(), **CLIENT}).json()["error"] == "invalid_client_id"
        assert http.post(url, data=form(), headers={"Authorization": "Basic ?"}).json()["error"] == "invalid_client_id"

    def test_a_doubled_field_is_refused(self, slack: Slack) -> None:
        url = f"{slack.address}/api/oauth.v2.access"
        body, headers = b"code=a&code=b", {"Content-Type": "application/x-www-form-urlencoded"}
        assert slack.sandbox.http.post(url, content=body, headers=headers).json()["error"] == "invalid_arguments"

    def test_two_connections_of_one_workspace_share_their_scopes(self, slack: Slack) -> None:
        slack.tokens(scope="channels:read")
        second = slack.tokens(scope="team:read,channels:read")
        assert second["scope"] == "channels:read,team:read"
        assert slack.tokens("globex", scope="team:read")["scope"] == "team:read"

    def test_the_third_token_of_a_workspace_revokes_the_first(self, slack: Slack) -> None:
        first, second, third = (slack.token() for _ in range(3))
        assert slack.call("auth.test", first) == {"ok": False, "error": "token_revoked"}
        assert slack.call("auth.test", second)["ok"]
        assert slack.call("auth.test", third)["ok"]


class TestUserTokens:
    def test_with_user_scopes_alone_there_is_no_token_of_a_bot(self, slack: Slack) -> None:
        tokens = slack.tokens(scope=None, user_scope="channels:read,users:read")
        authed = tokens["authed_user"]
        assert "access_token" not in tokens
        assert "bot_user_id" not in tokens
        assert (authed["id"], authed["token_type"]) == ("U0SBX000001", "user")
        assert (authed["scope"], authed["expires_in"]) == ("channels:read,users:read", 43_200)
        assert slack.call("auth.test", authed["access_token"])["user_id"] == "U0SBX000001"

    def test_they_are_renewed_at_the_top_level(self, slack: Slack) -> None:
        authed = slack.tokens(scope=None, user_scope="channels:read")["authed_user"]
        renewed = slack.renew(authed["refresh_token"])
        assert (renewed["ok"], renewed["token_type"], renewed["scope"]) == (True, "user", "channels:read")
        assert slack.call("conversations.list", renewed["access_token"])["ok"]

    def test_bot_and_user_hold_their_scopes_apart(self, slack: Slack) -> None:
        tokens = slack.tokens(scope="channels:read", user_scope="users:read")
        bot, user = tokens["access_token"], tokens["authed_user"]["access_token"]
        assert (tokens["scope"], tokens["authed_user"]["scope"]) == ("channels:read", "users:read")
        assert slack.call("conversations.list", bot)["ok"]
        assert slack.call("conversations.list", user)["error"] == "missing_scope"
        assert slack.call("users.list", user)["ok"]
        assert slack.call("users.list", bot)["error"] == "missing_scope"

    def test_a_code_for_the_one_does_not_open_the_other(self, slack: Slack) -> None:
        code = slack.consent()["code"].removeprefix("bot.")
        assert slack.redeem(f"user.{code}")["error"] == "invalid_code"


class TestRenewal:
    def test_it_replaces_the_refresh_token_and_leaves_the_access_token_alone(self, slack: Slack) -> None:
        first = slack.tokens()
        second = slack.renew(first["refresh_token"])
        assert second["refresh_token"] != first["refresh_token"]
        assert (second["token_type"], second["team"]["id"], second["scope"]) == ("bot", "T0SBX000001", SCOPES)
        assert slack.call("auth.test", first["access_token"])["ok"]
        assert slack.call("auth.test", second["access_token"])["ok"]

    def test_a_replaced_refresh_token_is_taken_again_for_a_moment(self, slack: Slack) -> None:
        first = slack.tokens()["refresh_token"]
        assert slack.renew(first)["ok"]
        assert slack.renew(first)["ok"]

    def test_with_revoke_family_it_ends_the_grant(self, slack: Slack) -> None:
        slack.control("PATCH", body={"refresh_reuse": "revoke_family"})
        first = slack.tokens()["refresh_token"]
        second = slack.renew(first)
        assert slack.renew(first)["error"] == "invalid_refresh_token"
        assert slack.renew(second["refresh_token"])["error"] == "invalid_refresh_token"
        assert slack.call("auth.test", second["access_token"])["error"] == "token_revoked"

    def test_an_expired_token_is_told_from_a_revoked_one(self, slack: Slack) -> None:
        token, other = slack.token(), slack.token("globex")
        assert slack.control("POST", "/expire", {"account": "acme"}) == {"expired": 1}
        assert slack.call("auth.test", token) == {"ok": False, "error": "token_expired"}
        assert slack.control("POST", "/revoke", {"account": "acme"}) == {"revoked": 1}
        assert slack.call("auth.test", token) == {"ok": False, "error": "token_revoked"}
        assert slack.call("auth.test", other)["ok"]


class TestRevocation:
    def test_it_ends_one_token_and_not_its_grant(self, slack: Slack) -> None:
        first = slack.tokens()
        second = slack.renew(first["refresh_token"])
        assert slack.call("auth.revoke", first["access_token"]) == {"ok": True, "revoked": True}
        assert slack.call("auth.test", first["access_token"])["error"] == "token_revoked"
        assert slack.call("auth.test", second["access_token"])["ok"]
        assert slack.renew(second["refresh_token"])["ok"]

    def test_a_dry_run_ends_nothing(self, slack: Slack) -> None:
        token = slack.token()
        assert slack.call("auth.revoke", token, test="true") == {"ok": True, "revoked": False}
        assert slack.call("auth.test", token)["ok"]

    def test_uninstalling_ends_all_of_the_workspace(self, slack: Slack) -> None:
        tokens, other = slack.tokens(user_scope="users:read"), slack.token("globex")
        token, of_user = tokens["access_token"], tokens["authed_user"]
        assert slack.call("apps.uninstall", token, **{**CLIENT, "client_secret": "x"})["error"] == "bad_client_secret"
        assert slack.call("apps.uninstall", token, client_id="x")["error"] == "invalid_client_id"
        assert slack.call("apps.uninstall", token, **CLIENT) == {"ok": True}
        assert slack.call("auth.test", token)["error"] == "token_revoked"
        assert slack.call("auth.test", of_user["access_token"])["error"] == "token_revoked"
        assert slack.renew(tokens["refresh_token"])["error"] == "invalid_refresh_token"
        assert slack.renew(of_user["refresh_token"])["error"] == "invalid_refresh_token"
        assert slack.call("auth.test", other)["ok"]


class TestPublishedClient:
    """slack_sdk, unchanged."""

    def test_it_exchanges_renews_and_uninstalls(self, slack: Slack) -> None:
        code = slack.consent()["code"]
        tokens = slack.web().oauth_v2_access(**CLIENT, code=code, redirect_uri=REDIRECT_URI)
        renewed = slack.web().oauth_v2_access(
            **CLIENT, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
        )
        web = slack.web(renewed["access_token"])
        assert web.auth_revoke(test=True)["revoked"] is False
        assert web.auth_test()["team_id"] == "T0SBX000001"
        assert web.apps_uninstall(**CLIENT)["ok"]
        with pytest.raises(SlackApiError) as refused:
            web.auth_test()
        assert refused.value.response["error"] == "token_revoked"

    def test_it_raises_slacks_word_for_a_bad_code(self, slack: Slack) -> None:
        with pytest.raises(SlackApiError) as refused:
            slack.web().oauth_v2_access(**CLIENT, code="unknown", redirect_uri=REDIRECT_URI)
        assert (refused.value.response["error"], refused.value.response.status_code) == ("invalid_code", 200)


def test_tokens_of_both_kinds_and_changes_survive_a_restart(tmp_path: Path) -> None:
    settings = SandboxSettings(state_file=tmp_path / "state.json")
    with sandbox_in_thread(settings) as sandbox:
        before = Slack(sandbox).tokens(user_scope="users:read")
        Slack(sandbox).change("channel", upsert=[{"name": "kept"}])
    with sandbox_in_thread(settings) as sandbox:
        slack = Slack(sandbox)
        user = slack.renew(before["authed_user"]["refresh_token"])
        channels = slack.call("conversations.list", before["access_token"])["channels"]
        assert (user["token_type"], user["scope"]) == ("user", "users:read")
        assert slack.renew(before["refresh_token"])["token_type"] == "bot"
        assert channels[-1]["name"] == "kept"
