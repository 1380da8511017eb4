"""What a provider may answer when a code is redeemed, what crashes and restarts do to it, and connecting again."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from tests.e2e.claims import data_code
from tests.e2e.conftest import EMBEDDED, NewPerson
from tests.e2e.connecting import EXCHANGE, nothing_is_connected, refused, token_calls
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox

INTROSPECT = {"path": "/oauth/2026-03/token/introspect"}
GOOD = {"token_type": "bearer", "access_token": "a" * 40, "refresh_token": "r" * 40, "expires_in": 1800, "scopes": []}
CANARY = "canary-8f1e"
EXIT_OF_A_FAILPOINT = 70

REFUSED_TOKENS: dict[str, dict[str, Any]] = {
    "a page": {"status": 200, "headers": {"Content-Type": "text/html"}, "body": f"<html>{CANARY}</html>"},
    "5 MB": {"status": 200, "body": CANARY + "x" * 5_000_000},
    "deep": {"status": 200, "body": "[" * 10_000 + "]" * 10_000},
    "deep within": {"status": 200, "body": '{"access_token":' + '{"a":' * 10_000 + "1" + "}" * 10_001},
    "no object": {"json": ["access_token"]},
    "cut off": {"body": '{"access_token":"' + CANARY},
    "nothing": {"body": ""},
    "an error with 200": {"json": {"ok": False, "error": "invalid_code", "detail": CANARY}},
    "invalid_grant": {"status": 400, "json": {"error": "invalid_grant", "error_description": CANARY}},
    "no token": {"json": {name: value for name, value in GOOD.items() if name != "access_token"}},
    "null token": {"json": GOOD | {"access_token": None}},
    "number token": {"json": GOOD | {"access_token": 7}},
    "empty token": {"json": GOOD | {"access_token": ""}},
    "odd token": {"json": GOOD | {"access_token": "a\r\nX-Evil: 1"}},
    "NUL token": {"json": GOOD | {"access_token": "a\u0000"}},
    "huge token": {"json": GOOD | {"access_token": "a" * 100_000}},
    "number refresh": {"json": GOOD | {"refresh_token": 7}},
    "mac": {"json": GOOD | {"token_type": "mac"}},
    "no type": {"json": GOOD | {"token_type": None}},
    "life 0": {"json": GOOD | {"expires_in": 0}},
    "life -1": {"json": GOOD | {"expires_in": -1}},
    "life 1e20": {"json": GOOD | {"expires_in": 1e20}},
    "life true": {"json": GOOD | {"expires_in": True}},
    "life text": {"json": GOOD | {"expires_in": "soon"}},
    "life list": {"json": GOOD | {"expires_in": [1800]}},
}
LATER_TOKENS: dict[str, dict[str, Any]] = {
    "500": {"status": 500, "body": CANARY},
    "503": {"status": 503, "headers": {"Retry-After": "7"}},
    "429": {"status": 429, "headers": {"Retry-After": "1000000000"}},
    "invalid_client": {"status": 401, "json": {"error": "invalid_client", "error_description": CANARY}},
    "a redirect": {"status": 302, "headers": {"Location": "http://127.0.0.1:9/token"}},
    "reset": {"reset": True},
    "cut": {"cut_after_bytes": 20},
    "12 MB": {"status": 200, "body": "x" * 12_000_000},
}
REFUSED_ACCOUNTS: dict[str, dict[str, Any]] = {
    "a page": {"status": 200, "body": f"<html>{CANARY}</html>"},
    "deep": {"body": '{"hub_id":' * 10_000},
    "no account": {"json": {"active": True}},
    "null account": {"json": {"hub_id": None}},
    "text account": {"json": {"hub_id": "62515001"}},
    "404": {"status": 404, "json": {"message": CANARY}},
}


async def _connecting_fails(person: Person, fault: dict[str, Any], status: int, code: str) -> httpx.Response:
    sandbox = person.product.sandbox
    sandbox.control("POST", "/faults", [fault])
    page = await person.visit(await person.approved("globex"))
    refused(page, status, code)
    for leak in (CANARY, "a" * 40, "r" * 40, "sandbox-secret"):
        assert leak not in page.text
    assert f'"error": "{code}"' in page.text
    await nothing_is_connected(person)
    return page


@EMBEDDED
@pytest.mark.parametrize("answer", REFUSED_TOKENS)
async def test_a_token_answer_that_makes_no_sense_connects_nothing(person: Person, answer: str) -> None:
    await _connecting_fails(person, EXCHANGE | REFUSED_TOKENS[answer], 400, "grant_refused")


@EMBEDDED
@pytest.mark.parametrize("answer", REFUSED_ACCOUNTS)
async def test_a_grant_for_nobody_knows_which_account_connects_nothing(person: Person, answer: str) -> None:
    await _connecting_fails(person, INTROSPECT | REFUSED_ACCOUNTS[answer], 400, "grant_refused")


@EMBEDDED
@pytest.mark.parametrize("answer", LATER_TOKENS)
async def test_a_provider_that_is_away_is_no_refusal(person: Person, answer: str) -> None:
    await _connecting_fails(person, EXCHANGE | LATER_TOKENS[answer], 503, "provider_unavailable")
    assert await person.connect("globex")
    assert len(await person.connections()) == 1


async def test_a_connection_that_failed_half_way_leaves_nothing(person: Person) -> None:
    await _connecting_fails(person, EXCHANGE | {"body": "<html>"}, 400, "grant_refused")
    await _connecting_fails(person, INTROSPECT | {"json": {"hub_id": None}}, 400, "grant_refused")
    await _connecting_fails(person, INTROSPECT | {"status": 500}, 503, "provider_unavailable")
    assert await person.connect("globex")
    assert len(await person.connections()) == 1


@EMBEDDED
async def test_a_provider_that_is_away_when_asked_for_the_account_is_no_refusal(person: Person) -> None:
    for fault in ({"status": 500}, {"reset": True}):
        await _connecting_fails(person, INTROSPECT | fault, 503, "provider_unavailable")
    assert await person.connect("globex")


@EMBEDDED
async def test_a_provider_that_never_answers_is_not_waited_for(person: Person) -> None:
    begun = time.monotonic()
    await _connecting_fails(person, EXCHANGE | {"delay_ms": 60_000}, 503, "provider_unavailable")
    assert time.monotonic() - begun < 31


@EMBEDDED
@pytest.mark.parametrize("life", ["3600", 3600.0, None])
async def test_a_lifetime_may_be_text_or_missing(sandbox: Sandbox, person: Person, life: object) -> None:
    tokens = sandbox.tokens("globex")
    changed = {name: tokens[name] for name in ("access_token", "refresh_token")} | {"expires_in": life}
    sandbox.control("POST", "/faults", [EXCHANGE | {"json": GOOD | changed}])
    await person.connect("globex")
    credential = (await person.call("POST", "/integrations/hubspot/credentials")).json()
    assert (credential["expires_at"] is None) == (life is None)
    assert (await person.first_sync())["status"] == "succeeded"


async def test_connecting_an_account_again_keeps_its_connection_and_its_items(sandbox: Sandbox, person: Person) -> None:
    connection = await person.connect("globex")
    await person.first_sync()
    items = sorted(item["id"] for item in await person.items())
    before = (await person.call("POST", "/integrations/hubspot/credentials")).json()
    sandbox.control("POST", "/expire")
    assert await person.connect("globex") == connection
    assert (await person.first_sync())["counts"]["unchanged"] == 10
    after = (await person.call("POST", "/integrations/hubspot/credentials")).json()
    assert after["obtained_at"] > before["obtained_at"]
    assert sorted(item["id"] for item in await person.items()) == items
    assert len(await person.connections()) == 1


async def test_twenty_people_may_connect_one_account_each_for_themselves(
    product: Product, person: Person, new_person: NewPerson
) -> None:
    other = await new_person(product)
    connections = [await one.connect("globex") for one in (person, other)]
    assert len(set(connections)) == 2
    for one in (person, other):
        await one.first_sync()
        assert {item["connection_id"] for item in await one.items()} == {(await one.status())["connection_id"]}


async def test_a_crash_between_the_answer_and_the_store_leaves_no_ghost(product: Product, person: Person) -> None:
    first = product.apis[0]
    first.kill()
    product.start(FAILPOINTS="connect.after_response=exit")
    callback = await person.approved("globex")
    with pytest.raises(httpx.TransportError):
        await person.visit(callback, base=product.urls[0])
    assert first.ended(10) == EXIT_OF_A_FAILPOINT
    product.start()
    await nothing_is_connected(person)
    for url in product.urls:
        refused(await person.visit(callback, base=url), 400, "authorization_unknown")
    await person.connect("globex")
    assert (await person.first_sync())["counts"]["added"] == 10
    assert len(await person.connections()) == 1


async def test_an_attempt_that_takes_too_long_connects_nothing(
    product: Product, sandbox: Sandbox, person: Person
) -> None:
    product.stop_apis()
    product.start(OAUTH_STATE_TTL_SECONDS="2")
    started = await person.authorize()
    assert started["expires_in"] == 2
    callback = await person.consent(started["url"])
    await asyncio.sleep(2.1)
    refused(await person.visit(callback), 400, "authorization_unknown")
    assert token_calls(sandbox) == []
    await nothing_is_connected(person)


async def test_a_flow_outlives_a_restart_only_where_the_cache_does(
    product: Product, sandbox: Sandbox, person: Person
) -> None:
    callback = await person.approved("globex")
    for process in product.apis:
        process.stop()
    product.start()
    page = await person.visit(callback)
    if product.redis:
        assert data_code(page) == "connected"
    else:
        refused(page, 400, "authorization_unknown")
        assert token_calls(sandbox) == []
        assert await person.connect("globex")
