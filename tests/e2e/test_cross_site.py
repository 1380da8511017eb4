"""What other people's pages may make a browser do here: nothing."""

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product

CHANGING = [
    ("POST", "/auth/register"),
    ("POST", "/auth/token"),
    ("POST", "/auth/refresh"),
    ("POST", "/auth/logout"),
    ("POST", "/auth/logout-all"),
    ("POST", "/integrations/hubspot/authorize"),
    ("POST", "/integrations/hubspot/credentials"),
    ("POST", "/integrations/hubspot/sync"),
    ("POST", "/integrations/hubspot/load"),
    ("POST", "/integrations/hubspot/get_hubspot_items"),
    ("POST", "/integrations/hubspot/disconnect"),
    ("POST", "/runs/01a20a50-2522-74c4-a139-5ac8215eb56d/cancel"),
]
ALLOW_ORIGIN = "access-control-allow-origin"
pytestmark = EMBEDDED


def lookalikes(product: Product) -> list[str]:
    """Origins that are not ours, though some look like it."""
    own, port = product.public_url, product.ports[0]
    return [
        "null",
        "",
        "https://evil.example",
        own.replace("http:", "https:"),
        f"{own}.evil.example",
        f"{own}/",
        f"http://evil.localhost:{port}",
        f"http://localhost:{port + 1}",
        f"http://127.0.0.1:{product.sandbox.url.rpartition(':')[2]}",
        "http://localhost",
    ]


@pytest.mark.parametrize(("method", "path"), CHANGING)
async def test_another_site_changes_nothing(person: Person, method: str, path: str) -> None:
    for origin in lookalikes(person.product):
        answer = await person.call(method, path, headers={"Origin": origin})
        problem(answer, 403, "cross_origin")
        assert ALLOW_ORIGIN not in answer.headers
        assert not answer.headers.get_list("set-cookie")
    crossing = {"Sec-Fetch-Site": "cross-site"}
    problem(await person.call(method, path, headers=crossing), 403, "cross_origin")
    own = crossing | {"Origin": person.product.public_url}
    problem(await person.call(method, path, headers=own), 403, "cross_origin")
    assert (await person.call("GET", "/auth/me")).status_code == 200


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
async def test_a_form_of_another_site_logs_nobody_in(person: Person, visitor: httpx.AsyncClient, kind: str) -> None:
    body = f'{{"email":"{person.email}","password":"{PASSWORD}","user_id":"="}}'
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        url = person.product.next_url() + "/auth/token"
        answer = await visitor.post(url, content=body, headers={"Content-Type": kind, **headers})
        problem(answer, 403, "cross_origin")
        assert not visitor.cookies


@pytest.mark.parametrize("path", ["/auth/refresh", "/auth/logout", "/auth/logout-all"])
async def test_a_cookie_alone_is_no_word_of_ours(person: Person, path: str) -> None:
    problem(await person.call("POST", path, bearer=""), 403, "cross_origin")
    problem(await person.call("POST", path), 403, "cross_origin")
    assert (await person.call("GET", "/auth/me")).status_code == 200
    assert (await person.by_cookie("/auth/refresh")).status_code == 200


async def test_pages_of_our_own_origins_may_act(person: Person) -> None:
    for origin in (person.product.public_url, "http://localhost:3000"):
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-site"}
        answer = await person.call("POST", "/auth/refresh", bearer="", headers=headers)
        assert answer.status_code == 200
        assert answer.headers[ALLOW_ORIGIN] == origin
        assert answer.headers["access-control-allow-credentials"] == "true"


async def test_a_visit_changes_nothing(person: Person) -> None:
    await person.connect("globex")
    await person.first_sync()
    for _, path in CHANGING:
        answer = await person.visit(path)
        problem(answer, 405, "method_not_allowed")
        assert "POST" in answer.headers["allow"]
    assert (await person.status())["status"] == "active"
    assert (await person.by_cookie("/auth/refresh")).status_code == 200


async def test_only_our_origins_may_read_answers(person: Person) -> None:
    for origin in lookalikes(person.product):
        answer = await person.call("GET", "/auth/me", headers={"Origin": origin})
        assert ALLOW_ORIGIN not in answer.headers, origin
    for origin in (person.product.public_url, "http://localhost:3000"):
        answer = await person.call("GET", "/auth/me", headers={"Origin": origin})
        assert answer.headers[ALLOW_ORIGIN] == origin
        assert "origin" in answer.headers["vary"].lower()


async def test_our_pages_may_read_refusals_too(person: Person) -> None:
    """Otherwise a page on another port can tell its user nothing."""
    headers = {"Origin": "http://localhost:3000"}
    plain = headers | {"Content-Type": "text/plain"}
    sync = "/integrations/hubspot/sync"
    answers = [
        await person.call("GET", "/auth/me", bearer="", headers=headers),
        await person.call("GET", "/nowhere", headers=headers),
        await person.call("PUT", "/items", headers=headers),
        await person.call("POST", sync, headers=headers),
        await person.call("POST", sync, headers=headers, json={"nonsense": 1}),
        await person.call("POST", sync, headers=plain, content=b"{}"),
        await person.call("POST", sync, headers=headers, json={"user_id": "x" * 70_000}),
    ]
    assert [answer.status_code for answer in answers] == [401, 404, 405, 409, 400, 415, 413]
    for answer in answers:
        assert answer.headers.get(ALLOW_ORIGIN) == headers["Origin"], answer.text


async def test_a_preflight_names_our_origins_only(person: Person) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    for path in ("/auth/refresh", "/integrations/hubspot/sync"):
        foreign = await person.call("OPTIONS", path, bearer="", headers=asked | {"Origin": "https://evil.example"})
        assert ALLOW_ORIGIN not in foreign.headers
        own = await person.call("OPTIONS", path, bearer="", headers=asked | {"Origin": "http://localhost:3000"})
        assert own.is_success
        assert own.headers[ALLOW_ORIGIN] == "http://localhost:3000"
        assert "*" not in own.headers[ALLOW_ORIGIN]
        assert "authorization" in own.headers["access-control-allow-headers"].lower()


async def test_every_answer_says_how_a_browser_must_treat_it(person: Person) -> None:
    for answer in [
        await person.call("GET", "/auth/me"),
        await person.call("GET", "/auth/me", bearer=""),
        await person.call("GET", "/nowhere"),
        await person.call("POST", "/auth/token", headers={"Origin": "null"}),
        await person.visit("/integrations/hubspot/oauth2callback?state=x&code=y"),
    ]:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


async def test_forwarded_headers_change_nothing(person: Person) -> None:
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example;proto=https",
        "X-Original-URL": "https://evil.example/",
    }
    started = await person.call("POST", "/integrations/hubspot/authorize", headers=forged)
    assert "evil.example" not in started.text
    assert "secure" not in started.headers["set-cookie"].lower()
    hosted = await person.call("POST", "/integrations/hubspot/authorize", headers={"Host": "evil.example"})
    assert "evil.example" not in hosted.text
