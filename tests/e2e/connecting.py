"""An attempt to connect, seen from outside."""

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.e2e.claims import data_code, problem
from tests.e2e.person import Person
from tests.e2e.sandbox_server import Sandbox

CALLBACK = "/integrations/hubspot/oauth2callback"
EXCHANGE = {"path": "/oauth/2026-03/token", "match": "grant_type=authorization_code"}
"""The call that redeems a code, as faults name it."""


def refused(page: httpx.Response, status: int, code: str) -> None:
    assert (page.status_code, data_code(page)) == (status, code), page.text
    assert page.headers["cache-control"] == "no-store"


def token_calls(sandbox: Sandbox) -> list[dict[str, Any]]:
    received = sandbox.control("GET", "/requests")["items"]
    return [call for call in received if call["path"].endswith("/token") and EXCHANGE["match"] in call["body"]]


async def revoked(sandbox: Sandbox, *, answered: bool = True) -> None:
    """Return when the provider has taken a grant back; or, before it has ``answered``, when it was asked to."""
    deadline = time.monotonic() + 15
    while True:
        calls = [call for call in sandbox.control("GET", "/requests")["items"] if call["path"].endswith("/revoke")]
        if any(call["status"] == 200 or not answered for call in calls):
            return
        assert time.monotonic() < deadline, calls
        await asyncio.sleep(0.1)


async def nothing_is_connected(person: Person) -> None:
    assert await person.connections() == []
    status = await person.status()
    assert (status["connected"], status["status"]) == (False, "disconnected")
    problem(await person.call("POST", "/integrations/hubspot/credentials"), 409, "not_connected")


def param(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query)[name][0]
