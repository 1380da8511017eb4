"""An attempt to connect, seen from outside; and what differs between providers there."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from tests.e2e.claims import data_code, problem
from tests.e2e.conftest import PROFILES
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox

EXCHANGE = "authorization_code"
"""What the body of a call that redeems a code contains, in a form and in JSON."""


@dataclass(frozen=True)
class Endpoints:
    """Paths below the provider's folder."""

    token: str
    account: str | None = None
    """Where it is asked whose account a token opens; None where the token answer says it."""


ENDPOINTS = {
    "hubspot": Endpoints("/oauth/2026-03/token", "/oauth/2026-03/token/introspect"),
    "notion": Endpoints("/v1/oauth/token"),
    "slack": Endpoints("/api/oauth.v2.access"),
    "airtable": Endpoints("/oauth2/v1/token", "/v0/meta/whoami"),
}

PROVIDERS = tuple(ENDPOINTS)
OTHERS = PROVIDERS[1:]

every_provider = pytest.mark.parametrize("provider", PROVIDERS)
each_provider = pytest.mark.parametrize(
    ("provider", "running_product"),
    [*(("hubspot", profile) for profile in PROFILES), *((slug, "embedded") for slug in OTHERS)],
    indirect=["running_product"],
    scope="session",
)
"""One of them in every profile, the others in one: where providers differ, no storage takes part."""


def as_started(sandbox: Sandbox, provider: str) -> Sandbox:
    """It, with this provider as if just started."""
    sandbox.control("POST", "/reset", provider=provider)
    return sandbox


def callback_path(provider: str) -> str:
    return f"/integrations/{provider}/oauth2callback"


def exchange_fault(provider: str) -> dict[str, Any]:
    """The call that redeems a code, as faults name it."""
    return {"path": ENDPOINTS[provider].token, "match": EXCHANGE}


def refused(page: httpx.Response, status: int, code: str) -> None:
    assert (page.status_code, data_code(page)) == (status, code), page.text
    assert page.headers["cache-control"] == "no-store"


def token_calls(sandbox: Sandbox, provider: str = "hubspot") -> list[dict[str, Any]]:
    """Those that redeemed a code, or tried to."""
    received = sandbox.control("GET", "/requests", provider=provider)["items"]
    path = f"/{provider}{ENDPOINTS[provider].token}"
    return [call for call in received if call["path"] == path and EXCHANGE in call["body"]]


def sent_fields(call: dict[str, Any]) -> dict[str, str]:
    """What a request's body says, a form or JSON."""
    fields: dict[str, str]
    if call["headers"]["content-type"] == "application/json":
        fields = json.loads(call["body"])
    else:
        fields = dict(parse_qsl(call["body"], keep_blank_values=True, strict_parsing=True))
    return fields


async def revoked(sandbox: Sandbox, *, answered: bool = True) -> None:
    """Return when the provider has taken a grant back; or, before it has ``answered``, when it was asked to."""
    deadline = time.monotonic() + 30
    while True:
        calls = [call for call in sandbox.control("GET", "/requests")["items"] if call["path"].endswith("/revoke")]
        if any(call["status"] == 200 or not answered for call in calls):
            return
        assert time.monotonic() < deadline, calls
        await asyncio.sleep(0.1)


async def nothing_is_connected(person: Person, provider: str = "hubspot") -> None:
    assert await person.connections() == []
    assert (await person.get("/connections"))["items"] == []
    status = await person.status(provider)
    assert (status["connected"], status["status"]) == (False, "disconnected")
    problem(await person.call("POST", f"/integrations/{provider}/credentials"), 409, "not_connected")


def param(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query)[name][0]


def with_param(url: str, name: str, value: str) -> str:
    return str(httpx.URL(url).copy_set_param(name, value))


def logs(product: Product) -> str:
    """What the product itself has written so far."""
    return "".join(process.output() for process in (*product.apis, product.worker) if process)
