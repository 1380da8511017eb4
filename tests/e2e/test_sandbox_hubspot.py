"""The sandbox plays HubSpot's API: objects, search, errors and limits, over a real socket."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import ApiException

from sandbox.settings import SandboxSettings
from tests.e2e.sandbox_server import CLIENT, REDIRECT_URI, Sandbox, sandbox_in_thread

LISTS = ("/crm/v3/objects/contacts", "/crm/objects/2026-03/contacts", "/crm/objects/2026-09/contacts")


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

    @pytest.mark.parametrize("path", LISTS)
    def test_one_is_shown_by_id(self, sandbox: Sandbox, path: str) -> None:
        token = token_of(sandbox)
        assert sandbox.get(f"{path}/101", token).json()["id"] == "101"
        assert sandbox.get(f"{path}/102", token).status_code == 404

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


class TestAccount:
    @pytest.mark.parametrize("version", ["2026-09", "2026-03", "v3"])
    def test_account_info_names_the_portal(self, sandbox: Sandbox, version: str) -> None:
        details = sandbox.get(f"/account-info/{version}/details", token_of(sandbox, "globex")).json()
        assert (details["portalId"], details["accountType"]) == (62515002, "STANDARD")


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

    @pytest.mark.parametrize("body", [b"\xff", b'{"query": "\xff"}', b'{"x": ' + b"[" * 2900, b"[]", b""])
    def test_no_body_is_too_odd_to_be_refused(self, sandbox: Sandbox, body: bytes) -> None:
        headers = {"Authorization": f"Bearer {token_of(sandbox)}", "Content-Type": "application/json"}
        for call in ("search", "batch/read"):
            answer = sandbox.http.post(f"{sandbox.url}/hubspot{LISTS[0]}/{call}", headers=headers, content=body)
            assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")

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
