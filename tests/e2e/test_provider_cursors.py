"""Listings that do not end, or lose their place: every reading ends, and the next one makes it whole."""

from typing import Any
from urllib.parse import parse_qs, unquote

import pytest

from tests.e2e.conftest import EMBEDDED
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.provider_listings import (
    LISTINGS,
    TOTAL,
    Listed,
    account_of,
    calls_of,
    each_listing,
    ended_with,
    first_read,
    is_whole,
    listing,
    read,
    script,
    small_accounts,
)
from tests.e2e.sandbox_server import Sandbox

pytestmark = EMBEDDED

KINDS = ("contact", "page", "channel", "message", "base", "record")
"""One of each provider's that lies under nothing, and one that lies under something."""
PAGED = tuple(one for one in LISTINGS if one.has_pages and one.kind in KINDS)
EXPIRING = tuple(one for one in PAGED if one.provider != "hubspot")
"""HubSpot says nowhere that a cursor may expire."""
SLACK_EMPTY, EMPTY = 4, 9
"""So many pages without entries, each with a new cursor; Slack allows few calls a minute."""
MOST_RESTARTS = 3

LOOPS = {"the same cursor": "aa", "back and forth": "aba", "round": "abca"}
"""The cursors of page after page, up to the first one that has been there."""
UNDER_TWO = ("message", "record")
"""Kinds that lie under two parents: under the other one all is well."""


REFUSALS: dict[str, dict[str, Any]] = {
    "notion": {"status": 400, "json": {"code": "validation_error", "message": "The start_cursor provided is invalid."}},
    "slack": {"json": {"ok": False, "error": "invalid_cursor"}},
    "airtable": {"status": 422, "json": {"error": {"type": "LIST_RECORDS_ITERATOR_NOT_AVAILABLE", "message": "old"}}},
}
STALE = {"notion": "00000000-0000-4000-8000-00000000dead", "slack": "c3RhbGU6MQ==", "airtable": "itrStale/recStale"}
"""Cursors of the right form that lead nowhere."""


@pytest.fixture
def sandbox(product: Product) -> Sandbox:
    return small_accounts(product)


@each_listing(*PAGED)
async def test_a_listing_that_goes_round_ends_the_run(sandbox: Sandbox, person: Person, listed: Listed) -> None:
    provider = listed.provider
    await first_read(person, provider, account_of(listed))
    before = await person.items(provider=provider)
    for cursors in LOOPS.values():
        script(sandbox, provider, *[listed.fault(json=listed.page(cursor)) for cursor in cursors])
        sandbox.control("DELETE", "/requests", provider=provider)
        run = await read(person, provider)
        await ended_with(person, run, "cursor_loop")
        assert len(calls_of(sandbox, listed)) == len(cursors) + (listed.kind in UNDER_TWO)
        assert await person.items(provider=provider) == before
    await is_whole(person, provider)


@each_listing(*PAGED)
async def test_pages_without_entries_are_read_through_to_the_end(
    sandbox: Sandbox, person: Person, listed: Listed
) -> None:
    provider = listed.provider
    empty = SLACK_EMPTY if provider == "slack" else EMPTY
    pages = [listed.page(f"c{number}") for number in range(empty)] + [listed.page()]
    script(sandbox, provider, *[listed.fault(json=page) for page in pages])
    run = await first_read(person, provider, account_of(listed))
    assert (run["status"], run["error"]) == ("succeeded", None), run
    there = await person.items(provider=provider)
    assert len(there) == run["counts"]["added"]
    # The search for pages shows rows too; and of companies and deals there are none.
    assert len(there) < TOTAL or listed.name == "row" or listed.kind in ("company", "deal")
    assert len(calls_of(sandbox, listed)) > empty
    await is_whole(person, provider, added=TOTAL - len(there))


@each_listing(*EXPIRING)
async def test_an_expired_cursor_begins_that_listing_anew(sandbox: Sandbox, person: Person, listed: Listed) -> None:
    """The provider refuses a cursor that it does not know in its own words: invalid_cursor, 422, 400."""
    provider = listed.provider
    script(sandbox, provider, listed.fault(json=listed.page(STALE[provider])))
    run = await first_read(person, provider, account_of(listed))
    assert (run["status"], run["error"], run["counts"]["skipped"]) == ("succeeded", None, 0), run
    assert run["counts"]["added"] == TOTAL
    asked = [unquote(one["query"] + one["body"]) for one in calls_of(sandbox, listed)]
    assert sum(STALE[provider] in one for one in asked) == 1
    await is_whole(person, provider)


@each_listing(*EXPIRING)
async def test_a_cursor_that_expires_again_and_again_ends_the_run(
    sandbox: Sandbox, person: Person, listed: Listed
) -> None:
    provider = listed.provider
    await first_read(person, provider, account_of(listed))
    before = await person.items(provider=provider)
    begun, refused = listed.fault(json=listed.page(STALE[provider])), listed.fault(**REFUSALS[provider])
    script(sandbox, provider, *[begun, refused] * (MOST_RESTARTS + 1))
    run = await read(person, provider)
    await ended_with(person, run, "cursor_expired")
    assert await person.items(provider=provider) == before
    await is_whole(person, provider)


async def test_only_the_listing_whose_cursor_expired_is_read_again(sandbox: Sandbox, person: Person) -> None:
    """Under each of a workspace's channels there is one."""
    history = listing("slack-message")
    script(sandbox, "slack", history.fault(json=history.page(STALE["slack"]), after=1))
    run = await first_read(person, "slack", "globex")
    assert (run["status"], run["counts"]["added"]) == ("succeeded", TOTAL)
    asked = [parse_qs(one["query"])["channel"][0] for one in calls_of(sandbox, history)]
    assert sorted(asked.count(channel) for channel in set(asked)) == [1, 3]
