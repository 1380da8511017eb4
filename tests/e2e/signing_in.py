"""A sign-in with Google, seen from outside: what the web UI does, and the person at the page of choice."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx

from tests.e2e.claims import problem
from tests.e2e.google_client import Google
from tests.e2e.person import Person

URL, CALLBACK, LINK = "/auth/google/url", "/auth/google/callback", "/auth/google/link"
PAGE = "/app/google-callback"
"""Of the web UI: it posts code and state."""

Back = dict[str, str]
"""Code and state, as the browser brings them back."""


def somebody(google: Google, **given: Any) -> str:
    """Somebody new at Google; the key by which the page of choice knows them."""
    key = uuid4().hex
    person = {"key": key, "email": f"{key}@example.org", "name": "Ann Example"} | given
    google.control("POST", "/people", {"upsert": [person]})
    return key


def changed(google: Google, key: str, **given: Any) -> None:
    google.control("POST", "/people", {"upsert": [{"key": key} | given]})


def address(key: str) -> str:
    """Of ``somebody`` who was given none."""
    return f"{key}@example.org"


async def start(person: Person, purpose: str | None = None, **given: Any) -> dict[str, Any]:
    """As whoever is logged in, if that matters to the purpose."""
    body = ({"purpose": purpose} if purpose else {}) | given
    bearer = None if purpose in ("link", "reauth") else ""
    answer = await person.call("POST", URL, json=body, bearer=bearer)
    assert answer.status_code == 200, answer.text
    started: dict[str, Any] = answer.json()
    return started


async def choose(person: Person, url: str, who: str) -> Back:
    """Press the button of the page of choice, and come back to our own page."""
    answer = await person.http.post(url, data={"decision": "approve", "account": who})
    assert answer.status_code == 302, answer.text
    location = urlsplit(answer.headers["location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == person.product.public_url + PAGE
    query = parse_qs(location.query)
    return {"code": query["code"][0], "state": query["state"][0]}


async def back(person: Person, who: str, purpose: str | None = None, **given: Any) -> Back:
    """A sign-in, up to the callback that is still to be posted."""
    return await choose(person, (await start(person, purpose, **given))["url"], who)


async def finish(
    person: Person, came: Mapping[str, str], *, headers: dict[str, str] | None = None, **given: Any
) -> httpx.Response:
    """As our own page posts it."""
    own = {"Origin": person.product.public_url} if headers is None else headers
    return await person.call("POST", CALLBACK, json=dict(came), bearer="", headers=own, **given)


async def try_to_sign_in(person: Person, who: str, purpose: str | None = None, **given: Any) -> httpx.Response:
    return await finish(person, await back(person, who, purpose, **given))


async def sign_in(person: Person, who: str, purpose: str | None = None, **given: Any) -> dict[str, Any]:
    """The whole way; the answer, whose token is the person's from now on."""
    answer = await try_to_sign_in(person, who, purpose, **given)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    person.token, person.email = body["access_token"], body["user"]["email"]
    return body


async def me(person: Person) -> dict[str, Any]:
    found: dict[str, Any] = await person.get("/auth/me")
    return found


async def is_in(person: Person, token: str | None = None) -> bool:
    """Whether the token opens the account, at every API process alike."""
    answers = [await person.call("GET", "/auth/me", bearer=token, base=url) for url in person.product.urls]
    assert len({answer.status_code for answer in answers}) == 1
    return answers[0].status_code == 200


def refused(answer: httpx.Response, status: int, code: str) -> None:
    """And nobody is logged in by it."""
    problem(answer, status, code)
    assert not [cookie for cookie in answer.headers.get_list("set-cookie") if cookie.startswith("vs_refresh=")]


def token_calls(google: Google) -> list[dict[str, Any]]:
    received = google.control("GET", "/requests")["items"]
    return [call for call in received if urlsplit(call["path"]).path == "/google/token"]
