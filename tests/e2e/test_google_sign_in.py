"""Signing in with Google: who gets which account, and where the person goes afterwards."""

import asyncio
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED
from tests.e2e.google_client import Google
from tests.e2e.mailbox import RESET, Mailbox
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.e2e.signing_in import (
    URL,
    address,
    back,
    changed,
    choose,
    finish,
    is_in,
    me,
    refused,
    sign_in,
    somebody,
    start,
    try_to_sign_in,
)

NEW = "another horse, another battery"


@pytest.fixture
def google(product: Product) -> Google:
    google = Google(product.sandbox)
    google.control("POST", "/reset")
    return google


# Who gets which account


async def test_the_whole_way_makes_an_account_and_logs_in(google: Google, stranger: Person) -> None:
    who = somebody(google)
    started = await start(stranger)
    assert set(started) == {"url", "flow_id", "expires_in"}
    assert [name for name in stranger.http.cookies if name.startswith("vs_flow_")] == [f"vs_flow_{started['flow_id']}"]
    page = await stranger.http.get(started["url"])
    assert (page.status_code, f'value="{who}"' in page.text) == (200, True)
    answer = await finish(stranger, await choose(stranger, started["url"], who))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "user", "next"}
    assert (body["token_type"], body["next"], answer.headers["cache-control"]) == ("bearer", None, "no-store")
    user = body["user"]
    assert (user["email"], user["email_verified"], user["sign_in_methods"]) == (address(who), True, ["google"])
    assert user["profile"]["full_name"] == "Ann Example"
    assert not [name for name in stranger.http.cookies if name.startswith("vs_flow_")]
    stranger.token = body["access_token"]
    assert await is_in(stranger)
    assert await me(stranger) == user
    for url in stranger.product.urls:
        assert (await stranger.by_cookie("/auth/refresh", base=url)).status_code == 200
    (session,) = (await stranger.get("/auth/sessions"))["items"]
    assert session["current"] is True
    assert [event["action"] for event in (await stranger.get("/auth/events"))["items"]] == ["login", "register"]


async def test_what_was_made_is_a_whole_account(google: Google, stranger: Person) -> None:
    await sign_in(stranger, somebody(google))
    assert await stranger.connect("globex")
    assert (await stranger.first_sync())["counts"]["added"] == 10
    await stranger.settle()  # nobody could afterwards: nothing but this session opens the account here
    assert (await stranger.by_cookie("/auth/logout")).status_code == 204
    assert not await is_in(stranger)


async def test_who_comes_back_gets_the_same_account(google: Google, stranger: Person) -> None:
    who = somebody(google)
    first = await sign_in(stranger, who)
    again = await sign_in(stranger, who)
    assert first["user"] == again["user"]
    assert await is_in(stranger, first["access_token"])
    assert len((await stranger.get("/auth/sessions"))["items"]) == 2


async def test_a_new_address_is_still_the_same_person(google: Google, stranger: Person) -> None:
    who = somebody(google)
    first = (await sign_in(stranger, who))["user"]
    for change in (
        {"email": f"new.{address(who)}"},
        {"email": f"newer.{address(who)}", "email_verified": False},
        {"email": "nobody"},
    ):
        changed(google, who, **change)
        assert (await sign_in(stranger, who))["user"] == first


async def test_an_address_that_went_to_somebody_else_does_not_open_the_account(
    google: Google, stranger: Person
) -> None:
    for email, given in ((None, {"hd": "example.org"}), ("@gmail.com", {})):
        owner = somebody(google)
        mine = address(owner) if email is None else f"{owner}{email}"
        changed(google, owner, email=mine, **given)
        await sign_in(stranger, owner)
        heir = somebody(google, email=mine, **given)
        refused(await try_to_sign_in(stranger, heir), 409, "link_required")
        assert (await me(stranger))["email"] == mine
        assert (await sign_in(stranger, owner))["user"]["sign_in_methods"] == ["google"]


@pytest.mark.parametrize("verified", [False, "false", "yes", 0, None], ids=str)
async def test_an_address_that_nobody_has_verified_opens_nothing(
    google: Google, person: Person, stranger: Person, verified: object
) -> None:
    unsaid = {name: {"email_verified": verified} for name in ("claims", "userinfo")}
    for email in (stranger.email, person.email):
        who = somebody(google, email=email, hd="example.com")
        google.control("POST", "/id_token", unsaid | {"times": 1})
        refused(await try_to_sign_in(stranger, who), 409, "email_unverified")
    assert (await me(person))["email_verified"] is False
    assert (await me(person))["sign_in_methods"] == ["password"]
    assert (await stranger.register()).status_code == 201


async def test_whether_it_is_verified_says_who_names_the_address(google: Google, stranger: Person) -> None:
    google.control("POST", "/id_token", {"claims": {"email_verified": None}, "times": 1})
    refused(await try_to_sign_in(stranger, somebody(google)), 409, "email_unverified")


@pytest.mark.parametrize("given", [{}, {"hd": "example.com"}], ids=["elsewhere", "workspace"])
async def test_an_account_with_a_password_is_never_taken_over(
    google: Google, person: Person, stranger: Person, given: dict[str, Any]
) -> None:
    who = somebody(google, email=person.email.upper(), **given)
    refused(await try_to_sign_in(stranger, who), 409, "link_required")
    assert await is_in(person)
    assert (await me(person))["sign_in_methods"] == ["password"]
    await person.log_in()


async def test_of_several_tabs_of_somebody_new_one_makes_the_account(google: Google, stranger: Person) -> None:
    who = somebody(google)
    tabs = [await back(stranger, who) for _ in range(6)]
    answers = await asyncio.gather(*(finish(stranger, tab) for tab in tabs))
    made = [answer.json()["user"]["id"] for answer in answers if answer.status_code == 200]
    assert len(set(made)) == 1
    for answer in answers:
        if answer.status_code != 200:
            refused(answer, 409, "link_required")
    assert (await sign_in(stranger, who))["user"]["id"] == made[0]


async def test_an_account_without_a_password_has_none_to_guess(google: Google, stranger: Person) -> None:
    who = somebody(google)
    await sign_in(stranger, who)
    for password in (PASSWORD, "", "None"):
        problem(await stranger.try_to_log_in(password), 401, "login_failed")


async def test_a_password_is_set_by_mail(google: Google, stranger: Person, mailbox: Mailbox) -> None:
    who = somebody(google)
    await sign_in(stranger, who)
    assert (await stranger.post("/auth/forgot-password", email=stranger.email)).status_code == 202
    token = await mailbox.token(stranger.email, RESET)
    assert (await stranger.post("/auth/reset-password", token=token, new_password=NEW)).status_code == 204
    assert (await stranger.try_to_log_in(NEW)).status_code == 200
    assert (await sign_in(stranger, who))["user"]["sign_in_methods"] == ["password", "google"]


# Where one goes afterwards


@EMBEDDED
@pytest.mark.parametrize("path", ["/", "/app/items/?kind=contact&q=a%20b", "/app/" + "x" * 490])
async def test_a_path_of_ours_comes_back(google: Google, stranger: Person, path: str) -> None:
    started = await start(stranger, next=path)
    assert path not in started["url"] or path == "/"
    answer = await finish(stranger, await choose(stranger, started["url"], somebody(google)))
    assert (answer.status_code, answer.json()["next"]) == (200, path)


@EMBEDDED
@pytest.mark.parametrize(
    "elsewhere",
    [
        "",
        "app",
        "//evil.example",
        "///evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\\evil.example",
        "\\\\evil.example",
        "/app\t",
        "/app\r\nSet-Cookie: a=b",
        "/\u0000",
        "/é",
        "/a b",
        "/app#token",
        " /app",
        "/" + "x" * 500,
    ],
)
async def test_no_other_place_is_taken(stranger: Person, elsewhere: str) -> None:
    answer = await stranger.post(URL, next=elsewhere)
    problem(answer, 400, "invalid_input")
    assert answer.headers.get_list("set-cookie") == []


@EMBEDDED
async def test_it_can_be_asked_by_get_too(google: Google, stranger: Person) -> None:
    who = somebody(google)
    for method in ("GET", "POST"):
        answer = await stranger.call(method, URL, bearer="")
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == {"url", "flow_id", "expires_in"}
        assert f"vs_flow_{answer.json()['flow_id']}" in stranger.http.cookies
        finished = await finish(stranger, await choose(stranger, answer.json()["url"], who))
        assert finished.status_code == 200, finished.text


@EMBEDDED
async def test_the_person_is_sent_with_all_that_google_asks_for(stranger: Person) -> None:
    started = await start(stranger)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(started["url"]).query).items()}
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", asked.pop("code_challenge"))
    for secret in (asked.pop("state"), asked.pop("nonce")):
        assert re.fullmatch(r"[A-Za-z0-9_-]{22,}", secret)
    assert asked == {
        "response_type": "code",
        "client_id": "sandbox-google",
        "redirect_uri": f"{stranger.product.public_url}/app/google-callback",
        "scope": "openid email profile",
        "code_challenge_method": "S256",
        "prompt": "select_account",
    }
    assert 0 < started["expires_in"] <= 600


@EMBEDDED
async def test_a_hundred_starts_have_nothing_in_common(product: Product, stranger: Person) -> None:
    urls = [(await start(stranger))["url"] for _ in range(100)]
    asked = [parse_qs(urlsplit(url).query) for url in urls]
    secrets = {one[name][0] for one in asked for name in ("state", "nonce", "code_challenge")}
    cookies = {value for name, value in stranger.http.cookies.items() if name.startswith("vs_flow_")}
    assert (len(secrets), len(cookies), secrets & cookies) == (300, 100, set())
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22,}", secret) for secret in secrets | cookies)
    for name in ("client_id", "redirect_uri", "response_type", "scope", "code_challenge_method"):
        assert len({one[name][0] for one in asked}) == 1


@EMBEDDED
async def test_the_caller_adds_nothing_to_what_google_is_asked(product: Product, stranger: Person) -> None:
    forged = {
        "client_id": "x",
        "redirect_uri": "https://evil.example/",
        "state": "x",
        "scope": "all",
        "response_type": "token",
        "nonce": "x",
        "code_challenge": "x",
        "purpose": "link",
        "next": "https://evil.example/",
    }
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    varying = {"state": ["*"], "nonce": ["*"], "code_challenge": ["*"]}
    expected = parse_qs(urlsplit((await start(stranger))["url"]).query) | varying
    for method in ("GET", "POST"):
        answer = await stranger.call(method, URL, bearer="", params=forged, headers=headers)
        assert answer.status_code == 200, answer.text
        asked = parse_qs(urlsplit(answer.json()["url"]).query)
        assert asked | varying == expected
        assert "x" not in (asked["state"][0], asked["nonce"][0], asked["code_challenge"][0])
    for name in forged:
        if name not in ("purpose", "next"):
            problem(await stranger.post(URL, **{name: "x"}), 400, "invalid_input")
