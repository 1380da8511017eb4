"""People who connect the same outside account where the provider gives all of them one grant."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from tests.e2e.conftest import NewPerson
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.provider_grants import TOKENS, expire, granted
from tests.e2e.provider_listings import TOTAL, eventually, script, small_accounts
from tests.e2e.sandbox_server import Sandbox

each_sharing = pytest.mark.parametrize("provider", ["hubspot", "slack"])
STRAGGLER_SECONDS = 3.0
"""In which a revocation that nobody should make would come."""

Pair = tuple[Person, Person]


@pytest.fixture
def sandbox(product: Product) -> Sandbox:
    return small_accounts(product)


@pytest_asyncio.fixture
async def pair(product: Product, sandbox: Sandbox, new_person: NewPerson, provider: str) -> AsyncIterator[Pair]:
    """Two people with one account, both read."""
    people = await new_person(product), await new_person(product)
    for person in people:
        await person.connect("globex", provider)
    for person in people:
        first = await person.first_sync(provider)
        assert (first["status"], first["counts"]["added"]) == ("succeeded", TOTAL)
    assert len(granted(product, provider)["grants"]) == 1
    yield people


async def both_are_renewed_by_one(pair: Pair, provider: str) -> None:
    """Through both processes at once, however many ask."""
    one, another = pair
    sandbox, tokens = one.product.sandbox, TOKENS[provider]
    before = len(tokens.renewals(sandbox))
    expire(sandbox, provider)
    script(sandbox, provider, tokens.fault(delay_ms=700))
    runs = await asyncio.gather(one.synced(provider), another.synced(provider))
    for run in runs:
        assert (run["status"], run["error"], run["counts"]["unchanged"]) == ("succeeded", None, TOTAL)
    assert len(tokens.renewals(sandbox)) == before + 1


async def still_reads(person: Person, provider: str) -> None:
    """Also when its access token has just ended."""
    expire(person.product.sandbox, provider)
    run = await person.synced(provider)
    assert (run["status"], run["counts"]["unchanged"]) == ("succeeded", TOTAL), run
    assert (await person.status(provider))["status"] == "active"


async def disconnects(person: Person, provider: str) -> None:
    answer = await person.call("POST", f"/integrations/{provider}/disconnect")
    assert answer.status_code == 204


async def deletes_the_account(person: Person, provider: str) -> None:
    del provider
    answer = await person.call("DELETE", "/auth/me", json={"current_password": person.password})
    assert answer.status_code == 202


WAYS: dict[str, Callable[[Person, str], Awaitable[None]]] = {
    "a disconnection": disconnects,
    "the deletion of an account": deletes_the_account,
}


@each_sharing
async def test_two_who_need_new_tokens_at_once_spend_one_refresh_token(
    sandbox: Sandbox, pair: Pair, provider: str
) -> None:
    await both_are_renewed_by_one(pair, provider)
    # A refresh token that came twice would end the grant now.
    sandbox.control("PATCH", body={"refresh_reuse": "revoke_family"}, provider=provider)
    await both_are_renewed_by_one(pair, provider)
    await both_are_renewed_by_one(pair, provider)


@each_sharing
@pytest.mark.parametrize("way", WAYS)
async def test_a_grant_is_given_back_by_the_last_who_holds_it(
    product: Product, sandbox: Sandbox, pair: Pair, provider: str, way: str
) -> None:
    one, another = pair
    tokens = TOKENS[provider]
    await WAYS[way](one, provider)
    await asyncio.sleep(STRAGGLER_SECONDS)
    assert tokens.revocations(sandbox) == []
    await still_reads(another, provider)
    await WAYS[way](another, provider)
    await eventually(lambda: granted(product, provider)["grants"] == [], "the grant lives on")
    await eventually(lambda: tokens.revocations(sandbox)[-1]["status"] is not None, "that is not said")
    assert [call["status"] for call in tokens.revocations(sandbox)] == [200]


@each_sharing
async def test_two_who_go_at_once_give_the_grant_back_once(
    product: Product, sandbox: Sandbox, pair: Pair, provider: str
) -> None:
    one, another = pair
    await asyncio.gather(disconnects(one, provider), deletes_the_account(another, provider))
    await eventually(lambda: granted(product, provider)["grants"] == [], "the grant lives on")
    await asyncio.sleep(STRAGGLER_SECONDS)
    assert {call["status"] for call in TOKENS[provider].revocations(sandbox)} == {200}


@each_sharing
async def test_who_comes_back_shares_the_grant_again(
    product: Product, sandbox: Sandbox, pair: Pair, provider: str
) -> None:
    one, another = pair
    await disconnects(one, provider)
    await one.connect("globex", provider)
    assert (await one.first_sync(provider))["status"] == "succeeded"
    await both_are_renewed_by_one(pair, provider)
    await disconnects(another, provider)
    await asyncio.sleep(STRAGGLER_SECONDS)
    assert TOKENS[provider].revocations(sandbox) == []
    await still_reads(one, provider)
