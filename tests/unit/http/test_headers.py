"""Headers and cookies of every answer."""

from http.cookies import SimpleCookie

import httpx
import pytest

from application.show_account import ShowAccount
from tests.unit.http.conftest import PASSWORD, PUBLIC, Opens, Site

JSON = {"Content-Type": "application/json"}
ANSWERS = [
    ("GET", "/health", {}, 200),
    ("GET", "/ready", {}, 200),
    ("GET", "/schema/openapi.json", {}, 200),
    ("GET", "/nowhere", {}, 404),
    ("PUT", "/health", {}, 405),
    ("POST", "/auth/register", {"content": b"x" * 70_000, "headers": JSON}, 413),
    ("POST", "/auth/register", {"content": b"x"}, 415),
    ("GET", "/auth/me", {}, 401),
    ("POST", "/auth/logout", {}, 204),
    ("POST", "/auth/register", {"headers": {"Origin": "null"}}, 403),
    ("GET", "/integrations/hubspot/oauth2callback", {}, 400),
    ("OPTIONS", "/auth/me", {}, 204),
]


@pytest.mark.parametrize(("method", "path", "given", "status"), ANSWERS)
async def test_every_answer_is_guarded(
    visitor: httpx.AsyncClient, method: str, path: str, given: dict[str, object], status: int
) -> None:
    answer = await visitor.request(method, path, **given)  # type: ignore[arg-type]
    assert answer.status_code == status
    check_guarded(answer)


def check_guarded(answer: httpx.Response) -> None:
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"]
    assert "server" not in answer.headers
    names = [name for name, _ in answer.headers.multi_items() if name != "set-cookie"]
    assert len(set(names)) == len(names)


async def test_a_failure_is_guarded_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await site.person()
    monkeypatch.setattr(ShowAccount, "__call__", None)
    answer = await site.visitor.get("/auth/me", headers=token)
    assert answer.status_code == 500
    check_guarded(answer)
    assert answer.headers["access-control-allow-origin"] == PUBLIC


@pytest.mark.parametrize(("given", "kept"), [("abc-1.2_X", True), ("x" * 65, False), ("a b", False), ("", False)])
async def test_a_clients_request_id_is_kept_if_it_is_one(visitor: httpx.AsyncClient, given: str, kept: bool) -> None:
    answer = await visitor.get("/health", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) == kept


async def test_https_is_insisted_on_where_there_is_https(opened: Opens, visitor: httpx.AsyncClient) -> None:
    assert "strict-transport-security" not in (await visitor.get("/health")).headers
    secure = await opened({"PUBLIC_URL": "https://vectorshift.example"})
    assert "max-age=" in (await secure.visitor.get("/health")).headers["strict-transport-security"]


@pytest.mark.parametrize("origin", [PUBLIC, "http://localhost:3000", "http://ui.localhost:5000"])
async def test_our_own_pages_may_read_answers(opened: Opens, origin: str) -> None:
    site = await opened({"CORS_ORIGINS": "http://localhost:3000,http://ui.localhost:5000"})
    for method, path in (("GET", "/health"), ("GET", "/auth/me"), ("POST", "/auth/register"), ("GET", "/nowhere")):
        answer = await site.visitor.request(method, path, headers={"Origin": origin})
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://localhost:8000",
        "http://localhost",
        "http://localhost:8001",
        "http://localhost:30000",
        "http://localhost:8000.evil.example",
        "http://evil.example/http://localhost:8000",
        "http://LOCALHOST:8000",
        "http://127.0.0.1:8000",
        "*",
        "",
    ],
)
async def test_other_pages_may_not(visitor: httpx.AsyncClient, origin: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = await visitor.request(method, "/auth/logout", headers=headers)
        assert "access-control-allow-origin" not in answer.headers
        assert method != "POST" or answer.status_code == 403


async def test_a_preflight_is_answered_exactly(visitor: httpx.AsyncClient) -> None:
    asks = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization"}
    answer = await visitor.options("/auth/me", headers=asks)
    assert answer.headers["access-control-allow-origin"] == PUBLIC
    allowed = {one.strip() for one in answer.headers["access-control-allow-methods"].split(",")}
    assert allowed == {"GET", "POST", "PATCH", "DELETE"}
    refused = await visitor.options("/auth/me", headers=asks | {"Access-Control-Request-Headers": "x-evil"})
    assert refused.status_code == 400


@pytest.mark.parametrize("site_header", ["cross-site"])
async def test_a_browser_that_says_cross_site_is_believed(visitor: httpx.AsyncClient, site_header: str) -> None:
    answer = await visitor.post("/auth/logout", headers={"Sec-Fetch-Site": site_header})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("public_url", "prefix", "secure"),
    [(PUBLIC, "", False), ("https://vectorshift.example", "__Host-", True)],
)
async def test_cookies_are_for_this_host_alone(opened: Opens, public_url: str, prefix: str, secure: bool) -> None:
    site = await opened({"PUBLIC_URL": public_url})
    account = {"email": "bob@example.org", "password": PASSWORD}
    await site.visitor.post("/auth/register", json=account)
    answer = await site.visitor.post("/auth/token", json=account)
    token = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    started = await site.visitor.post("/integrations/hubspot/authorize", headers=token)
    flow = started.json()["flow_id"]
    for given, name, seconds in (
        (answer, "vs_refresh", 30 * 86_400),
        (started, f"vs_flow_{flow}", 600),
        (await site.visitor.post("/auth/logout"), "vs_refresh", 0),
    ):
        ((found, cookie),) = SimpleCookie(given.headers["set-cookie"]).items()
        assert found == prefix + name
        assert (cookie["path"], cookie["domain"], cookie["samesite"].lower()) == ("/", "", "lax")
        assert (bool(cookie["secure"]), cookie["httponly"], int(cookie["max-age"])) == (secure, True, seconds)


async def test_forwarded_headers_do_not_change_a_cookie(visitor: httpx.AsyncClient) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "Forwarded": "proto=https", "X-Forwarded-Host": "evil.example"}
    answer = await visitor.post("/auth/logout", headers=forwarded)
    assert "__Host-" not in answer.headers["set-cookie"]


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "127.0.0.1", "[::1]:8000"])
@pytest.mark.parametrize("path", ["/", "/app/", "/app/items/?a=1"])
async def test_a_page_by_another_loopback_name_moves_to_its_own(
    visitor: httpx.AsyncClient, host: str, path: str
) -> None:
    answer = await visitor.get(path, headers={"Host": host})
    assert (answer.status_code, answer.headers["location"]) == (307, PUBLIC + path)


@pytest.mark.parametrize(
    ("host", "path"), [("127.0.0.1:8000", "/health"), ("evil.example", "/app/"), ("localhost:9", "/app/")]
)
async def test_nothing_else_is_moved(visitor: httpx.AsyncClient, host: str, path: str) -> None:
    answer = await visitor.get(path, headers={"Host": host})
    assert not answer.headers.get("location", "/").startswith("http")


async def test_a_path_with_two_slashes_leads_nowhere_else(visitor: httpx.AsyncClient) -> None:
    for path in ("//evil.example/app/", "/app//evil.example", "/app/%2f%2fevil.example"):
        answer = await visitor.get(PUBLIC + path, headers={"Host": "127.0.0.1:8000"})
        assert answer.headers.get("location", PUBLIC).startswith((PUBLIC, "/app/"))
