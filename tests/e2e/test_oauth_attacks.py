"""What can be done to an OAuth flow from outside: by other browsers, by other people, by the provider itself."""

import asyncio
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.e2e.claims import data_code
from tests.e2e.conftest import NewPerson
from tests.e2e.connecting import CALLBACK, nothing_is_connected, param, refused, token_calls
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox

CANARY = "canary-8f1e"


def with_param(path: str, name: str, value: str) -> str:
    return str(httpx.URL(path).copy_set_param(name, value))


# Whose browser, whose account


async def test_a_callback_in_another_persons_browser_connects_nothing(
    product: Product, sandbox: Sandbox, person: Person, new_person: NewPerson
) -> None:
    victim = await new_person(product)
    refused(await victim.visit(await person.approved()), 400, "wrong_browser")
    assert token_calls(sandbox) == []
    await nothing_is_connected(victim)
    await nothing_is_connected(person)


async def test_a_consent_lured_from_somebody_else_connects_nothing(
    sandbox: Sandbox, person: Person, visitor: httpx.AsyncClient
) -> None:
    lured = Person(person.product, visitor, "nobody")
    page = await lured.visit(await lured.consent((await person.authorize())["url"]))
    refused(page, 400, "wrong_browser")
    assert "postMessage" not in page.text
    assert token_calls(sandbox) == []
    await nothing_is_connected(person)


async def test_a_callback_with_a_flow_cookie_of_another_flow_connects_nothing(sandbox: Sandbox, person: Person) -> None:
    one, another = await person.authorize(), await person.authorize()
    mine = person.http.cookies
    mine.set(f"vs_flow_{one['flow_id']}", mine[f"vs_flow_{another['flow_id']}"], domain="localhost.local", path="/")
    refused(await person.visit(await person.consent(one["url"])), 400, "wrong_browser")
    assert token_calls(sandbox) == []


async def test_a_callback_with_somebody_else_logged_in_connects_nothing(
    product: Product, sandbox: Sandbox, person: Person, new_person: NewPerson
) -> None:
    other = await new_person(product)
    callback = await person.approved()
    person.http.cookies.set("vs_refresh", other.http.cookies["vs_refresh"], domain="localhost.local", path="/")
    refused(await person.visit(callback), 409, "wrong_user")
    assert token_calls(sandbox) == []
    await nothing_is_connected(person)
    await nothing_is_connected(other)


async def test_a_callback_after_the_logout_connects_nothing(sandbox: Sandbox, person: Person) -> None:
    callback = await person.approved()
    assert (await person.by_cookie("/auth/logout")).status_code == 204
    refused(await person.visit(callback), 409, "session_ended")
    assert token_calls(sandbox) == []
    await person.log_in()
    await nothing_is_connected(person)


async def test_a_callback_after_logging_out_everywhere_connects_nothing(sandbox: Sandbox, person: Person) -> None:
    callback = await person.approved()
    assert (await person.by_cookie("/auth/logout-all")).status_code == 204
    await person.log_in()
    refused(await person.visit(callback), 409, "session_ended")
    assert token_calls(sandbox) == []


async def test_the_flow_cookie_alone_names_who_connects(person: Person) -> None:
    """A browser may have lost its refresh cookie on the way; who started is known by the flow."""
    callback = await person.approved("globex")
    person.http.cookies.delete("vs_refresh")
    refused_or_not = await person.visit(callback)
    assert (refused_or_not.status_code, data_code(refused_or_not)) == (200, "connected")
    assert (await person.status())["connected"] is True


# The state


async def test_twenty_callbacks_at_once_connect_once(sandbox: Sandbox, person: Person) -> None:
    callback = await person.approved("globex")
    pages = await asyncio.gather(*(person.visit(callback) for _ in range(20)))
    assert sorted(data_code(page) for page in pages) == ["authorization_unknown"] * 19 + ["connected"]
    assert len(token_calls(sandbox)) == 1
    assert len(await person.connections()) == 1
    refused(await person.visit(callback), 400, "authorization_unknown")
    assert len(token_calls(sandbox)) == 1


async def test_states_are_long_different_and_say_nothing(person: Person) -> None:
    started = [await person.authorize() for _ in range(50)]
    states = [param(one["url"], "state") for one in started]
    cookies = [person.http.cookies[f"vs_flow_{one['flow_id']}"] for one in started]
    assert len({*states, *cookies}) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22,}", secret) for secret in (*states, *cookies))
    me = (await person.get("/auth/me"))["id"].replace("-", "")
    for one, state in zip(started, states, strict=True):
        assert one["flow_id"] not in state
        assert me not in state
        assert set(one) == {"url", "flow_id", "expires_in"}
        assert 0 < one["expires_in"] <= 600


async def test_a_state_that_is_not_ours_leads_to_no_call(sandbox: Sandbox, person: Person) -> None:
    callback = await person.approved("globex")
    state = param(callback, "state")
    altered = state[:-1] + ("A" if state[-1] != "A" else "B")
    for odd in ("", "x", altered, state.lower(), state + " ", " " + state, "\u0000", "\U0001f9ed", "x" * 5_000):
        page = await person.visit(with_param(callback, "state", odd))
        assert page.status_code == 400, page.text
        assert data_code(page) in ("authorization_unknown", "invalid_input")
    refused(await person.visit(f"{CALLBACK}?code=x"), 400, "authorization_unknown")
    refused(await person.visit(CALLBACK), 400, "authorization_unknown")
    assert token_calls(sandbox) == []
    assert (await person.visit(callback)).status_code == 200


@pytest.mark.parametrize("name", ["state", "code", "error", "iss"])
async def test_a_doubled_parameter_is_refused_and_uses_nothing_up(sandbox: Sandbox, person: Person, name: str) -> None:
    callback = await person.approved("globex")
    for value in (param(callback, "state"), "x", ""):
        refused(await person.visit(f"{callback}&{name}={value}&{name}={value}"), 400, "invalid_input")
    assert token_calls(sandbox) == []
    assert (await person.visit(callback)).status_code == 200


async def test_a_callback_of_another_provider_is_not_taken(sandbox: Sandbox, person: Person) -> None:
    callback = await person.approved("globex")
    for path in ("/integrations/notion/oauth2callback", "/integrations/unknown/oauth2callback"):
        page = await person.visit(callback.replace(CALLBACK, path))
        assert page.status_code in (400, 404)
        assert page.headers["content-type"].startswith("text/html")
    assert token_calls(sandbox) == []
    await nothing_is_connected(person)
    assert (await person.visit(callback)).status_code == 200


async def test_an_answer_of_another_issuer_is_not_taken(sandbox: Sandbox, person: Person) -> None:
    callback = await person.approved()
    refused(await person.visit(with_param(callback, "iss", "https://evil.example")), 400, "grant_refused")
    assert token_calls(sandbox) == []
    await nothing_is_connected(person)


async def test_two_tabs_both_finish(person: Person) -> None:
    one, another = await person.authorize(), await person.authorize()
    callbacks = [await person.consent(another["url"]), await person.consent(one["url"], account="globex")]
    for callback in callbacks:
        assert (await person.visit(callback)).status_code == 200
    assert len(await person.connections()) == 2
    assert not [name for name in person.http.cookies if name.startswith("vs_flow_")]


async def test_a_denial_connects_nothing(sandbox: Sandbox, person: Person) -> None:
    started = await person.authorize()
    page = await person.visit(await person.consent(started["url"], decision="deny"))
    refused(page, 400, "consent_denied")
    assert '"success": false' in page.text
    assert token_calls(sandbox) == []
    await nothing_is_connected(person)


# What is sent out


async def test_what_the_provider_is_asked_cannot_be_changed_by_the_caller(sandbox: Sandbox, person: Person) -> None:
    plain = await person.authorize()
    query = {"client_id": "x", "redirect_uri": "https://evil.example/", "scope": "all", "state": "x", "user_id": "x"}
    forged = await person.authorize(
        params=query,
        headers={"X-Forwarded-Host": "evil.example", "Host": "evil.example"},
        json={"user_id": "x", "orgId": 1},
    )
    asked = [parse_qs(urlsplit(one["url"]).query) | {"state": ["*"]} for one in (plain, forged)]
    assert asked[0] == asked[1]
    redirect_uri = f"{person.product.public_url}{CALLBACK}"
    assert (asked[0]["redirect_uri"], asked[0]["response_type"]) == ([redirect_uri], ["code"])
    await person.visit(await person.consent(forged["url"], account="globex"))
    (call,) = token_calls(sandbox)
    assert parse_qs(call["body"])["redirect_uri"] == [redirect_uri]
    assert "authorization" not in call["headers"]


@pytest.mark.parametrize("origin", [None, "http://localhost:3000"])
async def test_the_page_speaks_to_the_one_origin_that_asked(person: Person, origin: str | None) -> None:
    started = await person.authorize(headers={"Origin": origin} if origin else {})
    page = await person.visit(await person.consent(started["url"], account="globex"))
    expected = origin or person.product.public_url
    ((message, target),) = re.findall(r"postMessage\((.*), (\"[^\"]*\")\)", page.text)
    assert target == f'"{expected}"'
    assert set(re.findall(r'"(\w+)":', message)) == {"type", "flow_id", "success"}
    assert (f'"{started["flow_id"]}"' in message, '"hubspot-oauth-callback"' in message) == (True, True)
    assert "'*'" not in page.text
    assert '"*"' not in page.text


async def test_the_page_keeps_to_itself(person: Person) -> None:
    callback = await person.approved("globex")
    page = await person.visit(callback)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cross-origin-opener-policy"] == "unsafe-none"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', page.text))
    assert f"'nonce-{nonce}'" in policy
    for name in ("code", "state"):
        assert param(callback, name) not in page.text
    assert "history.replaceState" in page.text
    assert not re.findall(r'(?:src|href)="(?!' + re.escape(person.product.public_url) + ")", page.text)
    logs = "".join(process.output() for process in person.product.apis)
    for name in ("code", "state"):
        assert param(callback, name) not in logs


async def test_what_comes_with_the_callback_is_not_repeated_on_the_page(person: Person) -> None:
    script = f"</script><script>alert('{CANARY}')</script>"
    for path in (
        f"{CALLBACK}?{httpx.QueryParams(state=script, code=script, error=script, iss=script)}",
        f"{CALLBACK}?{httpx.QueryParams(state='x', error=script, error_description=script)}",
        f"/integrations/{CANARY}%3Cscript%3E/oauth2callback?state=x",
    ):
        page = await person.visit(path)
        assert page.status_code in (400, 404)
        assert "<script>alert" not in page.text
        assert f"{CANARY}<script>" not in page.text
