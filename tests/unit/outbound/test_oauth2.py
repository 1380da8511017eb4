"""OAuth 2.0 as a client: what a token endpoint says is believed, refused, or no verdict."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.oauth2 import OAuth2
from adapters.outbound.provider_clients import ProviderClients, Registration
from adapters.outbound.provider_http import ProviderHttp
from adapters.outbound.providers._declaration import Client
from adapters.outbound.providers.hubspot import PROVIDER
from domain.connection import Account
from domain.credential import Tokens
from domain.errors import GrantRefused, NotFound, ProviderThrottled, ProviderUnavailable
from domain.secret import Secret
from tests.unit.builders import A_TIME, HeldClock
from tests.unit.outbound.conftest import Wire
from tests.unit.patient_loop import run_patiently

GOOD: dict[str, Any] = {"access_token": "a", "refresh_token": "r", "expires_in": 1800, "token_type": "bearer"}
UNBELIEVABLE: dict[str, list[object]] = {
    "access_token": [None, "", 7, [], {}, "a b\n", "\0", "é", "x" * 16_385, True],
    "refresh_token": ["", 7, [], {}, "\r\n", "x" * 16_385],
    "expires_in": [0, -1, True, "soon", "", "-5", 1e308, 10**12, [], {}],
    "token_type": [None, "", "mac", 7, [], "bearer "],
}
BELIEVABLE: list[tuple[dict[str, object], timedelta | None]] = [
    ({}, timedelta(seconds=1800)),
    ({"token_type": "Bearer"}, timedelta(seconds=1800)),
    ({"expires_in": "3600"}, timedelta(hours=1)),
    ({"expires_in": 59.9}, timedelta(seconds=59)),
    ({"expires_in": None}, None),
    ({"access_token": "x" * 16_384}, timedelta(seconds=1800)),
    ({"something": {"new": [1]}}, timedelta(seconds=1800)),
]


def answering(wire: Wire, *answers: httpx.Response) -> None:
    left = list(answers)
    wire.answer = lambda _: left.pop(0)


def form_of(request: httpx.Request) -> dict[str, str]:
    return dict(parse_qsl(request.content.decode(), strict_parsing=True))


async def test_a_code_becomes_a_grant(grants: OAuth2, wire: Wire) -> None:
    answering(wire, httpx.Response(200, json=GOOD | {"scopes": ["oauth"]}), httpx.Response(200, json={"hub_id": 7}))
    grant = await grants.exchange("hubspot", code="a code&", verifier="v" * 43)
    assert grant.account == Account("7", "Account 7")
    assert grant.tokens == Tokens(Secret("a"), Secret("r"), A_TIME + timedelta(seconds=1800), ("oauth",))
    token_request, account_request = wire.sent
    assert form_of(token_request) == {
        "grant_type": "authorization_code",
        "code": "a code&",
        "redirect_uri": "https://vectorshift.example/integrations/hubspot/oauth2callback",
        "client_id": "our-client",
        "client_secret": "our-secret",
    }
    assert token_request.url == "https://api.hubapi.com/oauth/2026-03/token"
    assert form_of(account_request)["token"] == "a"


@pytest.mark.parametrize(("changed", "life"), BELIEVABLE, ids=str)
async def test_a_plausible_answer_is_believed(
    grants: OAuth2, wire: Wire, changed: dict[str, object], life: timedelta | None
) -> None:
    answering(wire, httpx.Response(200, json=GOOD | changed))
    tokens = await grants.refresh("hubspot", Secret("old"))
    assert tokens.expires_at == (A_TIME + life if life else None)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in UNBELIEVABLE for value in UNBELIEVABLE[name]])
async def test_an_implausible_answer_is_not_believed(grants: OAuth2, wire: Wire, name: str, value: object) -> None:
    answer = httpx.Response(200, json=GOOD | {name: value})
    answering(wire, answer, answer)
    with pytest.raises(GrantRefused):
        await grants.exchange("hubspot", code="c", verifier="v" * 43)
    with pytest.raises(ProviderUnavailable):
        await grants.refresh("hubspot", Secret("old"))


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"<html>", b"\xff", b'{"a":' * 100_000, b'"' + b"x" * 10**6])
@pytest.mark.parametrize("status", [200, 400])
async def test_an_answer_that_is_no_object_is_no_verdict_on_a_grant(
    grants: OAuth2, wire: Wire, body: bytes, status: int
) -> None:
    answering(wire, httpx.Response(status, content=body))
    with pytest.raises(ProviderUnavailable):
        await grants.refresh("hubspot", Secret("old"))


async def test_a_token_that_lasts_less_than_a_second_does_not_end_as_it_begins(grants: OAuth2, wire: Wire) -> None:
    answering(wire, httpx.Response(200, json=GOOD | {"expires_in": 0.4}))
    try:
        tokens = await grants.refresh("hubspot", Secret("old"))
    except ProviderUnavailable:
        return
    assert tokens.expires_at is not None
    assert tokens.expires_at > A_TIME


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": "invalid_grant"}),
        (400, {"error": "invalid_grant", "error_description": "revoked", "status": "BAD_REFRESH_TOKEN"}),
        (400, {"status": "BAD_REFRESH_TOKEN", "message": "missing or invalid refresh token"}),
        (401, {"error": "invalid_grant"}),
    ],
)
async def test_a_dead_grant_is_told_from_everything_else(
    grants: OAuth2, wire: Wire, status: int, body: dict[str, str]
) -> None:
    answering(wire, httpx.Response(status, json=body))
    with pytest.raises(GrantRefused):
        await grants.refresh("hubspot", Secret("old"))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": "invalid_client"}),
        (400, {"error": "invalid_request"}),
        (400, {"error": "unsupported_grant_type"}),
        (403, {}),
        (404, {}),
        (302, {}),
        (500, {"error": "invalid_grant"}),
        (429, {"error": "invalid_grant"}),
        (400, {"error": ["invalid_grant"]}),
        (400, {"error": {"code": "invalid_grant"}}),
        (400, {"status": []}),
    ],
    ids=str,
)
async def test_a_fault_is_no_verdict_on_the_grant(
    grants: OAuth2, wire: Wire, status: int, body: dict[str, object]
) -> None:
    answering(wire, httpx.Response(status, json=body))
    with pytest.raises(ProviderUnavailable):
        await grants.refresh("hubspot", Secret("old"))


async def test_the_new_refresh_token_replaces_the_old_one_if_there_is_one(grants: OAuth2, wire: Wire) -> None:
    answering(wire, httpx.Response(200, json=GOOD), httpx.Response(200, json=GOOD | {"refresh_token": None}))
    assert (await grants.refresh("hubspot", Secret("old"))).refresh == Secret("r")
    assert (await grants.refresh("hubspot", Secret("old"))).refresh == Secret("old")
    assert [form_of(request)["refresh_token"] for request in wire.sent] == ["old", "old"]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401),
        httpx.Response(200, json={"active": False}),
        httpx.Response(200, content=b"{" * 100_000),
        httpx.Response(302, headers={"Location": "https://evil.example"}),
    ],
    ids=repr,
)
async def test_a_grant_to_nobodys_account_is_refused(grants: OAuth2, wire: Wire, answer: httpx.Response) -> None:
    answering(wire, httpx.Response(200, json=GOOD), answer)
    with pytest.raises(GrantRefused):
        await grants.exchange("hubspot", code="c", verifier="v" * 43)


@pytest.mark.parametrize("status", [200, 204, 400, 404])
async def test_a_grant_is_given_back_by_its_refresh_token(grants: OAuth2, wire: Wire, status: int) -> None:
    answering(wire, httpx.Response(status))
    await grants.revoke("hubspot", Tokens(Secret("a"), Secret("r"), None, ()))
    assert form_of(wire.sent[0])["token"] == "r"


async def test_without_a_refresh_token_there_is_nothing_to_give_back(grants: OAuth2, wire: Wire) -> None:
    await grants.revoke("hubspot", Tokens(Secret("a"), None, None, ()))
    assert wire.sent == []


async def test_a_revocation_that_did_not_get_through_is_told(grants: OAuth2, wire: Wire) -> None:
    answering(wire, httpx.Response(503), httpx.Response(429))
    for error in (ProviderUnavailable, ProviderThrottled):
        with pytest.raises(error):
            await grants.revoke("hubspot", Tokens(Secret("a"), Secret("r"), None, ()))


@pytest.mark.parametrize("issuer", ["", "https://evil.example", "https://api.hubapi.com"])
def test_a_provider_that_names_no_issuer_is_not_named_by_others(grants: OAuth2, issuer: str) -> None:
    grants.check_issuer("hubspot", None)
    with pytest.raises(GrantRefused):
        grants.check_issuer("hubspot", issuer)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), st.lists, max_leaves=4))
def test_no_error_of_any_kind_brings_it_down(error: object) -> None:
    async def story() -> None:
        def answer(_: httpx.Request) -> httpx.Response:
            return httpx.Response(400, content=json.dumps({"error": error}))

        clients = ProviderClients([PROVIDER], {"hubspot": Registration(Client("id", "secret"), "https://x.example/")})
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            grants = OAuth2(ProviderHttp(client, clients, HeldClock()), clients, HeldClock())
            with pytest.raises((GrantRefused, ProviderUnavailable)):
                await grants.refresh("hubspot", Secret("old"))

    run_patiently(story())


def test_the_sandbox_answers_in_place_of_the_provider() -> None:
    played = Registration(Client("id", "secret"), "https://x.example/", "http://127.0.0.1:8100/hubspot")
    clients = ProviderClients([PROVIDER], {"hubspot": played})
    assert clients.address("hubspot", PROVIDER.token_url) == "http://127.0.0.1:8100/hubspot/oauth/2026-03/token"
    assert clients.address("hubspot", PROVIDER.authorize_url) == "http://127.0.0.1:8100/hubspot/oauth/authorize"
    assert (clients.get("hubspot").configured, clients.get("hubspot").sandbox) == (True, True)


def test_a_provider_without_registration_is_shown_as_not_configured() -> None:
    clients = ProviderClients([PROVIDER], {})
    assert (clients.get("hubspot").configured, clients.get("hubspot").sandbox) == (False, False)
    assert clients.all() == (clients.get("hubspot"),)
    with pytest.raises(NotFound):
        clients.get("nowhere")


def test_basic_credentials_are_encoded_part_by_part() -> None:
    assert Client("a:b", "c d%").basic() == "YSUzQWI6YytkJTI1"
    assert "secret" not in repr(Client("id", "the-secret"))
