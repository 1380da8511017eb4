"""What a provider is asked: the same whoever calls, with a proof that goes with its own flow (RFC 7636)."""

import re
from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED
from tests.e2e.connecting import (
    as_started,
    callback_path,
    each_provider,
    logs,
    nothing_is_connected,
    param,
    refused,
    sent_fields,
    token_calls,
    with_param,
)
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox

EVIL = "evil.example"
FORGED = [
    {"Host": EVIL},
    {"Host": "127.0.0.1"},
    {
        "X-Forwarded-Host": EVIL,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-For": "192.0.2.1",
        "X-Original-Url": "/evil",
        "X-Rewrite-Url": "/evil",
        "X-Host": EVIL,
        "Forwarded": f"for=192.0.2.1;host={EVIL};proto=https",
        "Referer": f"https://{EVIL}/",
    },
]
PARAMETERS = {
    "hubspot": {"client_id", "redirect_uri", "response_type", "scope", "state"},
    "notion": {"client_id", "redirect_uri", "response_type", "owner", "state"},
    "slack": {"client_id", "redirect_uri", "response_type", "scope", "state"},
    "airtable": {
        "client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method",
    },
}  # fmt: skip
WITH_PROOF = {"airtable"}
"""Those who document PKCE for an app that keeps a secret."""
BY_FORM = {"hubspot"}
"""Those who take the secret in the body; the others take it by HTTP Basic."""


@pytest.fixture(autouse=True)
def sandbox(product: Product, provider: str) -> Sandbox:
    return as_started(product.sandbox, provider)


def asked(started: dict[str, object]) -> dict[str, list[str]]:
    """What a provider is asked, but for what is another each time."""
    query = parse_qs(urlsplit(str(started["url"])).query, keep_blank_values=True, strict_parsing=True)
    return {name: ["*"] if name in ("state", "code_challenge") else values for name, values in query.items()}


@each_provider
async def test_what_the_provider_is_asked_cannot_be_changed_by_the_caller(person: Person, provider: str) -> None:
    plain = asked(await person.authorize(provider))
    assert set(plain) == PARAMETERS[provider]
    assert all(len(values) == 1 for values in plain.values())
    query = dict.fromkeys(("redirect_uri", "redirectUri", "client_id", "scope", "state"), f"https://{EVIL}/")
    query |= {
        "user_scope": "admin",
        "optional_scope": "x",
        "code_challenge": "x",
        "response_type": "token",
        "owner": "x",
    }
    for headers in FORGED:
        forged = await person.authorize(provider, params=query, headers=headers, json={"user_id": "x", "orgId": 1})
        assert asked(forged) == plain
        assert EVIL not in str(forged)
    for name, value in query.items():
        path = f"/integrations/{provider}/authorize"
        problem(await person.call("POST", path, json={name: value}), 400, "invalid_input")


@each_provider
async def test_the_redirect_uri_is_the_same_wherever_it_is_said(
    sandbox: Sandbox, person: Person, provider: str
) -> None:
    registered = f"{person.product.public_url}{callback_path(provider)}"
    for headers in ({}, *FORGED):
        started = await person.authorize(provider, headers=headers)
        callback = await person.consent(started["url"], account="globex")
        page = await person.visit(f"{callback}&redirect_uri=https://{EVIL}/", headers=headers)
        assert page.status_code == 200, page.text
        assert EVIL not in page.text
        raw = re.search(r"[?&]redirect_uri=([^&]*)", started["url"])
        assert raw
        assert raw[1] == str(httpx.QueryParams({"u": registered})).removeprefix("u=")
    calls = token_calls(sandbox, provider)
    assert [sent_fields(call)["redirect_uri"] for call in calls] == [registered] * (len(FORGED) + 1)


@each_provider
async def test_the_token_call_says_who_we_are_once(sandbox: Sandbox, person: Person, provider: str) -> None:
    callback = await person.approved("globex", provider)
    assert (await person.visit(callback)).status_code == 200
    (call,) = token_calls(sandbox, provider)
    sent = {"grant_type", "code", "redirect_uri"}
    sent |= {"code_verifier"} if provider in WITH_PROOF else set()
    sent |= {"client_id", "client_secret"} if provider in BY_FORM else set()
    fields = sent_fields(call)
    assert set(fields) == sent
    assert (call["method"], call["query"], fields["code"]) == ("POST", "", param(callback, "code"))
    if provider in BY_FORM:
        assert (fields["client_id"], fields["client_secret"]) == (f"sandbox-{provider}", "sandbox-secret")
        assert "authorization" not in call["headers"]
    else:
        basic = b64encode(f"sandbox-{provider}:sandbox-secret".encode()).decode()
        assert call["headers"]["authorization"] == f"Basic {basic}"
    assert not {"cookie", "origin", "referer"} & set(call["headers"])


@each_provider
async def test_a_proof_goes_with_each_flow_where_the_provider_knows_one(
    product: Product, sandbox: Sandbox, person: Person, provider: str
) -> None:
    urls, pages = list[str](), list[str]()
    for _ in range(5):
        started = await person.authorize(provider)
        urls.append(started["url"])
        page = await person.visit(await person.consent(started["url"], account="globex"))
        assert page.status_code == 200, page.text
        pages += [page.text, str(started)]
    sent = [sent_fields(call) for call in token_calls(sandbox, provider)]
    assert len(sent) == 5
    if provider not in WITH_PROOF:
        assert not any("code_challenge" in url for url in urls)
        assert not any("code_verifier" in fields for fields in sent)
        return
    verifiers = [fields["code_verifier"] for fields in sent]
    assert len(set(verifiers)) == 5
    written = "".join((*pages, logs(product)))
    for url, verifier in zip(urls, verifiers, strict=True):
        assert re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier)
        assert param(url, "code_challenge_method") == "S256"
        assert param(url, "code_challenge") == s256(verifier)
        assert verifier not in written
        assert verifier != param(url, "state")


@EMBEDDED
@pytest.mark.parametrize("provider", sorted(WITH_PROOF))
async def test_a_code_of_another_flow_is_refused_where_there_is_a_proof(
    sandbox: Sandbox, person: Person, provider: str
) -> None:
    """Somebody's code, slipped into an attempt that this person has begun (RFC 9700 section 4.5)."""
    stolen = param(await person.approved("acme", provider), "code")
    callback = await person.approved("globex", provider)
    refused(await person.visit(with_param(callback, "code", stolen)), 400, "grant_refused")
    assert [call["status"] for call in token_calls(sandbox, provider)] == [400]
    await nothing_is_connected(person, provider)
    await person.connect("globex", provider)
    assert len(await person.connections()) == 1


def s256(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
