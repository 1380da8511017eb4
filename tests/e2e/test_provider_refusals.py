"""What providers say in their own words: too much, not for you, not there, later."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.e2e.conftest import EMBEDDED
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.provider_listings import (
    SMALL,
    TOTAL,
    calls,
    calls_of,
    ended_with,
    first_read,
    is_whole,
    listing,
    read,
    script,
    small_accounts,
    waiting,
)
from tests.e2e.sandbox_server import Sandbox

pytestmark = EMBEDDED

RATE, BILLING = "RATE_LIMIT_REACHED", "PUBLIC_API_BILLING_LIMIT_EXCEEDED"
AIRTABLE_SHAPES: dict[str, Callable[[str], dict[str, Any]]] = {
    "a list": lambda word: {"errors": [{"error": word, "message": "Try again later"}]},
    "an object": lambda word: {"error": {"type": word, "message": "Try again later"}},
    "a word": lambda word: {"error": word},
}
"""https://airtable.com/developers/web/api/rate-limits does not say in which of them a refusal comes."""
NOT_SHARED = {
    "status": 404,
    "json": {"object": "error", "status": 404, "code": "object_not_found", "message": "Could not find data source."},
}

NOT_ALLOWED = {
    "status": 403,
    "json": {
        "object": "error",
        "code": "restricted_resource",
        "message": "Insufficient permissions for this resource.",
    },
}


@pytest.fixture
def sandbox(product: Product) -> Sandbox:
    return small_accounts(product)


def seconds_between(one: dict[str, Any], another: dict[str, Any]) -> float:
    return (datetime.fromisoformat(another["at"]) - datetime.fromisoformat(one["at"])).total_seconds()


def slack_says(word: str) -> dict[str, Any]:
    return {"json": {"ok": False, "error": word}}


# Every word is judged in the contract tests; here is what becomes of a run.
@pytest.mark.parametrize("word", ["missing_scope", "access_denied"])
async def test_what_slack_does_not_allow_ends_one_listing(sandbox: Sandbox, person: Person, word: str) -> None:
    users = listing("slack-user")
    script(sandbox, "slack", users.fault(**slack_says(word)))
    run = await first_read(person, "slack", "acme")
    await ended_with(person, run, "access_forbidden")
    assert run["counts"]["added"] == TOTAL - 3
    await is_whole(person, "slack", added=3)


@pytest.mark.parametrize("word", ["unknown_method", None, ["x"]])
async def test_a_word_that_nobody_knows_ends_one_listing(sandbox: Sandbox, person: Person, word: Any) -> None:
    users = listing("slack-user")
    script(sandbox, "slack", users.fault(**slack_says(word)))
    run = await first_read(person, "slack", "globex")
    await ended_with(person, run, "unexpected_answer")
    assert run["counts"]["added"] == TOTAL - 3
    await is_whole(person, "slack", added=3)


@pytest.mark.parametrize("word", ["internal_error", "team_added_to_org"])
async def test_what_passes_at_slack_is_got_over(sandbox: Sandbox, person: Person, word: str) -> None:
    users = listing("slack-user")
    script(sandbox, "slack", users.fault(times=2, **slack_says(word)))
    run = await first_read(person, "slack", "acme")
    assert (run["status"], run["counts"]["added"], len(calls_of(sandbox, users))) == ("succeeded", TOTAL, 3)


@pytest.mark.parametrize("word", ["invalid_auth", "token_expired"])
async def test_a_token_that_slack_refuses_is_renewed_once(sandbox: Sandbox, person: Person, word: str) -> None:
    users = listing("slack-user")
    script(sandbox, "slack", users.fault(**slack_says(word)))
    run = await first_read(person, "slack", "globex")
    assert (run["status"], run["counts"]["added"]) == ("succeeded", TOTAL), run
    assert len(calls(sandbox, "slack", "/api/oauth.v2.access", "grant_type=refresh_token")) == 1
    assert len(calls_of(sandbox, users)) == 2


async def test_a_token_that_is_refused_again_needs_a_person(sandbox: Sandbox, person: Person) -> None:
    users = listing("slack-user")
    script(sandbox, "slack", users.fault(times=20, **slack_says("invalid_auth")))
    run = await first_read(person, "slack", "acme")
    assert (run["status"], run["error"]["code"]) == ("partial", "needs_reauth")
    assert len(calls(sandbox, "slack", "/api/oauth.v2.access", "grant_type=refresh_token")) == 1
    assert len(calls_of(sandbox, users)) == 2
    status = await person.status("slack")
    assert (status["status"], status["last_error"]["action"]) == ("error", "reconnect")
    # Once may be a fault of the provider's; twice is none.
    assert (await read(person, "slack"))["error"]["code"] == "needs_reauth"
    assert (await person.status("slack"))["status"] == "needs_reauth"


@pytest.mark.parametrize("shape", AIRTABLE_SHAPES)
async def test_airtables_rate_limit_is_waited_for(sandbox: Sandbox, person: Person, shape: str) -> None:
    records = listing("airtable-record")
    body = AIRTABLE_SHAPES[shape](RATE)
    script(sandbox, "airtable", records.fault(status=429, json=body, headers={"Retry-After": "3"}))
    await person.connect("globex", "airtable")
    run = (await person.status("airtable"))["run"]["id"]
    assert (await waiting(person, run))["error"]["code"] == "provider_throttled"
    ended = await person.end_of(run)
    assert (ended["status"], ended["error"], ended["counts"]["added"]) == ("succeeded", None, TOTAL)
    await is_whole(person, "airtable")


async def test_without_a_time_airtable_is_left_alone_for_half_a_minute(sandbox: Sandbox, person: Person) -> None:
    script(sandbox, "airtable", listing("airtable-record").fault(status=429, json=AIRTABLE_SHAPES["a list"](RATE)))
    await person.connect("globex", "airtable")
    run = (await person.status("airtable"))["run"]["id"]
    await waiting(person, run)
    ended = await person.end_of(run, seconds=90)
    assert (ended["status"], ended["counts"]["added"]) == ("succeeded", TOTAL)
    received = calls(sandbox, "airtable", "/v0/app")
    refused = next(number for number, one in enumerate(received) if one["status"] == 429)
    assert seconds_between(received[refused], received[refused + 1]) >= 30


@pytest.mark.parametrize("shape", AIRTABLE_SHAPES)
async def test_airtables_used_up_plan_is_no_rate_limit(sandbox: Sandbox, person: Person, shape: str) -> None:
    records = listing("airtable-record")
    script(sandbox, "airtable", records.fault(status=429, json=AIRTABLE_SHAPES[shape](BILLING), times=10))
    run = await first_read(person, "airtable", "acme")
    await ended_with(person, run, "quota_exceeded")
    assert (run["counts"]["added"], len(calls_of(sandbox, records))) == (TOTAL - 7, 1)
    assert (await person.status("airtable"))["last_error"]["action"] == "wait"
    await is_whole(person, "airtable", added=7)


async def test_hubspots_day_is_no_rate_limit_and_its_ten_seconds_are(sandbox: Sandbox, person: Person) -> None:
    contacts = listing("hubspot-contact")
    refusal = {"status": "error", "errorType": "RATE_LIMIT", "message": "You have reached your limit."}
    daily = contacts.fault(status=429, json=refusal | {"policyName": "DAILY"})
    script(sandbox, "hubspot", daily)
    run = await first_read(person, "hubspot", "acme")
    await ended_with(person, run, "quota_exceeded")
    assert (run["status"], await person.items(provider="hubspot")) == ("failed", [])
    for policy in ("TEN_SECONDLY_ROLLING", "SECONDLY", "OF_NO_NAME"):
        soon = refusal | {"policyName": policy}
        script(sandbox, "hubspot", contacts.fault(status=429, json=soon, headers={"Retry-After": "3"}))
        again = (await person.sync("hubspot"))["id"]
        await waiting(person, again)
        assert (await person.end_of(again))["status"] == "succeeded"
    await is_whole(person, "hubspot")


async def test_notions_blocked_calls_are_no_rate_limit(sandbox: Sandbox, person: Person) -> None:
    pages = listing("notion-page")
    for reason, blocked in (("public_api_request_blocked", True), ("of_no_name", False)):
        body = {"code": "rate_limited", "message": "no", "additional_data": {"rate_limit_reason": reason}}
        script(sandbox, "notion", pages.fault(status=429, json=body, headers={"Retry-After": "3"}, times=1))
        if blocked:
            run = await first_read(person, "notion", "globex")
            await ended_with(person, run, "quota_exceeded")
            continue
        again = (await person.sync("notion"))["id"]
        await waiting(person, again)
        assert (await person.end_of(again))["status"] == "succeeded"
    await is_whole(person, "notion")


async def test_rows_whose_data_source_notions_search_leaves_out_are_found_all_the_same(
    sandbox: Sandbox, person: Person
) -> None:
    """Shared by themselves, for instance."""
    sources = listing("notion-data_source")
    script(sandbox, "notion", sources.fault(json=sources.page()))
    run = await first_read(person, "notion", "globex")
    assert (run["status"], run["error"], run["counts"]["added"]) == ("succeeded", None, TOTAL - 2), run
    rows = [page for page in await person.items(provider="notion", kind="page") if page["parent_id"]]
    assert len(rows) == SMALL["notion"]["row"]
    assert [row["name"] for row in rows if not row["properties"].get("markdown")] == []
    await is_whole(person, "notion", added=2)
    (source,) = await person.items(provider="notion", kind="data_source")
    pages = await person.items(provider="notion", kind="page")
    assert sum(page["parent_id"] == source["id"] for page in pages) == len(rows)


async def test_what_notion_shows_in_part_is_an_item_all_the_same(sandbox: Sandbox, person: Person) -> None:
    ids = [f"00000000-0000-4000-8000-{number:012x}" for number in range(3)]
    kinds = {"notion-page": "page", "notion-data_source": "data_source", "notion-row": "page"}
    faults = [
        listing(name).fault(json=listing(name).page(results=[{"object": kind, "id": own_id}]))
        for own_id, (name, kind) in zip(ids, kinds.items(), strict=True)
    ]
    script(sandbox, "notion", *faults)
    run = await first_read(person, "notion", "acme")
    assert (run["status"], run["error"]) == ("succeeded", None), run
    items = {item["external_id"]: item for item in await person.items(provider="notion")}
    assert set(items) >= set(ids)
    for own_id, kind in zip(ids, kinds.values(), strict=True):
        item = items[own_id]
        assert (item["kind"], item["name"], item["creation_time"], item["url"]) == (kind, own_id, None, None)


@pytest.mark.parametrize(
    ("name", "gone", "lost"),
    [
        ("airtable-table", {"status": 403, "json": {"error": {"type": "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND"}}}, 9),
        ("airtable-table", {"status": 404, "json": {"error": "NOT_FOUND"}}, 9),
        ("airtable-record", {"status": 404, "json": {"error": "NOT_FOUND"}}, None),
        ("slack-message", slack_says("not_in_channel"), None),
        ("slack-message", slack_says("channel_not_found"), None),
        ("slack-message", slack_says("is_archived"), None),
        ("slack-reply", slack_says("thread_not_found"), 1),
        # The search shows them too.
        ("notion-row", NOT_SHARED, 0),
        ("notion-row", NOT_ALLOWED, 0),
        ("notion-database", NOT_SHARED, 1),
    ],
)
async def test_a_parent_that_is_gone_costs_what_lies_under_it_and_nothing_else(
    sandbox: Sandbox, person: Person, name: str, gone: dict[str, Any], lost: int | None
) -> None:
    """Removed, left or no longer shared since it was listed; ``lost`` where all that is under it is known."""
    listed = listing(name)
    provider = listed.provider
    script(sandbox, provider, listed.fault(**gone))
    run = await first_read(person, provider, "globex")
    counts = run["counts"]
    assert (run["status"], run["error"], counts["skipped"]) == ("succeeded", None, 1), run
    assert 0 < counts["added"] <= TOTAL - (lost is None)
    assert lost is None or counts["added"] == TOTAL - lost
    status = await person.status(provider)
    assert (status["status"], status["last_error"]) == ("active", None)
    await is_whole(person, provider, added=TOTAL - counts["added"])

    script(sandbox, provider, listed.fault(**gone))
    run = await read(person, provider)
    assert (run["status"], run["counts"]["skipped"], run["counts"]["changed"]) == ("succeeded", 1, 0), run
    assert len(await person.items(provider=provider)) == TOTAL
