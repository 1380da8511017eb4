"""Renewing a grant at a token endpoint that fails, at every provider."""

import asyncio
import time
from typing import Any

import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED, SHARED
from tests.e2e.mailbox import SandboxMailbox
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.provider_grants import TOKENS, expire, fresh, granted, kept, reuse
from tests.e2e.provider_listings import PROVIDERS, calls, each_provider, eventually, script
from tests.e2e.sandbox_server import Sandbox
from tests.e2e.traces import traces

ANSWERED = 200
SOON = {"Retry-After": "3"}
PASSING: dict[str, dict[str, Any]] = {
    "429": {"status": 429, "headers": SOON},
    "500": {"status": 500, "headers": SOON},
    "503 in HTML": {"status": 503, "body": "<html>", "headers": SOON},
    "a reset": {"status": 500, "reset": True},
    "a cut": {"status": 200, "body": '{"access_token": "abc", "token_type": "bea', "cut_after_bytes": 20},
}
TIMEOUT_MS = 21_000
"""A second longer than an answer is waited for."""


@pytest.fixture
def sandbox(product: Product) -> Sandbox:
    fresh(product, *PROVIDERS)
    return product.sandbox


async def connected(person: Person, *providers: str) -> None:
    for provider in providers:
        await person.connect("globex", provider)
        assert (await person.first_sync(provider))["status"] == "succeeded"


async def is_got_over(person: Person, provider: str, fault: dict[str, Any]) -> None:
    """A renewal that fails like this leaves the connection as it is, and the next one works."""
    sandbox, tokens = person.product.sandbox, TOKENS[provider]
    before = len(tokens.renewals(sandbox))
    expire(sandbox, provider)
    script(sandbox, provider, tokens.fault(**fault))
    run = (await person.sync(provider))["id"]
    await person.until(run, "waiting", seconds=40)
    status = await person.status(provider)
    assert (status["connected"], status["status"]) == (True, "syncing")
    ended = await person.end_of(run)
    assert (ended["status"], ended["error"]) == ("succeeded", None), (provider, fault, ended)
    assert len(tokens.renewals(sandbox)) == before + 2
    status = await person.status(provider)
    assert (status["status"], status["last_error"]) == ("active", None)


@EMBEDDED
@pytest.mark.parametrize(
    ("provider", "fault"),
    [*(("airtable", fault) for fault in PASSING), *((slug, next(iter(PASSING))) for slug in PROVIDERS[:3])],
)
async def test_a_fault_of_the_token_endpoint_is_no_verdict(
    sandbox: Sandbox, person: Person, provider: str, fault: str
) -> None:
    await connected(person, provider)
    await is_got_over(person, provider, PASSING[fault])


@EMBEDDED
async def test_a_token_endpoint_that_does_not_answer_is_no_verdict(sandbox: Sandbox, person: Person) -> None:
    await connected(person, *PROVIDERS)
    late = {"status": 500, "delay_ms": TIMEOUT_MS}
    await asyncio.gather(*(is_got_over(person, provider, late) for provider in PROVIDERS))


@pytest.mark.parametrize("provider", ["hubspot", "airtable"])
async def test_a_busy_token_endpoint_is_got_over_wherever_the_product_runs(
    sandbox: Sandbox, person: Person, provider: str
) -> None:
    await connected(person, provider)
    # Airtable answers 409 to two who renew the same grant at once.
    await is_got_over(person, provider, {"status": 409, "json": {"error": "conflict"}, "headers": SOON})
    await is_got_over(person, provider, PASSING["429"])


@EMBEDDED
@each_provider
async def test_an_answer_that_is_lost_is_asked_for_again(sandbox: Sandbox, person: Person, provider: str) -> None:
    """The provider has renewed the grant, and takes the old refresh token for a little longer."""
    await connected(person, provider)
    await is_got_over(person, provider, {"reset": True})


@EMBEDDED
@each_provider
async def test_a_client_that_is_refused_is_a_matter_for_the_operator(
    product: Product, sandbox: Sandbox, person: Person, mailbox: SandboxMailbox, provider: str
) -> None:
    await refused_as_a_client(product, person, mailbox, provider)


@SHARED
@pytest.mark.parametrize("provider", ["hubspot", "airtable"])
async def test_a_worker_tells_the_operator_of_a_client_that_is_refused(
    product: Product, sandbox: Sandbox, person: Person, mailbox: SandboxMailbox, provider: str
) -> None:
    await refused_as_a_client(product, person, mailbox, provider)


async def refused_as_a_client(product: Product, person: Person, mailbox: SandboxMailbox, provider: str) -> None:
    sandbox = product.sandbox
    await connected(person, provider)
    expire(sandbox, provider)
    said = product.working.output().count("does not accept our client id and secret")
    script(sandbox, provider, TOKENS[provider].fault(**TOKENS[provider].client_refused, times=3))
    run = await person.synced(provider)
    assert (run["status"], run["error"]["code"]) == ("failed", "client_refused")
    status = await person.status(provider)
    assert (status["connected"], status["status"]) == (True, "error")
    assert (status["last_error"]["code"], status["last_error"]["action"]) == ("client_refused", "contact_admin")
    assert len(TOKENS[provider].renewals(sandbox)) == 1
    lines = [line for line in product.working.output().splitlines() if "does not accept our client id" in line]
    assert len(lines) == said + 1
    assert "error" in lines[-1].lower()
    assert provider in lines[-1]
    script(sandbox, provider)
    assert (await person.synced(provider))["status"] == "succeeded"
    assert (await person.status(provider))["status"] == "active"
    assert mailbox.of(person.email) == []


@pytest.mark.parametrize("provider", ["hubspot", "airtable"])
async def test_a_new_pair_is_kept_before_it_is_used(
    product: Product, sandbox: Sandbox, person: Person, provider: str
) -> None:
    """A crash with the first call that carries it costs nothing, though the old refresh token is worth nothing now."""
    tokens = TOKENS[provider]
    await connected(person, provider)
    reuse(sandbox, "revoke_family", provider)
    sandbox.control("DELETE", "/requests", provider=provider)
    connection = (await person.status(provider))["connection_id"]
    before = await kept(product, connection)
    assert before is not None
    expire(sandbox, provider)
    script(sandbox, provider, {"path": tokens.listing, "after": 1, "delay_ms": 4000})
    run = (await person.sync(provider))["id"]
    await eventually(lambda: len(calls(sandbox, provider, tokens.listing)) == 2, "no call with a new token")
    old, new = calls(sandbox, provider, tokens.listing)
    assert (old["status"], new["status"]) == (401, None)
    assert old["headers"]["authorization"] != new["headers"]["authorization"]
    now = await kept(product, connection)
    assert now is not None
    assert (now.access != before.access, now.refresh != before.refresh) == (True, True)
    product.working.kill()
    product.start()
    ended = await person.end_of(run)
    assert (ended["status"], ended["error"]) == ("succeeded", None)
    assert len(tokens.renewals(sandbox)) == 1
    assert traces(product, [new["headers"]["authorization"].removeprefix("Bearer ")]) == []


@EMBEDDED
@each_provider
async def test_a_pair_that_arrives_after_a_disconnection_is_given_back(
    product: Product, sandbox: Sandbox, person: Person, provider: str
) -> None:
    await disconnected_while_renewing(product, person, provider)


@SHARED
async def test_it_is_given_back_by_another_process_too(product: Product, sandbox: Sandbox, person: Person) -> None:
    await disconnected_while_renewing(product, person, "notion")


async def disconnected_while_renewing(product: Product, person: Person, provider: str) -> None:
    sandbox, tokens = product.sandbox, TOKENS[provider]
    await connected(person, provider)
    connection = (await person.status(provider))["connection_id"]
    held = tokens_of(product, provider)
    expire(sandbox, provider)
    script(sandbox, provider, tokens.fault(delay_ms=3000))
    run = (await person.sync(provider))["id"]
    await eventually(lambda: len(tokens_of(product, provider) - held) == 2, "no new pair")
    pair = tokens_of(product, provider) - held
    gone = await person.call("POST", f"/integrations/{provider}/disconnect")
    assert gone.status_code == 204
    ended = await person.end_of(run)
    assert ended["status"] in ("cancelled", "failed")
    await eventually(lambda: tokens.renewals(sandbox)[-1]["status"] == ANSWERED, "the renewal was not answered")
    if tokens.revocation:
        await eventually(lambda: granted(product, provider)["refresh"] == {}, "a grant lives on")
        await eventually(lambda: any(names(one, pair) for one in tokens.revocations(sandbox)), "not given back")
    status = await person.status(provider, connection_id=connection)
    assert (status["connected"], status["status"]) == (False, "disconnected")
    problem(await person.call("POST", f"/integrations/{provider}/credentials"), 409, "not_connected")
    problem(await person.call("POST", f"/integrations/{provider}/sync"), 409, "not_connected")
    # Airtable has nothing to be asked for, so nothing tells when that is done.
    deadline = time.monotonic() + 20
    while await kept(product, connection) is not None:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)
    assert traces(product, pair) == []


def tokens_of(product: Product, provider: str) -> set[str]:
    """All that the provider has given out and not taken back."""
    grants = granted(product, provider)
    return {*grants["access"], *grants["refresh"]}


def names(call: dict[str, Any], pair: set[str]) -> bool:
    """Whether a call that was answered carries one of these tokens."""
    said = call["body"] + call["headers"].get("authorization", "")
    return call["status"] == ANSWERED and any(token in said for token in pair)
