"""Giving a grant back as each provider wants it, also where only a living access token can do it."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
import structlog

from adapters.outbound.oauth2 import OAuth2
from adapters.outbound.provider_clients import ProviderClients, Registration
from adapters.outbound.provider_http import ProviderHttp
from adapters.outbound.providers import declarations
from adapters.outbound.providers._declaration import Client
from domain.credential import Tokens
from domain.errors import ClientRefused, ProviderUnavailable
from domain.secret import Secret
from tests.unit.builders import HeldClock
from tests.unit.outbound.conftest import Wire

ROTATING = Tokens(Secret("the-access"), Secret("the-refresh"), None, ())
LASTING = Tokens(Secret("the-access"), None, None, ())
UNINSTALL, REVOKE, TOKENS = "/api/apps.uninstall", "/api/auth.revoke", "/api/oauth.v2.access"
RENEWED = {
    "ok": True,
    "access_token": "a-new-access",
    "refresh_token": "a-new-refresh",
    "token_type": "bot",
    "expires_in": 43_200,
}
EXPIRED = ("token_expired", "invalid_auth", "token_revoked")


@pytest.fixture
def clients() -> ProviderClients:
    ours = Registration(Client("our-client", "our-secret"), "https://vectorshift.example/")
    return ProviderClients(declarations(), {one.slug: ours for one in declarations()})


@pytest.fixture
async def http(wire: Wire, clients: ProviderClients, clock: HeldClock) -> AsyncIterator[ProviderHttp]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(wire)) as client:
        yield ProviderHttp(client, clients, clock)


def says(error: str | None) -> dict[str, object]:
    return {"ok": False, "error": error} if error else {"ok": True}


def answering(wire: Wire, **by_path: list[object]) -> None:
    """What is answered by the last part of a path, in order; ``oauth`` for a call for tokens."""

    def answer(request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition(".")[2] if request.url.path != TOKENS else "oauth"
        return httpx.Response(200, json=by_path[name].pop(0))

    wire.answer = answer


def sent(wire: Wire) -> list[tuple[str, str | None]]:
    """Paths, each with its bearer."""
    return [
        (request.url.path, request.headers["authorization"].partition("Bearer ")[2] or None) for request in wire.sent
    ]


EXPECTED: Mapping[str, tuple[str, str | None, dict[str, str]] | None] = {
    "airtable": None,
    "hubspot": (
        "/oauth/2026-03/token/revoke",
        None,
        {
            "client_id": "our-client",
            "client_secret": "our-secret",
            "token": "the-refresh",
            "token_type_hint": "refresh_token",
        },
    ),
    "notion": ("/v1/oauth/revoke", "Basic b3VyLWNsaWVudDpvdXItc2VjcmV0", {"token": "the-access"}),
    "slack": (UNINSTALL, "Bearer the-access", {"client_id": "our-client", "client_secret": "our-secret"}),
}


@pytest.mark.parametrize("slug", EXPECTED)
async def test_a_grant_is_given_back_as_its_provider_wants_it(grants: OAuth2, wire: Wire, slug: str) -> None:
    wire.answer = lambda _: httpx.Response(200, json={"ok": True})
    await grants.revoke(slug, ROTATING)
    expected = EXPECTED[slug]
    assert len(wire.sent) == (expected is not None)
    if expected:
        (request,) = wire.sent
        path, authorization, body = expected
        assert (request.url.path, request.headers.get("authorization")) == (path, authorization)
        assert body_of(request) == body
        assert "the-" not in str(request.url)


def body_of(request: httpx.Request) -> dict[str, Any]:
    if request.headers["content-type"] == "application/json":
        found: dict[str, Any] = json.loads(request.content)
        return found
    return dict(parse_qsl(request.content.decode()))


@pytest.mark.parametrize(("tokens", "path"), [(ROTATING, UNINSTALL), (LASTING, REVOKE)])
async def test_a_living_token_gives_its_grant_back(grants: OAuth2, wire: Wire, tokens: Tokens, path: str) -> None:
    answering(wire, uninstall=[says(None)], revoke=[says(None)])
    assert await grants.revoke("slack", tokens)
    assert sent(wire) == [(path, "the-access")]


@pytest.mark.parametrize("error", EXPIRED)
async def test_an_expired_token_does_not_and_spends_no_refresh_token(grants: OAuth2, wire: Wire, error: str) -> None:
    answering(wire, uninstall=[says(error)], revoke=[says(error)])
    assert not await grants.revoke("slack", ROTATING)
    assert not await grants.revoke("slack", LASTING)
    assert sent(wire) == [(UNINSTALL, "the-access"), (REVOKE, "the-access")]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_fault_of_any_provider_does_not_count_as_given_back(grants: OAuth2, wire: Wire, status: int) -> None:
    wire.answer = lambda _: httpx.Response(status)
    for slug in ("hubspot", "notion", "slack"):
        with pytest.raises(ProviderUnavailable):
            await grants.revoke(slug, ROTATING)


@pytest.mark.parametrize("error", ["ratelimited", "internal_error", "fatal_error", "service_unavailable"])
async def test_nor_does_one_that_is_said_in_words(grants: OAuth2, wire: Wire, error: str) -> None:
    answering(wire, uninstall=[says(error)])
    with pytest.raises(ProviderUnavailable):
        await grants.revoke("slack", ROTATING)


@pytest.mark.parametrize(
    ("slug", "status", "body"),
    [
        ("notion", 401, {"object": "error", "status": 401, "code": "unauthorized"}),
        ("notion", 400, {"object": "error", "status": 400, "code": "invalid_client"}),
        ("slack", 200, says("bad_client_secret")),
        ("slack", 200, says("invalid_client_id")),
    ],
    ids=str,
)
async def test_while_our_client_is_refused_the_grant_lives_on_and_the_operator_is_told(
    grants: OAuth2, wire: Wire, slug: str, status: int, body: dict[str, object]
) -> None:
    wire.answer = lambda _: httpx.Response(status, json=body)
    with structlog.testing.capture_logs() as lines, pytest.raises(ClientRefused):
        await grants.revoke(slug, ROTATING)
    assert [(line["log_level"], line["provider"]) for line in lines] == [("error", slug)]
    assert "the-" not in str(lines)
    assert "our-secret" not in str(lines)
