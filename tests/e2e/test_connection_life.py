"""The life of a connection from its first consent to its purge, the same for every provider and whatever stores it."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.claims import data_code, problem
from tests.e2e.conftest import NewPerson
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox

NOTHING = {"seen": 0, "added": 0, "changed": 0, "unchanged": 0, "deleted": 0, "skipped": 0}


@dataclass(frozen=True)
class Expected:
    counts: dict[str, int]
    """Of the account globex."""
    parents: dict[str, str | None]
    """Kind to the kind of its parents; None where it has none."""
    first: str
    """The kind of ``new`` as the sandbox calls it."""
    new: dict[str, Any]
    name: str
    """Of the item that ``new`` becomes."""
    revocation: str | None
    """The path at which a grant is given back."""
    scopes: tuple[str, ...]


EXPECTED = {
    "hubspot": Expected(
        counts={"contact": 10},
        parents={"contact": None},
        first="contact",
        new={"properties": {"firstname": "Nova", "lastname": "Nueva"}},
        name="Nova Nueva",
        revocation="/hubspot/oauth/2026-03/token/revoke",
        scopes=("oauth", "crm.objects.contacts.read", "crm.objects.companies.read", "crm.objects.deals.read"),
    ),
    "notion": Expected(
        counts={"data_source": 1, "database": 1, "page": 8},
        parents={"data_source": "database", "database": None, "page": "data_source"},
        first="page",
        new={"properties": {"title": {"title": [{"text": {"content": "Nova"}}]}}},
        name="Nova",
        revocation="/notion/v1/oauth/revoke",
        scopes=(),
    ),
    "slack": Expected(
        counts={"channel": 2, "message": 4, "reply": 1, "user": 3},
        parents={"channel": None, "message": "channel", "reply": "message", "user": None},
        first="user",
        new={"name": "nova", "real_name": "Nova Nueva"},
        name="Nova Nueva",
        revocation="/slack/api/apps.uninstall",
        scopes=("channels:read", "channels:history", "users:read"),
    ),
    "airtable": Expected(
        counts={"base": 1, "table": 2, "record": 7},
        parents={"base": None, "table": "base", "record": "table"},
        first="base",
        new={"name": "Nova"},
        name="Nova",
        revocation=None,
        scopes=("schema.bases:read", "data.records:read", "user.email:read"),
    ),
}

each_provider = pytest.mark.parametrize("provider", EXPECTED)


def requests(sandbox: Sandbox, provider: str, path: str, **having: str) -> list[dict[str, Any]]:
    received = sandbox.control("GET", "/requests", provider=provider)["items"]
    return [one for one in received if one["path"] == path and all(part in one[k] for k, part in having.items())]


def refreshes(sandbox: Sandbox, provider: str) -> int:
    received = sandbox.control("GET", "/requests", provider=provider)["items"]
    return sum("refresh_token" in one["body"] and "grant_type" in one["body"] for one in received)


def as_started(sandbox: Sandbox, provider: str) -> None:
    sandbox.control("POST", "/reset", provider=provider)


@each_provider
async def test_a_connection_lives_from_its_consent_to_its_purge(
    product: Product, sandbox: Sandbox, person: Person, provider: str
) -> None:
    expected = EXPECTED[provider]
    as_started(sandbox, provider)
    cards = {card["slug"]: card for card in (await person.get("/integrations"))["items"]}
    assert set(cards) >= set(EXPECTED)
    assert (cards[provider]["configured"], cards[provider]["sandbox"]) == (True, True)

    started = await person.authorize(provider)
    consent = await person.http.get(started["url"])
    assert (consent.status_code, cards[provider]["name"] in consent.text) == (200, True)
    page = await person.visit(await person.consent(started["url"], account="globex"))
    assert (page.status_code, data_code(page)) == (200, "connected"), page.text

    first = await person.first_sync(provider)
    total = sum(expected.counts.values())
    assert (first["status"], first["counts"]) == ("succeeded", NOTHING | {"seen": total, "added": total}), first
    status = await person.status(provider)
    assert (status["connected"], status["status"], status["last_error"]) == (True, "active", None)
    assert {kind: count for kind, count in status["counts"].items() if count} == expected.counts
    connection = status["connection_id"]

    await items_form_a_tree(person, provider)
    await nothing_secret_is_shown(person, provider)

    sandbox.control(
        "POST", "/records", {"account": "globex", "kind": expected.first, "upsert": [expected.new]}, provider=provider
    )
    again = await person.synced(provider)
    assert (again["status"], again["counts"]["added"], again["counts"]["deleted"]) == ("succeeded", 1, 0), again
    assert again["counts"]["changed"] + again["counts"]["unchanged"] == total
    assert expected.name in [item["name"] for item in await person.items(provider=provider)]

    before = refreshes(sandbox, provider)
    sandbox.control("POST", "/expire", provider=provider)
    renewed = await person.synced(provider)
    assert renewed["status"] == "succeeded", renewed
    assert refreshes(sandbox, provider) == before + 1

    await a_dead_grant_needs_a_person(sandbox, person, provider)
    assert await person.connect("globex", provider) == connection
    assert (await person.first_sync(provider))["status"] == "succeeded"
    assert len(await person.items(provider=provider)) == total + 1

    other = await person.connect("acme", provider)
    await person.first_sync(provider)
    assert {one["id"] for one in (await person.get("/connections"))["items"]} == {connection, other}
    await disconnecting_gives_the_grant_back(sandbox, person, provider, connection)
    assert len(await person.items(connection_id=connection)) == total + 1

    purged = {"connection_id": connection, "purge": True}
    gone = await person.call("POST", f"/integrations/{provider}/disconnect", json=purged)
    assert gone.status_code == 204
    problem(await person.call("GET", f"/connections/{connection}"), 404, "not_found")
    problem(await person.call("GET", "/items", params={"connection_id": connection}), 404, "not_found")
    assert [one["id"] for one in (await person.get("/connections"))["items"]] == [other]
    assert (await person.status(provider))["status"] == "active"


async def items_form_a_tree(person: Person, provider: str) -> None:
    items = {item["id"]: item for item in await person.items(provider=provider)}
    for item in items.values():
        assert (item["source"], item["type"]) == (provider, item["kind"])
        parent = items[item["parent_id"]]["kind"] if item["parent_id"] else None
        assert parent is None or parent == EXPECTED[provider].parents[item["kind"]]
        assert item["name"]
    lying = {item["kind"] for item in items.values() if item["parent_id"]}
    assert lying == {kind for kind, parent in EXPECTED[provider].parents.items() if parent}


async def nothing_secret_is_shown(person: Person, provider: str) -> None:
    credential = (await person.call("POST", f"/integrations/{provider}/credentials")).json()
    assert credential["refreshable"] is True
    assert not {"access_token", "refresh_token"} & set(credential)
    assert set(credential["scopes"]) == set(EXPECTED[provider].scopes)
    shown = await person.get(f"/connections/{credential['connection_id']}")
    assert (shown["provider"], shown["missing_scopes"]) == (provider, [])


async def a_dead_grant_needs_a_person(sandbox: Sandbox, person: Person, provider: str) -> None:
    sandbox.control("POST", "/revoke", provider=provider)
    dead = await person.synced(provider)
    assert (dead["status"], dead["error"]["code"]) == ("failed", "needs_reauth"), dead
    status = await person.status(provider)
    assert (status["status"], status["last_error"]["action"]) == ("needs_reauth", "reconnect")
    problem(await person.call("POST", f"/integrations/{provider}/sync"), 409, "needs_reauth")
    assert status["last_sync"] is not None


async def disconnecting_gives_the_grant_back(sandbox: Sandbox, person: Person, provider: str, connection: str) -> None:
    body = {"connection_id": connection}
    gone = await person.call("POST", f"/integrations/{provider}/disconnect", json=body)
    assert gone.status_code == 204
    status = await person.status(provider, connection_id=connection)
    assert (status["connected"], status["status"]) == (False, "disconnected")
    problem(await person.call("POST", f"/integrations/{provider}/sync", json=body), 409, "not_connected")
    if path := EXPECTED[provider].revocation:
        deadline = time.monotonic() + 15
        while not any(one["status"] == 200 for one in requests(sandbox, provider, path)):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)


@each_provider
async def test_nobody_elses_connection_is_shown_or_changed(
    product: Product, sandbox: Sandbox, person: Person, new_person: NewPerson, provider: str
) -> None:
    as_started(sandbox, provider)
    connection = await person.connect("globex", provider)
    await person.first_sync(provider)
    other = await new_person(product)
    tries: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", f"/connections/{connection}", {}),
        ("GET", f"/integrations/{provider}/status", {"params": {"connection_id": connection}}),
        ("POST", f"/integrations/{provider}/sync", {"json": {"connection_id": connection}}),
        ("POST", f"/integrations/{provider}/credentials", {"json": {"connection_id": connection}}),
        ("POST", f"/integrations/{provider}/load", {"json": {"connection_id": connection}}),
        ("POST", f"/integrations/{provider}/disconnect", {"json": {"connection_id": connection, "purge": True}}),
    ]
    for method, path, given in tries:
        problem(await other.call(method, path, **given), 404, "not_found")
    assert (await other.get("/connections"))["items"] == []
    assert (await person.status(provider))["status"] == "active"
