"""What a provider has entrusted to the product never comes out again: in no answer, no log, no file, no row."""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
import pytest

from tests.e2e.conftest import PROFILES, as_started, with_settings
from tests.e2e.connecting import (
    ENDPOINTS,
    OTHERS,
    callback_path,
    exchange_fault,
    logs,
    param,
    refused,
    sent_fields,
    token_calls,
)
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox
from tests.e2e.test_accounts_traces import as_written
from tests.e2e.token_answers import ACCESS, CANARY, REFRESH, good_but_for
from tests.e2e.traces import traces

CLIENT_SECRET = "sandbox-secret"
LISTINGS = {
    "hubspot": "/crm/v3/objects/contacts",
    "notion": "/v1/search",
    "slack": "/api/conversations.list",
    "airtable": "/v0/meta/bases",
}
pytestmark = pytest.mark.parametrize(
    ("provider", "running_product"),
    [
        *(("hubspot", profile) for profile in PROFILES),
        *((provider, "embedded") for provider in OTHERS),
        # Its verifier waits in the cache.
        ("airtable", "sqlite-redis"),
    ],
    indirect=["running_product"],
    scope="session",
)


@pytest.fixture(scope="module")
def talkative(running_product: Product) -> Iterator[Product]:
    with with_settings(running_product, LOG_LEVEL="debug") as product:
        yield product


@pytest.fixture
def product(talkative: Product, provider: str) -> Product:
    talkative.sandbox.control("POST", "/reset", provider=provider)
    return as_started(talkative)


@dataclass(slots=True)
class Secrets:
    """What the sandbox knows of the product, and nobody else should."""

    provider: str
    access: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    verifiers: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)

    def note(self, product: Product) -> None:
        """All that is in use now, and all that was sent so far."""
        state = json.loads((product.home / "var" / "sandbox.json").read_text())
        grants = state[self.provider]["grants"]
        self.access |= set(grants["access"])
        self.refresh |= set(grants["refresh"])
        for call in token_calls(product.sandbox, self.provider):
            fields = sent_fields(call)
            self.codes.add(fields["code"])
            self.verifiers |= {fields["code_verifier"]} if "code_verifier" in fields else set()

    @property
    def never_shown(self) -> set[str]:
        basic = b64encode(f"sandbox-{self.provider}:{CLIENT_SECRET}".encode()).decode()
        scripted = {ACCESS, REFRESH, CANARY}
        return self.access | self.refresh | self.verifiers | scripted | {CLIENT_SECRET, basic, quote(basic, safe="")}

    @property
    def never_kept(self) -> set[str]:
        return self.never_shown | self.codes


@pytest.fixture
def answers(product: Product, person: Person) -> list[str]:
    """Headers and bodies of all that the product answers to this person, and on which ways."""
    seen: list[str] = []

    async def see(answer: httpx.Response) -> None:
        if str(answer.url).startswith(tuple(product.urls)):
            await answer.aread()
            seen.append(f"{answer.request.method} {answer.url.path}\n{answer.headers}\n{answer.text}")

    person.http.event_hooks["response"].append(see)
    return seen


async def test_a_whole_life_shows_and_leaves_no_secret(
    product: Product, sandbox: Sandbox, person: Person, provider: str, answers: list[str]
) -> None:
    secrets = Secrets(provider)
    await an_attempt_under_way_keeps_nothing_readable(product, person, provider)

    await person.connect("globex", provider)
    await person.first_sync(provider)
    secrets.note(product)
    sandbox.control("POST", "/expire", provider=provider)
    assert (await person.synced(provider))["status"] == "succeeded"
    secrets.note(product)
    await every_route(person, provider)

    await clumsy_answers(sandbox, person, provider)
    secrets.note(product)
    sandbox.control("POST", "/revoke", provider=provider)
    dead = await person.synced(provider)
    assert dead["error"]["code"] == "needs_reauth", dead
    await every_route(person, provider)

    connection = await person.connect("globex", provider)
    await person.first_sync(provider)
    await person.connect("acme", provider)
    secrets.note(product)
    what_is_stored_is_found(product, connection)
    nothing_is_left(product, secrets)

    gone = {"connection_id": connection, "purge": True}
    assert (await person.call("POST", f"/integrations/{provider}/disconnect", json=gone)).status_code == 204
    await every_route(person, provider)
    secrets.note(product)
    nothing_is_left(product, secrets)
    nothing_was_shown(answers, secrets)

    assert len(secrets.access) >= 4
    assert len(secrets.refresh) >= 3
    assert bool(secrets.verifiers) is (provider == "airtable")


async def an_attempt_under_way_keeps_nothing_readable(product: Product, person: Person, provider: str) -> None:
    started = await person.authorize(provider)
    state, cookie = param(started["url"], "state"), person.http.cookies[f"vs_flow_{started['flow_id']}"]
    assert traces(product, as_written(state) | as_written(cookie)) == []
    assert not in_files(product, {state, cookie})
    assert not [one for one in (state, cookie) if one in logs(product)]


async def every_route(person: Person, provider: str) -> None:
    connections = (await person.get("/connections"))["items"]
    items = (await person.get("/items"))["items"]
    runs = [one["run"]["id"] for one in connections if one["run"]]
    paths = [
        "/integrations",
        f"/integrations/{provider}/status",
        "/auth/me",
        "/auth/sessions",
        "/auth/events",
        "/health",
    ]
    paths += ["/ready", "/schema/openapi.json", "/docs", "/", "/app/", "/nowhere", f"{callback_path(provider)}?state=x"]
    paths += [f"/connections/{one['id']}" for one in connections] + [f"/runs/{one}" for one in runs]
    paths += [f"/items/{one['id']}" for one in items] + ["/items?q=a", f"/items?provider={provider}", "/items?limit=x"]
    for path in paths:
        await person.call("GET", path)
    for path in ("credentials", "load", f"get_{provider}_items", "authorize"):
        for body in ({}, {"connection_id": connections[0]["id"]}, {"connection_id": 7}):
            await person.call("POST", f"/integrations/{provider}/{path}", json=body)


async def clumsy_answers(sandbox: Sandbox, person: Person, provider: str) -> None:
    """A provider that says too much, in answers that nobody can use."""
    said = f"{CANARY} {ACCESS} {REFRESH} {CLIENT_SECRET}"
    exchange = exchange_fault(provider)
    attempts = [
        good_but_for(provider, token_type="mac", note=said),
        good_but_for(provider, expires_in=said),
        [exchange | {"body": f"<html>{said}</html>"}],
        [exchange | {"status": 500, "body": said}],
        [exchange | {"status": 400, "json": {"error": said, "error_description": said}}],
        [exchange | {"status": 302, "headers": {"Location": f"http://127.0.0.1:9/?{ACCESS}"}}],
        [exchange | {"cut_after_bytes": 20}],
    ]
    if path := ENDPOINTS[provider].account:
        attempts += [[{"path": path, "status": status, "body": said}] for status in (200, 401, 500)]
    for faults in attempts:
        sandbox.control("POST", "/faults", faults, provider=provider)
        assert (await person.visit(await person.approved("acme", provider))).status_code in (400, 503)
    callback = await person.approved("acme", provider)
    refused(await person.visit(callback.replace(param(callback, "code"), "never-issued-" * 4)), 400, "grant_refused")
    listings: list[dict[str, object]] = [
        {"status": 400, "body": said},
        {"body": said},
        {"status": 403, "json": {"message": said, "error": {"type": said}}},
    ]
    for answer in listings:
        sandbox.control("POST", "/faults", [{"path": LISTINGS[provider], "times": 9} | answer], provider=provider)
        await person.synced(provider)
    sandbox.control("POST", "/faults", [], provider=provider)


def in_files(product: Product, needles: Iterable[str]) -> list[str]:
    """Files of the product that say one of them."""
    texts = [needle.encode() for needle in needles]
    found: list[str] = []
    for path in product.home.rglob("*"):
        if path.is_file() and not path.name.startswith("sandbox.json"):
            # The database's side files come and go.
            with suppress(FileNotFoundError):
                said = path.read_bytes()
                found += [path.name for text in texts if text in said]
    return found


def what_is_stored_is_found(product: Product, connection: str) -> None:
    assert traces(product, {connection})
    assert bool(in_files(product, {connection})) is (product.profile != "cassandra-redis")


def nothing_is_left(product: Product, secrets: Secrets) -> None:
    written = {form for secret in secrets.never_kept for form in as_written(secret)}
    assert traces(product, written) == []
    assert in_files(product, written) == []
    output = logs(product)
    assert "action=connect" in output
    assert "reason=grant_refused" in output
    assert [one for one in written if one in output] == []


def nothing_was_shown(answers: list[str], secrets: Secrets) -> None:
    assert len(answers) > 100
    written = {form for secret in secrets.never_shown for form in as_written(secret)}
    assert [answer[:200] for answer in answers if any(one in answer for one in written)] == []
