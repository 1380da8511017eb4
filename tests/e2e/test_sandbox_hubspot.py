"""The sandbox plays HubSpot: OAuth, objects, errors and limits, over a real socket."""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import ApiException

from sandbox.settings import SandboxSettings
from tests.e2e.sandbox_server import CLIENT, REDIRECT_URI, Sandbox, sandbox_in_thread

LISTS = ("/crm/v3/objects/contacts", "/crm/objects/2026-03/contacts")
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


def token_of(sandbox: Sandbox, account: str = "acme") -> str:
    token: str = sandbox.tokens(account)["access_token"]
    return token


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
    @pytest.mark.parametrize("version", ["2026-03", "v3", "v1"])
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
        assert sandbox.get(LISTS[0], second["access_token"]).status_code == 200

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

    def test_introspection_tells_both_kinds_of_token(self, sandbox: Sandbox) -> None:
        tokens, path = sandbox.tokens(), "/hubspot/oauth/2026-03/token/introspect"
        access = sandbox.token(path, token=tokens["access_token"]).json()
        refresh = sandbox.token(path, token=tokens["refresh_token"]).json()
        assert (access["active"], access["token_use"], access["hub_id"]) == (True, "access_token", 62515001)
        assert 1790 < access["expires_in"] <= 1800
        assert (refresh["active"], refresh["token_use"]) == (True, "refresh_token")
        assert access["client_id"] == refresh["client_id"] == "sandbox-hubspot"
        assert sandbox.token(path, token="unknown").json() == {"active": False}

    def test_revocation_ends_both_tokens(self, sandbox: Sandbox) -> None:
        tokens = sandbox.tokens()
        revoked = sandbox.token("/hubspot/oauth/2026-03/token/revoke", token=tokens["refresh_token"])
        assert revoked.status_code == 200
        assert sandbox.renew(tokens["refresh_token"]).json()["status"] == "BAD_REFRESH_TOKEN"
        assert sandbox.get(LISTS[0], tokens["access_token"]).status_code == 401

    def test_the_old_deletion_leaves_access_tokens_alive(self, sandbox: Sandbox) -> None:
        tokens = sandbox.tokens()
        old = f"{sandbox.url}/hubspot/oauth/v1/refresh-tokens/{tokens['refresh_token']}"
        assert sandbox.http.get(old).json()["token_type"] == "refresh"
        assert sandbox.http.delete(old).status_code == 204
        assert sandbox.http.delete(old).status_code == 404
        assert sandbox.renew(tokens["refresh_token"]).status_code == 400
        assert sandbox.get(LISTS[0], tokens["access_token"]).status_code == 200

    @pytest.mark.parametrize("version", ["2026-03", "v3"])
    def test_account_info_names_the_portal(self, sandbox: Sandbox, version: str) -> None:
        details = sandbox.get(f"/account-info/{version}/details", token_of(sandbox, "globex")).json()
        assert (details["portalId"], details["accountType"]) == (62515002, "STANDARD")


class TestObjects:
    @pytest.mark.parametrize("path", LISTS)
    def test_a_page_has_hubspots_shape(self, sandbox: Sandbox, path: str) -> None:
        page = sandbox.get(path, token_of(sandbox), limit=1, archived="False").json()
        [contact] = page["results"]
        assert contact["id"] == "51"
        assert list(contact["properties"]) == [
            "createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname",
        ]  # fmt: skip
        assert contact["createdAt"] == contact["properties"]["createdate"]
        assert contact["updatedAt"] == contact["properties"]["lastmodifieddate"]
        assert contact["archived"] is False
        assert page["paging"]["next"] == {
            "after": "1",
            "link": f"{sandbox.url}/hubspot{path}?limit=1&archived=False&after=1",
        }

    def test_ten_are_listed_unless_more_are_asked_for(self, sandbox: Sandbox) -> None:
        assert len(sandbox.get(LISTS[0], token_of(sandbox)).json()["results"]) == 10

    def test_paging_shows_every_contact_once(self, sandbox: Sandbox) -> None:
        ids = [contact["id"] for contact in sandbox.contacts(token_of(sandbox))]
        assert len(ids) == len(set(ids)) == 1000

    def test_the_link_of_a_page_leads_to_the_next(self, sandbox: Sandbox) -> None:
        token = token_of(sandbox)
        link = sandbox.get(LISTS[0], token, limit=3).json()["paging"]["next"]["link"]
        following = sandbox.http.get(link, headers={"Authorization": f"Bearer {token}"}).json()
        assert [contact["id"] for contact in following["results"]] == ["201", "251", "301"]

    def test_globex_has_ten_on_one_page(self, sandbox: Sandbox) -> None:
        page = sandbox.get(LISTS[0], token_of(sandbox, "globex"), limit=100).json()
        assert len(page["results"]) == 10
        assert "paging" not in page

    @pytest.mark.parametrize("kind", ["companies", "deals", "0-2", "0-3"])
    def test_companies_and_deals_are_listed_too(self, sandbox: Sandbox, kind: str) -> None:
        page = sandbox.get(f"/crm/v3/objects/{kind}", token_of(sandbox)).json()
        assert len(page["results"]) == 10
        assert "hs_lastmodifieddate" in page["results"][0]["properties"]

    def test_asked_properties_come_with_the_constant_ones(self, sandbox: Sandbox) -> None:
        asked = sandbox.get(LISTS[0], token_of(sandbox), limit=1, properties="phone,email,nothing")
        [contact] = asked.json()["results"]
        assert contact["properties"].keys() == {
            "phone", "email", "nothing", "createdate", "lastmodifieddate", "hs_object_id",
        }  # fmt: skip

    @pytest.mark.parametrize(
        "params", [{"limit": 101}, {"limit": 0}, {"limit": "x"}, {"after": "x"}, {"after": "-1"}, {"archived": "maybe"}]
    )
    def test_bad_parameters_are_validation_errors(self, sandbox: Sandbox, params: dict[str, str | int]) -> None:
        answer = sandbox.get(LISTS[0], token_of(sandbox), **params)
        body = answer.json()
        assert (answer.status_code, body["status"], body["category"]) == (400, "error", "VALIDATION_ERROR")
        assert str(UUID(body["correlationId"])) == body["correlationId"]

    def test_one_is_shown_by_id(self, sandbox: Sandbox) -> None:
        token = token_of(sandbox)
        assert sandbox.get("/crm/v3/objects/contacts/101", token).json()["id"] == "101"
        assert sandbox.get("/crm/v3/objects/contacts/102", token).status_code == 404

    def test_a_batch_read_tells_what_is_missing(self, sandbox: Sandbox) -> None:
        token, path = token_of(sandbox), "/crm/v3/objects/contacts/batch/read"
        whole = sandbox.post(path, token, {"inputs": [{"id": "101"}, {"id": "51"}], "properties": ["email"]})
        partly = sandbox.post(path, token, {"inputs": [{"id": "51"}, {"id": "1"}]})
        assert (whole.status_code, whole.json()["status"]) == (200, "COMPLETE")
        assert [contact["id"] for contact in whole.json()["results"]] == ["101", "51"]
        assert (partly.status_code, partly.json()["errors"][0]["context"]) == (207, {"ids": ["1"]})
        assert sandbox.post(path, token, {"inputs": [{"id": str(n)} for n in range(101)]}).status_code == 400

    def test_an_unknown_path_is_refused_in_hubspots_shape(self, sandbox: Sandbox) -> None:
        answer = sandbox.get("/crm/v9/nothing", token_of(sandbox))
        assert (answer.status_code, answer.json()["status"]) == (404, "error")


class TestRefusals:
    @pytest.mark.parametrize("authorization", ["", "Bearer unknown", "Basic eDp5", "Bearer"])
    def test_a_bad_token_is_401(self, sandbox: Sandbox, authorization: str) -> None:
        answer = sandbox.http.get(f"{sandbox.url}/hubspot{LISTS[0]}", headers={"Authorization": authorization})
        assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")

    def test_a_missing_scope_is_403_and_named(self, sandbox: Sandbox) -> None:
        token = sandbox.tokens(scope="oauth")["access_token"]
        answer = sandbox.get(LISTS[0], token)
        assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
        [error] = answer.json()["errors"]
        assert error["context"]["requiredGranularScopes"] == ["crm.objects.contacts.read"]

    def test_the_111th_call_in_ten_seconds_is_429_for_that_account_only(self, sandbox: Sandbox) -> None:
        token, other = token_of(sandbox), token_of(sandbox, "globex")
        answers = [sandbox.get(LISTS[0], token, limit=1) for _ in range(111)]
        assert [answer.status_code for answer in answers] == [200] * 110 + [429]
        assert answers[0].headers["x-hubspot-ratelimit-max"] == "110"
        assert answers[0].headers["x-hubspot-ratelimit-interval-milliseconds"] == "10000"
        assert [a.headers["x-hubspot-ratelimit-remaining"] for a in answers[-3:]] == ["1", "0", "0"]
        body = answers[-1].json()
        assert body.keys() == {"status", "message", "errorType", "correlationId", "policyName", "requestId"}
        assert (body["errorType"], body["policyName"]) == ("RATE_LIMIT", "TEN_SECONDLY_ROLLING")
        assert sandbox.get(LISTS[0], other).status_code == 200

    def test_without_limits_nobody_is_throttled(self, sandbox: Sandbox) -> None:
        sandbox.control("PATCH", body={"limits": False})
        token = token_of(sandbox)
        assert {sandbox.get(LISTS[0], token, limit=1).status_code for _ in range(115)} == {200}

    def test_the_sixth_search_in_a_second_is_429(self, sandbox: Sandbox) -> None:
        token = token_of(sandbox)
        answers = [sandbox.post(f"{LISTS[0]}/search", token, {"limit": 1}) for _ in range(6)]
        assert answers[-1].status_code == 429
        assert answers[-1].json()["policyName"] == "SECONDLY"
        assert not [name for name in answers[0].headers if "ratelimit" in name]


class TestSearch:
    def search(self, sandbox: Sandbox, body: dict[str, Any], token: str | None = None) -> httpx.Response:
        return sandbox.post(f"{LISTS[0]}/search", token or token_of(sandbox), body)

    def test_changes_since_a_moment_come_in_order_and_in_pages(self, sandbox: Sandbox) -> None:
        token = token_of(sandbox)
        everything = sandbox.contacts(token)
        since = sorted(contact["updatedAt"] for contact in everything)[-25]
        body = {
            "filterGroups": [{"filters": [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": since}]}],
            "sorts": [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}],
            "limit": 20,
        }
        first = self.search(sandbox, body, token).json()
        second = self.search(sandbox, {**body, "after": first["paging"]["next"]["after"]}, token).json()
        found = [contact["updatedAt"] for contact in [*first["results"], *second["results"]]]
        assert first["total"] == second["total"] == 25
        assert found == sorted(found)
        assert found[0] == since
        assert "paging" not in second

    def test_nothing_is_shown_beyond_ten_thousand(self, sandbox: Sandbox) -> None:
        sandbox.control("PATCH", body={"records": {"contact": 10_300}})
        token = token_of(sandbox)
        last = self.search(sandbox, {"limit": 200, "after": "9800"}, token)
        beyond = self.search(sandbox, {"limit": 200, "after": last.json()["paging"]["next"]["after"]}, token)
        assert (last.status_code, last.json()["total"]) == (200, 10_300)
        assert (beyond.status_code, beyond.json()["category"]) == (400, "VALIDATION_ERROR")

    def test_the_other_kinds_property_name_is_refused(self, sandbox: Sandbox) -> None:
        filters = [{"propertyName": "hs_lastmodifieddate", "operator": "GT", "value": "0"}]
        assert self.search(sandbox, {"filterGroups": [{"filters": filters}]}).status_code == 400


class TestPublishedClient:
    """hubspot-api-client, unchanged."""

    def test_it_reads_every_contact(self, sandbox: Sandbox) -> None:
        client = HubSpot(access_token=token_of(sandbox), host=f"{sandbox.url}/hubspot")
        contacts = client.crm.contacts.get_all(properties=["email", "phone"])
        assert len(contacts) == 1000
        assert contacts[0].properties["email"].endswith(("example.com", "example.org", "example.net"))
        assert contacts[0].created_at.year == 2024

    def test_it_pages_searches_and_reads_batches(self, sandbox: Sandbox) -> None:
        contacts = HubSpot(access_token=token_of(sandbox), host=f"{sandbox.url}/hubspot").crm.contacts
        page = contacts.basic_api.get_page(limit=5, archived=False)
        found = contacts.search_api.do_search({"filterGroups": [], "limit": 3})
        read = contacts.batch_api.read({"inputs": [{"id": page.results[0].id}], "properties": []})
        assert page.paging.next.after == "5"
        assert (found.total, len(found.results)) == (1000, 3)
        assert read.results[0].id == contacts.basic_api.get_by_id("51").id == "51"

    def test_it_exchanges_renews_and_deletes_tokens(self, sandbox: Sandbox) -> None:
        oauth = HubSpot(host=f"{sandbox.url}/hubspot").oauth
        code = sandbox.consent()["code"]
        tokens = oauth.tokens_api.create(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URI, **CLIENT
        )
        renewed = oauth.tokens_api.create(grant_type="refresh_token", refresh_token=tokens.refresh_token, **CLIENT)
        assert oauth.access_tokens_api.get(renewed.access_token).hub_id == 62515001
        assert oauth.refresh_tokens_api.get(tokens.refresh_token).client_id == "sandbox-hubspot"
        oauth.refresh_tokens_api.archive(tokens.refresh_token)
        assert sandbox.renew(tokens.refresh_token).status_code == 400

    def test_it_raises_what_hubspot_would_make_it_raise(self, sandbox: Sandbox) -> None:
        contacts = HubSpot(access_token="unknown", host=f"{sandbox.url}/hubspot").crm.contacts
        with pytest.raises(ApiException) as refused:
            contacts.basic_api.get_page()
        assert refused.value.status == 401
