"""What can be done to a sign-in with Google from outside: by other browsers and by other pages."""

import asyncio
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED, NewPerson, as_started, with_settings
from tests.e2e.google_client import Google
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.signing_in import (
    CALLBACK,
    LINK,
    URL,
    Back,
    address,
    back,
    choose,
    finish,
    is_in,
    me,
    refused,
    sign_in,
    somebody,
    start,
    token_calls,
)

ODD = ["", "x", "\u0000", "\U0001f9ed", "x" * 4096]


@pytest.fixture
def google(product: Product) -> Google:
    google = Google(product.sandbox)
    google.control("POST", "/reset")
    google.control("DELETE", "/requests")
    return google


@pytest.fixture
def hasty(running_product: Product) -> Iterator[Product]:
    """It gives people six seconds."""
    with with_settings(running_product, OAUTH_STATE_TTL_SECONDS="6") as product:
        yield as_started(product)


@pytest.fixture
def secure(running_product: Product) -> Iterator[Product]:
    """As it stands behind a proxy that speaks https."""
    port = running_product.ports[0]
    with with_settings(running_product, PUBLIC_URL=f"https://localhost:{port}") as product:
        yield as_started(product)


# Whose browser


async def test_what_was_begun_in_another_browser_logs_nobody_in(
    google: Google, stranger: Person, product: Product, new_person: NewPerson
) -> None:
    """Somebody lures a victim to the callback of their own account (RFC 9700 section 4.7)."""
    victim, who = await new_person(product), somebody(google)
    before, refresh = await me(victim), victim.http.cookies["vs_refresh"]
    refused(await finish(victim, await back(stranger, who)), 400, "wrong_browser")
    assert (await me(victim), victim.http.cookies["vs_refresh"]) == (before, refresh)
    assert token_calls(google) == []
    assert (await sign_in(stranger, who))["user"]["email"] == address(who)


async def test_without_its_cookie_nobody_finishes(google: Google, stranger: Person) -> None:
    came = await back(stranger, somebody(google))
    stranger.http.cookies.clear()
    refused(await finish(stranger, came), 400, "wrong_browser")
    assert token_calls(google) == []


async def test_the_cookie_of_another_flow_opens_nothing(google: Google, stranger: Person) -> None:
    one, another = await start(stranger), await start(stranger)
    came = await choose(stranger, one["url"], somebody(google))
    cookies = stranger.http.cookies
    mine, other = (f"vs_flow_{flow['flow_id']}" for flow in (one, another))
    cookies.set(mine, cookies[other], domain="localhost.local", path="/")
    refused(await finish(stranger, came), 400, "wrong_browser")
    assert token_calls(google) == []


async def test_a_link_in_another_browser_links_nothing(
    google: Google, person: Person, product: Product, new_person: NewPerson
) -> None:
    attacker, who = await new_person(product), somebody(google)
    came = await back(attacker, who, "link")
    refused(await finish(person, came), 400, "wrong_browser")
    for one in (person, attacker):
        assert (await me(one))["sign_in_methods"] == ["password"]
    # And the other way round: the victim's own account at Google, for the attacker's account here.
    started = await start(attacker, "link")
    refused(await finish(person, await choose(person, started["url"], who)), 400, "wrong_browser")
    assert (await me(attacker))["sign_in_methods"] == ["password"]
    assert token_calls(google) == []


@EMBEDDED
async def test_behind_https_a_cookie_that_anybody_can_set_counts_for_nothing(secure: Product, stranger: Person) -> None:
    """A page on a sibling domain sets cookies, but none with the prefix ``__Host-``."""
    google = Google(secure.sandbox)
    who = somebody(google)
    for prefix, status in (("", 400), ("__Host-", 200)):
        answer = await stranger.call("POST", URL, bearer="")
        (cookie,) = answer.headers.get_list("set-cookie")
        name, _, secret = cookie.partition(";")[0].partition("=")
        assert name == f"__Host-vs_flow_{answer.json()['flow_id']}"
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= set(cookie.lower().split("; "))
        chosen = await stranger.http.post(answer.json()["url"], data={"decision": "approve", "account": who})
        query = parse_qs(urlsplit(chosen.headers["location"]).query)
        headers = {"Origin": secure.settings["PUBLIC_URL"], "Cookie": name.replace("__Host-", prefix) + f"={secret}"}
        finished = await finish(stranger, {name: query[name][0] for name in ("code", "state")}, headers=headers)
        assert finished.status_code == status, finished.text


# The state


async def test_ten_callbacks_at_once_log_in_once(google: Google, stranger: Person) -> None:
    for _ in range(3):
        who = somebody(google)
        google.control("DELETE", "/requests")
        came = await back(stranger, who)
        cookies = dict(stranger.http.cookies)
        answers = await asyncio.gather(*(finish(stranger, came, headers=own(stranger, cookies)) for _ in range(10)))
        (first,) = (answer for answer in answers if answer.status_code == 200)
        for answer in answers:
            if answer is not first:
                refused(answer, 400, "authorization_unknown")
        assert len(token_calls(google)) == 1
        stranger.token = first.json()["access_token"]
        assert len((await stranger.get("/auth/sessions"))["items"]) == 1


def own(person: Person, cookies: dict[str, str]) -> dict[str, str]:
    """Headers of one and the same browser, whatever answers have come by now."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Origin": person.product.public_url, "Cookie": cookie}


async def test_a_callback_works_once(google: Google, stranger: Person) -> None:
    came = await back(stranger, somebody(google))
    cookies = dict(stranger.http.cookies)
    assert (await finish(stranger, came, headers=own(stranger, cookies))).status_code == 200
    for url in stranger.product.urls:
        again = await finish(stranger, came, headers=own(stranger, cookies), base=url)
        refused(again, 400, "authorization_unknown")
    assert len(token_calls(google)) == 1


async def test_a_state_that_is_not_ours_leads_to_no_call(google: Google, stranger: Person) -> None:
    came = await back(stranger, somebody(google))
    state = came["state"]
    altered = state[:-1] + ("A" if state[-1] != "A" else "B")
    for odd in (*ODD, altered, state.swapcase(), f"{state} ", f" {state}"):
        refused(await finish(stranger, came | {"state": odd}), 400, "authorization_unknown")
    for body in ({"code": came["code"]}, {"state": state}, {}, {"code": 1, "state": state}, {"code": "x" * 5000}):
        answer = await stranger.call("POST", CALLBACK, json=body, bearer="", headers=own(stranger, {}))
        refused(answer, 400, "invalid_input")
    assert token_calls(google) == []
    assert (await finish(stranger, came)).status_code == 200


async def test_a_code_that_is_not_googles_logs_nobody_in(google: Google, stranger: Person) -> None:
    other = await back(stranger, somebody(google))
    for odd in (*ODD, other["code"]):
        came = await back(stranger, somebody(google))
        refused(await finish(stranger, came | {"code": odd}), 400, "identity_refused")


async def test_a_state_of_a_connection_is_none_of_a_sign_in(google: Google, person: Person, stranger: Person) -> None:
    connecting = parse_qs((await person.approved("globex")).partition("?")[2])
    answer = await finish(person, {"code": connecting["code"][0], "state": connecting["state"][0]})
    refused(answer, 400, "authorization_unknown")
    signing = await back(person, somebody(google))
    page = await person.visit(f"/integrations/hubspot/oauth2callback?{httpx.QueryParams(signing)}")
    assert page.status_code == 400
    assert await person.connections() == []
    assert (await finish(person, signing)).status_code == 200


async def test_who_takes_too_long_begins_again(hasty: Product, stranger: Person) -> None:
    google = Google(hasty.sandbox)
    who = somebody(google)
    google.control("DELETE", "/requests")
    started = await start(stranger)
    assert started["expires_in"] == 6
    came = await choose(stranger, started["url"], who)
    cookies = dict(stranger.http.cookies)
    await asyncio.sleep(6.2)
    refused(await finish(stranger, came, headers=own(stranger, cookies)), 400, "authorization_unknown")
    assert token_calls(google) == []
    assert (await sign_in(stranger, who))["user"]["email"] == address(who)


# What other pages can do


@pytest.mark.parametrize(
    ("method", "path"), [("POST", URL), ("POST", CALLBACK), ("DELETE", LINK), ("DELETE", "/auth/me")]
)
async def test_another_site_changes_nothing(google: Google, person: Person, method: str, path: str) -> None:
    own_url = person.product.public_url
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"{own_url}.evil.example"},
        {"Origin": person.product.sandbox.url},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": own_url},
    ):
        answer = await person.call(method, path, headers=headers)
        problem(answer, 403, "cross_origin")
        assert answer.headers.get_list("set-cookie") == []
    assert await is_in(person)


async def test_a_callback_comes_from_a_page_of_ours(google: Google, stranger: Person) -> None:
    came: Back = await back(stranger, somebody(google))
    for headers in ({}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        refused(await finish(stranger, came, headers=headers), 403, "cross_origin")
    for kind in ("application/x-www-form-urlencoded", "text/plain"):
        headers = {"Origin": stranger.product.public_url, "Content-Type": kind}
        answer = await stranger.call("POST", CALLBACK, content=b"{}", bearer="", headers=headers)
        refused(answer, 415, "unsupported_media_type")
    answer = await stranger.visit(f"{CALLBACK}?{httpx.QueryParams(came)}")
    problem(answer, 405, "method_not_allowed")
    assert token_calls(google) == []
    assert (await finish(stranger, came)).status_code == 200
