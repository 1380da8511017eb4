"""Grants that expire, are revoked or taken back while they are used."""

import asyncio
import time
from typing import Any

import pytest

from tests.e2e.claims import problem
from tests.e2e.connecting import revoked
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.provider_listings import eventually
from tests.e2e.sandbox_server import Sandbox
from tests.e2e.traces import promises_kept

CONTACTS = 400
ONLY_CONTACTS = {"contact": CONTACTS, "company": 0, "deal": 0}
TOKEN = "/oauth/2026-03/token"
LISTING = "/crm/v3/objects/contacts"
LATE = {"path": LISTING, "delay_ms": 5000}
LATE_THIRD = LATE | {"after": 2}
"""The third page of the four is on its way long enough for something to happen meanwhile."""


@pytest.fixture
def sandbox(product: Product) -> Sandbox:
    """Of four pages, and without the provider's own rate limits."""
    product.sandbox.control("PATCH", body={"limits": False, "records": ONLY_CONTACTS})
    return product.sandbox


def received(sandbox: Sandbox, path: str, body: str = "") -> list[dict[str, Any]]:
    calls = sandbox.control("GET", "/requests")["items"]
    return [call for call in calls if call["path"].endswith(path) and body in call["body"]]


def counted(run: dict[str, Any], **counts: int) -> None:
    nothing = dict.fromkeys(("seen", "added", "changed", "unchanged", "deleted", "skipped"), 0)
    assert run["counts"] == nothing | counts, run


async def test_a_token_that_expires_on_the_way_is_renewed_once(sandbox: Sandbox, person: Person) -> None:
    sandbox.control("PATCH", body={"latency_ms": 300, "refresh_reuse": "revoke_family"})
    sandbox.control("POST", "/faults", [LATE_THIRD])
    await person.connect()
    run = (await person.status())["run"]["id"]
    await person.under_way(run)
    sandbox.control("POST", "/expire")
    ended = await person.end_of(run)
    counted(ended, seen=CONTACTS, added=CONTACTS)
    assert ended["status"] == "succeeded"
    assert len(received(sandbox, TOKEN, "grant_type=refresh_token")) == 1


async def test_many_needs_at_once_spend_a_refresh_token_once(sandbox: Sandbox, person: Person) -> None:
    sandbox.control("PATCH", body={"access_token_ttl_s": 6, "refresh_reuse": "revoke_family"})
    await person.connect("globex")
    await person.first_sync()
    sandbox.control("PATCH", body={"access_token_ttl_s": 1800})
    sandbox.control("DELETE", "/requests")
    await asyncio.sleep(3.2)  # in the second half of its life a token is about to end
    asked = asyncio.gather(*(person.call("POST", "/integrations/hubspot/credentials") for _ in range(20)))
    run = await person.synced()
    assert {answer.status_code for answer in await asked} == {200}
    assert run["status"] == "succeeded"
    assert len(received(sandbox, TOKEN, "grant_type=refresh_token")) == 1
    assert (await person.status())["status"] == "active"


async def test_a_revoked_grant_waits_for_its_person_and_keeps_the_data(sandbox: Sandbox, person: Person) -> None:
    connection = await person.connect()
    await person.first_sync()
    ids = {item["id"] for item in await person.items()}
    sandbox.control("POST", "/revoke")
    run = await person.synced()
    assert (run["status"], run["error"]["code"]) == ("failed", "needs_reauth")
    status = await person.status()
    assert (status["connected"], status["status"]) == (True, "needs_reauth")
    assert (status["last_error"]["code"], status["counts"]) == ("needs_reauth", {"contact": CONTACTS})
    problem(await person.call("POST", "/integrations/hubspot/sync"), 409, "needs_reauth")
    credential = await person.call("POST", "/integrations/hubspot/credentials")
    assert (credential.status_code, credential.json()["status"]) == (200, "needs_reauth")
    loaded = await person.call("POST", "/integrations/hubspot/load", json={"limit": 1})
    assert (loaded.status_code, loaded.json()["total"]) == (200, CONTACTS)
    assert loaded.json()["sync"]["status"] == "needs_reauth"
    calls = len(received(sandbox, TOKEN))
    await asyncio.sleep(2)
    assert len(received(sandbox, TOKEN)) == calls

    assert await person.connect() == connection
    counted(await person.first_sync(), seen=CONTACTS, unchanged=CONTACTS)
    status = await person.status()
    assert (status["status"], status["last_error"]) == ("active", None)
    assert {item["id"] for item in await person.items()} == ids


async def test_a_grant_revoked_on_the_way_stops_the_run_and_goes_on_after_reconnecting(
    sandbox: Sandbox, person: Person
) -> None:
    sandbox.control("PATCH", body={"latency_ms": 300})
    sandbox.control("POST", "/faults", [LATE_THIRD])
    connection = await person.connect()
    run = (await person.status())["run"]["id"]
    await person.under_way(run)
    sandbox.control("POST", "/revoke")
    stopped = await person.end_of(run)
    assert (stopped["status"], stopped["error"]["code"]) == ("partial", "needs_reauth")
    kept = stopped["counts"]["added"]
    assert 0 < kept < CONTACTS
    assert len(await person.items()) == kept
    assert (await person.status())["status"] == "needs_reauth"
    sandbox.control("POST", "/faults", [LATE])  # the run that follows it is to be the next one
    assert await person.connect() == connection
    counted(await person.first_sync(), seen=CONTACTS - kept, added=CONTACTS - kept)
    counted(await person.synced(), seen=CONTACTS, unchanged=CONTACTS)


async def test_a_wrong_client_secret_is_no_verdict_on_a_grant(sandbox: Sandbox, person: Person) -> None:
    await person.connect("globex")
    await person.first_sync()
    answers: list[dict[str, Any]] = [
        {"status": 401, "json": {"error": "invalid_client"}},
        {"status": 500},
        {"status": 200, "body": "<html>"},
    ]
    for answer in answers:
        sandbox.control("POST", "/expire")
        sandbox.control("POST", "/faults", [{"path": TOKEN, "match": "grant_type=refresh_token", **answer}])
        run = (await person.sync())["id"]
        await person.until(run, "waiting", "succeeded", "failed")
        assert (await person.status())["status"] != "needs_reauth", answer
        await person.call("POST", f"/runs/{run}/cancel")
        await person.end_of(run)
        assert (await person.synced())["status"] == "succeeded"


async def test_who_reconnects_does_not_wait_for_a_throttled_renewal(sandbox: Sandbox, person: Person) -> None:
    connection = await person.connect("globex")
    await person.first_sync()
    sandbox.control("POST", "/expire")
    throttled = {"path": TOKEN, "match": "grant_type=refresh_token", "status": 429, "headers": {"Retry-After": "600"}}
    sandbox.control("POST", "/faults", [throttled])
    run = (await person.sync())["id"]
    await person.until(run, "waiting")
    assert await person.connect("globex") == connection
    ended = await person.first_sync()
    assert (ended["id"] != run, ended["status"]) == (True, "succeeded")
    assert (await person.end_of(run))["status"] == "cancelled"


async def test_a_disconnection_ends_the_run_that_goes_on(sandbox: Sandbox, person: Person) -> None:
    sandbox.control("PATCH", body={"latency_ms": 300})
    sandbox.control("POST", "/faults", [LATE_THIRD])
    connection = await person.connect()
    run = (await person.status())["run"]["id"]
    await person.under_way(run)
    gone = await person.call("POST", "/integrations/hubspot/disconnect")
    assert gone.status_code == 204
    begun = time.monotonic()
    ended = await person.end_of(run)
    assert time.monotonic() - begun < 10
    assert ended["status"] == "cancelled"
    kept = ended["counts"]["added"]
    assert 0 < kept < CONTACTS
    status = await person.status(connection_id=connection)
    assert (status["connected"], status["status"], status["counts"]) == (False, "disconnected", {"contact": kept})
    assert len(await person.items()) == kept
    sandbox.control("PATCH", body={"latency_ms": 0})
    await revoked(sandbox)
    assert await person.connect() == connection
    assert (await person.first_sync())["status"] == "succeeded"
    assert (await person.status())["counts"] == {"contact": CONTACTS}


async def test_a_reconnection_is_not_undone_by_the_disconnection_before_it(sandbox: Sandbox, person: Person) -> None:
    """The provider gives one account one grant, so a revocation that arrives late would end the new one."""
    await person.connect("globex")
    await person.first_sync()
    sandbox.control("PATCH", body={"latency_ms": 1500})
    assert (await person.call("POST", "/integrations/hubspot/disconnect")).status_code == 204
    await revoked(sandbox, answered=False)
    sandbox.control("PATCH", body={"latency_ms": 0})
    await person.connect("globex")
    await revoked(sandbox)
    run = await person.synced()
    assert (run["status"], run["error"]) == ("succeeded", None)
    assert (await person.status())["status"] == "active"


async def test_a_disconnection_while_tokens_are_renewed_is_final(sandbox: Sandbox, person: Person) -> None:
    connection = await person.connect("globex")
    await person.first_sync()
    sandbox.control("POST", "/expire")
    sandbox.control("POST", "/faults", [{"path": TOKEN, "match": "grant_type=refresh_token", "delay_ms": 5000}])
    run = (await person.sync())["id"]
    await eventually(lambda: bool(received(sandbox, TOKEN, "grant_type=refresh_token")), "tokens are renewed")
    assert (await person.call("POST", "/integrations/hubspot/disconnect")).status_code == 204
    ended = await person.end_of(run)
    assert ended["status"] in ("cancelled", "failed")
    status = await person.status(connection_id=connection)
    assert (status["connected"], status["status"]) == (False, "disconnected")
    problem(await person.call("POST", "/integrations/hubspot/credentials"), 409, "not_connected")
    assert len(await person.items()) == 10
    # What was renewed all the same is returned.
    await promises_kept(person.product, [connection], seconds=60)
