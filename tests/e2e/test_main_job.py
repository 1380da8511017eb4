"""The main job from registration to disconnection, the same whatever stores it: only settings differ."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.e2e.claims import data_code, problem
from tests.e2e.conftest import NewPerson
from tests.e2e.connecting import revoked
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox

ITEM_FIELDS = {
    "id", "type", "name", "directory", "parent_id", "parent_path_or_name", "creation_time", "last_modified_time", "url",
    "children", "mime_type", "delta", "drive_id", "visibility",
    "source", "connection_id", "external_id", "kind", "properties", "synced_at", "deleted_at",
}  # fmt: skip
COUNTS = {"contact": 1000, "company": 10, "deal": 10}
"""Of the account acme."""
NOTHING = {"seen": 0, "added": 0, "changed": 0, "unchanged": 0, "deleted": 0, "skipped": 0}


async def test_a_person_connects_hubspot_and_sees_the_contacts(
    product: Product, sandbox: Sandbox, person: Person
) -> None:
    me = await person.get("/auth/me")
    assert (me["email"], me["sign_in_methods"]) == (person.email, ["password"])
    assert (await person.status())["status"] == "disconnected"

    card = next(card for card in (await person.get("/integrations"))["items"] if card["slug"] == "hubspot")
    assert (card["configured"], card["sandbox"]) == (True, True)
    assert (card["kinds"], card["connections"]) == (["contact", "company", "deal"], [])

    started = await person.authorize()
    consent = await person.http.get(started["url"])
    assert (consent.status_code, "Approve" in consent.text) == (200, True)
    page = await person.visit(await person.consent(started["url"]))
    assert (page.status_code, data_code(page)) == (200, "connected")
    assert started["flow_id"] in page.text

    first = await person.first_sync()
    assert (first["status"], first["counts"]) == ("succeeded", NOTHING | {"seen": 1020, "added": 1020})
    assert first["requested_at"] <= first["started_at"] <= first["ended_at"]

    status = await person.status()
    assert (status["connected"], status["status"], status["counts"]) == (True, "active", COUNTS)
    assert (status["account"]["id"], status["last_error"]) == ("62515001", None)
    assert status["last_sync"]

    credential = (await person.call("POST", "/integrations/hubspot/credentials")).json()
    assert (credential["connection_id"], credential["refreshable"]) == (status["connection_id"], True)
    assert "crm.objects.contacts.read" in credential["scopes"]
    assert not {"access_token", "refresh_token"} & set(credential)

    contacts = {"limit": 10, "kind": "contact"}
    asked = await person.call("POST", "/integrations/hubspot/get_hubspot_items", json=contacts)
    loaded = asked.json()
    assert (len(loaded["items"]), loaded["total"], loaded["total_exact"]) == (10, 1000, True)
    assert (loaded["sync"]["status"], loaded["sync"]["last_run"]["id"]) == ("active", first["id"])
    alias = (await person.call("POST", "/integrations/hubspot/load", json=contacts)).json()
    assert {**alias, "next_cursor": None} == {**loaded, "next_cursor": None}

    items = await person.items(limit=300, kind="contact")
    expected = {contact["id"]: contact for contact in sandbox.contacts(sandbox.tokens()["access_token"])}
    assert sorted(item["external_id"] for item in items) == sorted(expected)
    assert set(items[0]) == ITEM_FIELDS
    assert {(item["source"], item["kind"], item["connection_id"]) for item in items} == {
        ("hubspot", "contact", status["connection_id"])
    }
    contact = expected[items[0]["external_id"]]
    assert items[0]["properties"]["lastname"] == contact["properties"]["lastname"]
    assert await person.get(f"/items/{items[0]['id']}") == items[0]

    gone = await person.call("POST", "/integrations/hubspot/disconnect")
    assert (gone.status_code, gone.content) == (204, b"")
    status = await person.status(connection_id=status["connection_id"])
    assert (status["connected"], status["status"]) == (False, "disconnected")
    problem(await person.call("POST", "/integrations/hubspot/sync"), 409, "not_connected")
    await revoked(sandbox)

    renewed = await person.by_cookie("/auth/refresh")
    assert renewed.status_code == 200
    out = await person.by_cookie("/auth/logout")
    assert out.status_code == 204
    for url in product.urls:
        problem(await person.call("GET", "/auth/me", base=url), 401, "not_authenticated")


async def test_a_sync_brings_what_was_added_and_changed_meanwhile(sandbox: Sandbox, person: Person) -> None:
    sandbox.control("PATCH", body={"records": {"contact": 250}})
    await person.connect()
    await person.first_sync()
    new = {"properties": {"email": "new@example.com", "firstname": "Nova", "lastname": "Nueva"}}
    changed = {"id": "51", "properties": {"lastname": "Changed"}}
    sandbox.control("POST", "/records", {"account": "acme", "kind": "contact", "upsert": [new, changed]})
    run = await person.synced()
    assert run["counts"] == NOTHING | {"seen": 271, "added": 1, "changed": 1, "unchanged": 269}
    items = await person.items(kind="contact")
    assert len({item["external_id"] for item in items}) == len(items) == 251
    assert [item["properties"]["email"] for item in items if item["name"] == "Nova Nueva"] == ["new@example.com"]
    assert [item["external_id"] for item in items if item["properties"]["lastname"] == "Changed"] == ["51"]
    assert (await person.status())["counts"] == COUNTS | {"contact": 251}


async def test_cursors_lead_through_every_item_once(person: Person) -> None:
    await person.connect()
    await person.first_sync()
    pages = [page async for page in person.pages(limit=333, provider="hubspot", kind="contact")]
    assert [len(page["items"]) for page in pages] == [333, 333, 333, 1]
    assert {page["total"] for page in pages} == {1000}
    ids = [item["id"] for page in pages for item in page["items"]]
    assert len(set(ids)) == 1000


async def test_a_cursor_is_of_one_person_and_one_query(product: Product, person: Person, new_person: NewPerson) -> None:
    await person.connect("globex")
    await person.first_sync()
    cursor = (await person.get("/items", params={"limit": 2}))["next_cursor"]
    other = await new_person(product)
    problem(await other.call("GET", "/items", params={"limit": 2, "cursor": cursor}), 400, "cursor_invalid")
    changed = [{"provider": "hubspot"}, {"kind": "contact"}]
    for query in changed:
        problem(await person.call("GET", "/items", params={"cursor": cursor, **query}), 400, "cursor_invalid")
    for place in range(0, len(cursor) - 1, 7):
        altered = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        problem(await person.call("GET", "/items", params={"cursor": altered}), 400, "cursor_invalid")
    problem(await person.call("GET", "/items", params={"cursor": cursor[:-4]}), 400, "cursor_invalid")


async def test_nobody_reads_or_changes_what_is_somebody_elses(
    product: Product, person: Person, new_person: NewPerson
) -> None:
    connection = await person.connect("globex")
    run = await person.first_sync()
    item = (await person.items())[0]["id"]
    other = await new_person(product)
    await other.connect("globex")
    await other.first_sync()
    tries: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", f"/items/{item}", {}),
        ("GET", f"/runs/{run['id']}", {}),
        ("POST", f"/runs/{run['id']}/cancel", {}),
        ("GET", "/items", {"params": {"connection_id": connection}}),
        ("GET", "/integrations/hubspot/status", {"params": {"connection_id": connection}}),
        ("POST", "/integrations/hubspot/sync", {"json": {"connection_id": connection}}),
        ("POST", "/integrations/hubspot/credentials", {"json": {"connection_id": connection}}),
        ("POST", "/integrations/hubspot/load", {"json": {"connection_id": connection}}),
        ("POST", "/integrations/hubspot/disconnect", {"json": {"connection_id": connection}}),
    ]
    for method, path, given in tries:
        problem(await other.call(method, path, **given), 404, "not_found")
    assert (await person.status())["status"] == "active"


async def test_two_accounts_stand_beside_each_other(person: Person) -> None:
    acme, globex = await person.connect("acme"), await person.connect("globex")
    assert acme != globex
    for connection in await person.connections():
        await person.end_of(connection["run"]["id"])
    problem(await person.call("POST", "/integrations/hubspot/sync"), 409, "connection_ambiguous")
    problem(await person.call("POST", "/integrations/hubspot/disconnect"), 409, "connection_ambiguous")
    run = await person.call("POST", "/integrations/hubspot/sync", json={"connection_id": globex})
    assert (run.status_code, run.json()["connection_id"]) == (202, globex)
    await person.end_of(run.json()["id"])
    assert (await person.get("/items", params={"connection_id": globex}))["total"] == 10
    assert (await person.get("/items"))["total"] == 1030
    assert len(await person.items(limit=400)) == 1030


async def test_a_load_waits_for_the_first_items(person: Person) -> None:
    await person.connect("globex")
    loaded = await person.call("POST", "/integrations/hubspot/get_hubspot_items", json={"refresh": True})
    assert len(loaded.json()["items"]) == 10
    assert loaded.json()["sync"]["last_run"]["status"] == "succeeded"


async def test_a_cancelled_sync_keeps_what_it_has_published(sandbox: Sandbox, person: Person) -> None:
    sandbox.control("PATCH", body={"latency_ms": 300})
    await person.connect()
    run = (await person.status())["run"]["id"]
    await person.under_way(run)
    sandbox.control("PATCH", body={"latency_ms": 5000})  # it will not end by itself
    asked = await person.call("POST", f"/runs/{run}/cancel")
    sandbox.control("PATCH", body={"latency_ms": 0})
    assert asked.status_code == 202
    begun = time.monotonic()
    ended = await person.end_of(run)
    assert time.monotonic() - begun < 10
    assert (ended["status"], ended["error"]) == ("cancelled", None)
    assert 0 < ended["counts"]["added"] < 1000
    assert len(await person.items()) == ended["counts"]["added"] == (await person.status())["counts"]["contact"]
    assert (await person.status())["status"] == "active"


async def test_the_documented_form_logs_in(person: Person) -> None:
    form = {"username": person.email, "password": PASSWORD, "grant_type": "password"}
    answer = await person.call("POST", "/auth/token", data=form, bearer="")
    assert (answer.status_code, answer.json()["token_type"]) == (200, "bearer")
    assert answer.json()["user"]["email"] == person.email
    answer = await person.call("GET", "/auth/me", bearer=answer.json()["access_token"])
    assert answer.json()["email"] == person.email


async def test_health_and_readiness_need_no_account(product: Product, visitor: httpx.AsyncClient) -> None:
    for url in product.urls:
        assert (await visitor.get(f"{url}/health")).json() == {"status": "ok"}
        ready = await visitor.get(f"{url}/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "ok"), ready.text
        assert set(ready.json()["checks"].values()) == {"ok"}


async def test_serve_with_the_sandbox_is_one_command(embedded: Product, new_person: NewPerson) -> None:
    person = await new_person(embedded)
    query = parse_qs(urlsplit((await person.authorize())["url"]).query)
    assert query["client_id"] == ["sandbox-hubspot"]
    await person.connect("globex")
    assert (await person.first_sync())["counts"]["added"] == 10
