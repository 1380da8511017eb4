"""The page at the end of a callback: it tells one origin how it went, and keeps everything else to itself."""

import json
import re
from itertools import product as product_of

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.connecting import as_started, callback_path, each_provider, logs, param
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox

CANARY = "canary-of-a-page-8f1e"
pytestmark = each_provider


@pytest.fixture(autouse=True)
def sandbox(product: Product, provider: str) -> Sandbox:
    return as_started(product.sandbox, provider)


def told(page: httpx.Response) -> tuple[dict[str, object], str]:
    """The one message that the page sends, and to which origin."""
    ((message, target),) = re.findall(r"postMessage\((.*), (\"[^\"]*\")\)", page.text)
    assert page.text.count("postMessage") == 1
    assert "BroadcastChannel" not in page.text
    return json.loads(message), json.loads(target)


async def test_the_page_speaks_to_the_one_origin_that_asked(product: Product, person: Person, provider: str) -> None:
    outcomes: dict[str, dict[str, object]] = {
        "approve": {"success": True},
        "deny": {"success": False, "error": "consent_denied"},
    }
    asking: list[tuple[dict[str, str], str]] = [({}, product.public_url)]
    asking += [({"Origin": origin}, origin) for origin in (product.public_url, "http://localhost:3000")]
    for (headers, origin), (decision, outcome) in product_of(asking, outcomes.items()):
        started = await person.authorize(provider, headers=headers)
        callback = await person.consent(started["url"], account="globex", decision=decision)
        # Who opens the callback says nothing about who asked.
        opened_from = {"Origin": "https://evil.example", "Referer": "https://evil.example/"}
        page = await person.visit(callback, headers=opened_from)
        message, target = told(page)
        assert message == {"type": f"{provider}-oauth-callback", "flow_id": started["flow_id"], **outcome}
        assert target == origin
        assert "evil.example" not in page.text


async def test_another_origin_cannot_ask_to_be_told(person: Person, provider: str) -> None:
    for origin in ("https://evil.example", "null", "*", f"{person.product.public_url}.evil.example"):
        answer = await person.call("POST", f"/integrations/{provider}/authorize", headers={"Origin": origin})
        problem(answer, 403, "cross_origin")
        assert not answer.headers.get_list("set-cookie")


async def test_the_page_keeps_to_itself(product: Product, person: Person, provider: str) -> None:
    callback = await person.approved("globex", provider)
    denied = await person.consent((await person.authorize(provider))["url"], decision="deny")
    for path in (callback, denied):
        page = await person.visit(path)
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["cross-origin-opener-policy"] == "unsafe-none"
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        (nonce,) = set(re.findall(r'nonce="([^"]+)"', page.text))
        assert f"'nonce-{nonce}'" in policy
        assert "history.replaceState" in page.text
        assert not re.findall(r'(?:src|href)="(?!' + re.escape(product.public_url) + ")", page.text)
        assert person.email not in page.text
        assert param(path, "state") not in page.text
        assert param(path, "state") not in logs(product)
    assert param(callback, "code") not in page.text + logs(product)


async def test_what_comes_with_the_callback_is_not_repeated_on_the_page(person: Person, provider: str) -> None:
    script = f"</script><script>alert('{CANARY}')</script>"
    path = callback_path(provider)
    state = param((await person.authorize(provider))["url"], "state")
    for query in (
        {"state": script, "code": script, "error": script, "iss": script},
        {"state": "x", "error": script, "error_description": script, "error_uri": script},
        {"state": state, "error": script, "error_description": script, "error_uri": f"https://{CANARY}.example"},
    ):
        page = await person.visit(f"{path}?{httpx.QueryParams(query)}")
        assert page.status_code == 400
        assert CANARY not in page.text
    page = await person.visit(f"/integrations/{CANARY}%3Cscript%3E/oauth2callback?state=x")
    assert page.status_code in (400, 404)
    assert f"{CANARY}<script>" not in page.text
