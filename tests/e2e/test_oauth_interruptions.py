"""Attempts to connect that are cut short: by time, by a restart, by a crash."""

import asyncio

import httpx
import pytest

from tests.e2e.claims import data_code
from tests.e2e.conftest import NewPerson
from tests.e2e.connecting import (
    PROVIDERS,
    as_started,
    each_provider,
    nothing_is_connected,
    refused,
    token_calls,
)
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox

EXIT_OF_A_FAILPOINT = 70
TOTAL = 10
"""Items of the account globex, at each provider."""


@pytest.fixture(autouse=True)
def sandbox(product: Product) -> Sandbox:
    for provider in PROVIDERS:
        as_started(product.sandbox, provider)
    return product.sandbox


async def test_a_crash_between_the_answer_and_the_store_leaves_no_ghost(
    product: Product, sandbox: Sandbox, person: Person
) -> None:
    first, callbacks = product.apis[0], dict[str, str]()
    first.kill()
    for provider in PROVIDERS:
        product.start(FAILPOINTS="connect.after_response=exit")
        callbacks[provider] = await person.approved("globex", provider)
        with pytest.raises(httpx.TransportError):
            await person.visit(callbacks[provider], base=product.urls[0])
        assert first.ended(60) == EXIT_OF_A_FAILPOINT
        assert [call["status"] for call in token_calls(sandbox, provider)] == [200]
    product.start()
    for provider, callback in callbacks.items():
        await nothing_is_connected(person, provider)
        for url in product.urls:
            refused(await person.visit(callback, base=url), 400, "authorization_unknown")
    for provider in PROVIDERS:
        await person.connect("globex", provider)
    for provider in PROVIDERS:
        assert (await person.first_sync(provider))["counts"]["added"] == TOTAL
    assert len(await person.connections()) == len(PROVIDERS)


async def test_an_attempt_that_takes_too_long_connects_nothing(
    product: Product, sandbox: Sandbox, person: Person
) -> None:
    product.stop_apis()
    product.start(OAUTH_STATE_TTL_SECONDS="2")
    callbacks = dict[str, str]()
    for provider in PROVIDERS:
        started = await person.authorize(provider)
        assert started["expires_in"] == 2
        callbacks[provider] = await person.consent(started["url"])
    await asyncio.sleep(2.1)
    for provider, callback in callbacks.items():
        refused(await person.visit(callback), 400, "authorization_unknown")
        assert token_calls(sandbox, provider) == []
        await nothing_is_connected(person, provider)


async def test_a_flow_outlives_a_restart_only_where_the_cache_does(
    product: Product, sandbox: Sandbox, person: Person
) -> None:
    callbacks = {provider: await person.approved("globex", provider) for provider in PROVIDERS}
    for process in product.apis:
        process.stop()
    product.start()
    for provider, callback in callbacks.items():
        page = await person.visit(callback)
        if product.redis:
            assert data_code(page) == "connected"
        else:
            refused(page, 400, "authorization_unknown")
            assert token_calls(sandbox, provider) == []
            assert await person.connect("globex", provider)


async def test_connecting_an_account_again_keeps_its_connection_and_its_items(sandbox: Sandbox, person: Person) -> None:
    connection = await person.connect("globex")
    await person.first_sync()
    items = sorted(item["id"] for item in await person.items())
    before = (await person.call("POST", "/integrations/hubspot/credentials")).json()
    sandbox.control("POST", "/expire")
    assert await person.connect("globex") == connection
    assert (await person.first_sync())["counts"]["unchanged"] == TOTAL
    after = (await person.call("POST", "/integrations/hubspot/credentials")).json()
    assert after["obtained_at"] > before["obtained_at"]
    assert sorted(item["id"] for item in await person.items()) == items
    assert len(await person.connections()) == 1


@each_provider
async def test_two_people_may_connect_one_account_each_for_themselves(
    product: Product, person: Person, new_person: NewPerson, provider: str
) -> None:
    other = await new_person(product)
    connections = [await one.connect("globex", provider) for one in (person, other)]
    assert len(set(connections)) == 2
    for one in (person, other):
        assert (await one.first_sync(provider))["counts"]["added"] == TOTAL
        assert {item["connection_id"] for item in await one.items()} == {(await one.status(provider))["connection_id"]}
