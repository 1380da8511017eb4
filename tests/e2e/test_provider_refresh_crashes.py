"""A process that dies between a provider's new tokens and their storing, at every provider."""

import asyncio
import time

import pytest

from tests.e2e.mailbox import SandboxMailbox
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.provider_grants import BROKEN, TOKENS, expire, fresh, is_over, latest_run, reuse
from tests.e2e.provider_listings import PROVIDERS, TOTAL, eventually
from tests.e2e.sandbox_server import Sandbox

LISTING_DELAY_MS = 4000
HELD_SECONDS = 60
"""How long new tokens stay in hand: until those of all providers are."""
RECOVERY_SECONDS = 180.0
"""The claim on a refresh token outlives its holder by up to a minute."""
LENIENT = {"embedded": (("hubspot", "notion"), ("slack", "airtable")), "cassandra-redis": (("hubspot", "airtable"),)}
"""Who takes an old refresh token for a little longer; the others end the whole grant when one comes again."""


@pytest.fixture
def sandbox(product: Product) -> Sandbox:
    fresh(product, *PROVIDERS)
    return product.sandbox


def spent(sandbox: Sandbox) -> dict[str, int]:
    return {provider: len(TOKENS[provider].renewals(sandbox)) for provider in PROVIDERS}


def all_answered(sandbox: Sandbox) -> bool:
    found = [TOKENS[provider].renewals(sandbox) for provider in PROVIDERS]
    return all(calls and calls[-1]["status"] == 200 for calls in found)


async def dies_with_each_new_pair(product: Product, person: Person) -> dict[str, str]:
    """Provider to run: each refresh token is spent, and nobody has kept its successor."""
    working, sandbox = product.working, product.sandbox
    for provider in PROVIDERS:
        await person.connect("globex", provider)
    for provider in PROVIDERS:
        assert (await person.first_sync(provider))["counts"]["added"] == TOTAL
        delay = {"path": TOKENS[provider].listing, "delay_ms": LISTING_DELAY_MS}
        sandbox.control("POST", "/faults", [delay], provider=provider)
    runs = {provider: (await person.sync(provider))["id"] for provider in PROVIDERS}
    working.kill()
    expire(sandbox, *PROVIDERS)
    for provider in PROVIDERS:
        sandbox.control("POST", "/faults", [], provider=provider)
    product.start_one(working, FAILPOINTS=f"refresh.after_response=sleep:{HELD_SECONDS}")
    await eventually(lambda: all_answered(sandbox), "not all have been renewed")
    await asyncio.sleep(0.3)
    working.kill()
    assert spent(sandbox) == dict.fromkeys(PROVIDERS, 1)
    product.start()
    return runs


@pytest.mark.parametrize(
    ("running_product", "lenient"),
    [(profile, some) for profile in ("embedded", "cassandra-redis") for some in LENIENT[profile]],
    indirect=["running_product"],
    ids=str,
)
async def test_a_crash_with_new_tokens_in_hand_is_got_over_or_told_once(
    product: Product,
    sandbox: Sandbox,
    person: Person,
    mailbox: SandboxMailbox,
    lenient: tuple[str, ...],
) -> None:
    strict = [provider for provider in PROVIDERS if provider not in lenient]
    reuse(sandbox, "grace", *lenient)
    reuse(sandbox, "revoke_family", *strict)
    runs = await dies_with_each_new_pair(product, person)
    deadline = time.monotonic() + RECOVERY_SECONDS
    while not all([await is_over(person, provider) for provider in PROVIDERS]):
        assert time.monotonic() < deadline, [await latest_run(person, provider) for provider in PROVIDERS]
        await asyncio.sleep(0.5)

    for provider in lenient:
        run = await person.get(f"/runs/{runs[provider]}")
        assert (run["status"], run["counts"]["unchanged"]) == ("succeeded", TOTAL), (provider, run)
        assert (await person.status(provider))["status"] == "active"
    for provider in strict:
        run = await person.get(f"/runs/{runs[provider]}")
        assert (run["status"], run["error"]["code"]) == ("failed", "needs_reauth"), (provider, run)
        assert (await person.status(provider))["status"] == "needs_reauth"
    # The old refresh token was tried once more, and by nobody since.
    await mailbox.settled(person.email, BROKEN, count=len(strict))
    await asyncio.sleep(2)
    assert spent(sandbox) == dict.fromkeys(PROVIDERS, 2)
    assert [mail.subject for mail in mailbox.of(person.email)] == [BROKEN] * len(strict)

    for provider in strict:
        await person.connect("globex", provider)
        assert (await person.first_sync(provider))["counts"]["unchanged"] == TOTAL
        assert (await person.status(provider))["status"] == "active"
