"""Addresses, ids, filters and methods that lead nowhere."""

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.raw import spoken

NOWHERE = "01a20a50-2522-74c4-a139-5ac8215eb56d"
"""An id as we make them, of nothing."""
ODD = [
    "x",
    "0",
    "-1",
    " ",
    "\u0000",
    "\u202e",
    "'",
    "%",
    "..",
    "../..",
    "\U0001f9ed",
    NOWHERE + "0",
    "x" * 5_000,
    "x" * 60_000,
]


async def test_ids_of_nothing_lead_nowhere(person: Person) -> None:
    await person.connect("globex")
    await person.first_sync()
    for odd in [NOWHERE, NOWHERE.upper(), "A" * 43, *ODD]:
        for path in ("credentials", "sync", "load", "disconnect"):
            answer = await person.call("POST", f"/integrations/hubspot/{path}", json={"connection_id": odd})
            problem(answer, 404, "not_found")
        for path in ("/items", "/integrations/hubspot/status"):
            problem(await person.call("GET", path, params={"connection_id": odd}), 404, "not_found")
        quoted = httpx.URL("http://x", params={"q": odd}).query.decode().removeprefix("q=").replace("+", "%20")
        if odd in ("..", "../.."):
            continue  # these never leave the client
        for method, path in (
            ("GET", f"/items/{quoted}"),
            ("GET", f"/runs/{quoted}"),
            ("POST", f"/runs/{quoted}/cancel"),
        ):
            problem(await person.call(method, path), 404, "not_found")
        problem(await person.call("POST", f"/integrations/{quoted}/authorize"), 404, "not_found")
        problem(await person.call("GET", f"/integrations/{quoted}/status"), 404, "not_found")
    problem(await person.call("POST", "/integrations/hubspot/sync", json={"connection_id": ""}), 404, "not_found")
    assert (await person.status())["status"] == "active"


async def test_odd_filters_and_cursors_find_nothing_or_are_refused(person: Person) -> None:
    await person.connect("globex")
    await person.first_sync()
    for odd in ["", *ODD]:
        answer = await person.call("GET", "/items", params={"kind": odd})
        assert answer.status_code in (200, 400), answer.text
        if answer.status_code == 200:
            assert (answer.json()["items"], answer.json()["total"]) == ([], 0)
        problem(await person.call("GET", "/items", params={"provider": odd}), 404, "not_found")
        if odd:
            problem(await person.call("GET", "/items", params={"cursor": odd}), 400, "cursor_invalid")
            loaded = await person.call("POST", "/integrations/hubspot/load", json={"cursor": odd})
            problem(loaded, 400, "cursor_invalid")
    for name in ("parent_id", "q", "updated_since"):
        problem(await person.call("GET", "/items", params={name: "x"}), 400, "query_not_supported")
    problem(await person.call("GET", "/items", params={"sort": "-synced_at"}), 400, "query_not_supported")
    problem(await person.call("GET", "/items", params={"deleted": "true"}), 400, "query_not_supported")


ADDRESSES = [
    "/items?cursor=%ff", "/items?kind=%ed%a0%80", "/items?limit=%ff", "/items?%ff=1", "/items?limit", "/items?=",
    "/items?limit[]=1", "/items?" + "a=1&" * 2_000, "/items?" + "limit=1&" * 2_000, "/items/%ff%fe", "/items/%zz",
    "/items/%2e%2e%2fruns", "/items/", "/items;x=1", "/items/" + "x/" * 3_000, "/runs/%c3%28", "/runs/%00",
    "/integrations/%ff/status", "/integrations/hubspot/status?connection_id=%ff", "/%", "//items", "/ITEMS",
    "/auth/me/", "/" + "x" * 70_000,
]  # fmt: skip


@EMBEDDED
@pytest.mark.parametrize("path", ADDRESSES, ids=lambda path: path[:40])
async def test_an_odd_address_is_no_fault_of_ours(product: Product, person: Person, path: str) -> None:
    head = (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {person.token}\r\nConnection: close\r\n\r\n"
    )
    answer = await spoken(product.next_url(), head.encode())
    assert answer.status in (200, 307, 400, 404, 414, 431), answer.text[:500]
    if answer.status in (400, 404) and "x-request-id" in answer.text:
        assert "application/problem+json" in answer.text


@EMBEDDED
@pytest.mark.parametrize(
    "name", ["%00", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/pyproject.toml", "..\\..", "%ff", "x" * 5_000]
)
async def test_the_ui_serves_no_file_but_its_own(product: Product, name: str) -> None:
    answer = await spoken(
        product.next_url(), f"GET /app/{name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.status in (307, 400, 404, 503), answer.text[:500]
    assert "root:" not in answer.text
    assert "[project]" not in answer.text


@EMBEDDED
async def test_unknown_paths_and_methods_answer_as_everything_does(product: Product, person: Person) -> None:
    for path in (
        "/nowhere",
        "/auth",
        "/auth/nowhere",
        "/integrations/hubspot/nowhere",
        "/items/x/y/z",
        "/schema/nowhere",
    ):
        for bearer in ("", person.token):
            problem(await person.call("GET", path, bearer=bearer), 404, "not_found")
    problem(await person.call("GET", "/integrations/unknown/status"), 404, "not_found")
    problem(await person.call("POST", "/integrations/unknown/authorize"), 404, "not_found")
    problem(await person.call("POST", "/integrations/unknown/load"), 404, "not_found")
    for method, path, allowed in [
        ("PUT", "/items", "GET"),
        ("DELETE", "/items", "GET"),
        ("POST", "/items", "GET"),
        ("GET", "/auth/token", "POST"),
        ("PATCH", "/auth/token", "POST"),
        ("DELETE", "/integrations/hubspot/sync", "POST"),
        ("GET", "/integrations/hubspot/get_hubspot_items", "POST"),
        ("POST", "/health", "GET"),
        ("POST", "/integrations/hubspot/oauth2callback", "GET"),
    ]:
        for bearer in ("", person.token):
            answer = await person.call(method, path, bearer=bearer)
            problem(answer, 405, "method_not_allowed")
            assert allowed in [name.strip() for name in answer.headers["allow"].split(",")]
    for method in ("HEAD", "TRACE", "CONNECT", "PROPFIND", "FOO"):
        raw = await spoken(
            product.next_url(), f"{method} /items HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        assert raw.status is None or raw.status < 500, raw.text[:300]
