"""A provider whose answers make no sense, at each of its listings in turn."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.conftest import EMBEDDED
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.provider_listings import (
    LISTINGS,
    TOTAL,
    Listed,
    account_of,
    calls,
    each_listing,
    each_provider,
    ended_with,
    first_read,
    forget_peak,
    is_whole,
    nobody_calls,
    peak,
    read,
    script,
    small_accounts,
)
from tests.e2e.sandbox_server import Sandbox
from tests.e2e.traces import traces

pytestmark = EMBEDDED

LARGE = 5_000_000
MOST_GROWTH = 64 * 1024 * 1024
DEEP = "[" * 10_000 + "]" * 10_000
REDIRECTS = (301, 302, 303, 307, 308)

Answer = tuple[dict[str, Any], str]
"""What is answered, and the code with which that ends a run."""


@pytest.fixture
def sandbox(product: Product) -> Sandbox:
    return small_accounts(product)


@pytest.fixture
def canary() -> str:
    return f"canary-{uuid4().hex}"


def nonsense(listed: Listed, canary: str) -> list[Answer]:
    """Answers of status 200 that are no page of this listing."""
    page = listed.page()
    without = {name: value for name, value in page.items() if name != listed.entries}
    deep = json.dumps(page | {listed.entries: "deep"}).replace('"deep"', DEEP)
    beside = json.dumps(page | {"beside": "deep"}).replace('"deep"', DEEP)
    # Slack says in each answer whether it is one: what does not say so is no page, what says so is a bad one.
    unread = "unexpected_answer" if listed.provider == "slack" else "unreadable_answer"
    found: list[Answer] = [
        ({"body": f"<html>{canary}", "headers": {"Content-Type": "text/html"}}, unread),
        ({"body": json.dumps(page)[:-1] + f',"{canary}'}, unread),
        ({"body": canary + "x" * LARGE}, unread),
        ({"body": json.dumps(page | {listed.entries: {canary: "x" * LARGE}})}, "unreadable_answer"),
        ({"body": deep}, unread),
        ({"body": beside}, unread),
        ({"body": ""}, unread),
        ({"json": [canary]}, unread),
        ({"json": canary}, unread),
        ({"json": without | {canary: []}}, "unreadable_answer"),
        ({"json": page | {listed.entries: None}}, "unreadable_answer"),
        ({"json": page | {listed.entries: {"0": canary}}}, "unreadable_answer"),
    ]
    if listed.has_pages:
        found += [({"json": listed.page(5)}, "unreadable_answer"), ({"json": listed.page([])}, "unreadable_answer")]
    return found


def refusals(canary: str) -> list[Answer]:
    """Answers of another status that nobody documents for a listing."""
    return [
        ({"status": 204}, "unexpected_answer"),
        ({"status": 400, "json": {"message": canary}}, "unexpected_answer"),
        ({"status": 403, "json": {"message": canary}}, "access_forbidden"),
        ({"status": 410, "body": canary}, "unexpected_answer"),
    ]


def said_nowhere(product: Product, canary: str) -> None:
    for process in (*product.apis, product.worker):
        assert process is None or canary not in process.output()
    assert traces(product, [canary]) == []


@each_listing(*LISTINGS)
async def test_an_answer_that_makes_no_sense_ends_the_run_with_a_reason(
    product: Product, sandbox: Sandbox, person: Person, listed: Listed, canary: str
) -> None:
    provider = listed.provider
    answers = [*nonsense(listed, canary), *refusals(canary)]
    if listed != next(one for one in LISTINGS if one.provider == provider):
        # Every reader is shown every such page in the contract tests; here it is what becomes of a run.
        answers = answers[::4]
    script(sandbox, provider, listed.fault(**answers[0][0]))
    first = await first_read(person, provider, account_of(listed))
    await ended_with(person, first, answers[0][1])
    half = len(await person.items(provider=provider))
    assert (half, first["counts"]["added"]) == (first["counts"]["seen"], half)
    await is_whole(person, provider, added=TOTAL - half)

    before = await person.items(provider=provider)
    resting = forget_peak(product.working)
    for fault, code in answers[1:]:
        script(sandbox, provider, listed.fault(**fault))
        run = await read(person, provider)
        await ended_with(person, run, code)
        counts = run["counts"]
        assert (counts["seen"], counts["added"], counts["changed"]) == (counts["unchanged"], 0, 0)
        assert canary not in str(run)
        assert canary not in str(await person.status(provider))
        assert await person.items(provider=provider) == before
    assert peak(product.working) - resting < MOST_GROWTH
    await is_whole(person, provider)
    assert await person.items(provider=provider) == before
    said_nowhere(product, canary)


@each_provider
async def test_nobody_is_called_to_whom_a_provider_points(
    product: Product, sandbox: Sandbox, person: Person, provider: str, canary: str
) -> None:
    """Redirects, and addresses where a cursor or a link belongs."""
    await first_read(person, provider, "globex")
    with nobody_calls() as elsewhere:
        url = f"http://{elsewhere}/{canary}"
        for listed in (one for one in LISTINGS if one.provider == provider):
            statuses = REDIRECTS if listed.kind in ("contact", "data_source", "user", "base") else REDIRECTS[1:2]
            for status in statuses:
                script(sandbox, provider, listed.fault(status=status, headers={"Location": url}))
                await ended_with(person, await read(person, provider), "unexpected_answer")
            if not listed.has_pages:
                continue
            pointing = listed.page(url, link=url, next=url, url=url)
            if provider == "hubspot":
                pointing["paging"]["next"]["link"] = url
            headers = {"Link": f'<{url}>; rel="next"', "Refresh": f"0; url={url}"}
            script(sandbox, provider, listed.fault(json=pointing, headers=headers), listed.fault(json=listed.page()))
            run = await read(person, provider)
            assert (run["status"], run["counts"]["deleted"]) == ("succeeded", 0), (listed, run)
    await is_whole(person, provider)


@each_provider
async def test_a_page_may_be_large(product: Product, sandbox: Sandbox, person: Person, provider: str) -> None:
    """As long as what is large in it is nothing that anybody asked for."""
    await first_read(person, provider, "acme")
    resting = forget_peak(product.working)
    for listed in (one for one in LISTINGS if one.provider == provider and one.has_pages):
        script(sandbox, provider, *[listed.fault(json=listed.page(c, more="x" * LARGE)) for c in ("c1", "c2", None)])
        run = await read(person, provider)
        assert (run["status"], run["error"]) == ("succeeded", None), (listed, run)
    assert peak(product.working) - resting < MOST_GROWTH
    await is_whole(person, provider)


async def test_a_page_whose_text_cannot_be_had_gets_it_with_the_next_sync(sandbox: Sandbox, person: Person) -> None:
    """What a call of its own tells of an item is part of it."""
    script(sandbox, "notion", {"path": "/v1/pages/", "status": 200, "body": "<html>", "times": 100})
    run = await first_read(person, "notion", "globex")
    pages = await person.items(provider="notion", kind="page")
    assert (run["status"], len(pages), len(calls(sandbox, "notion", "/v1/pages/"))) == ("succeeded", 8, 8)
    assert not [page for page in pages if "markdown" in page["properties"]]
    script(sandbox, "notion")
    assert (await read(person, "notion"))["status"] == "succeeded"
    pages = await person.items(provider="notion", kind="page")
    assert [page["name"] for page in pages if not page["properties"].get("markdown")] == []
