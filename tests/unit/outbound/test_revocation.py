"""Giving a grant back: which refusals mean that it is gone."""

import httpx
import pytest
import structlog

from adapters.outbound.oauth2 import OAuth2
from adapters.outbound.provider_clients import ProviderClients
from adapters.outbound.providers import declarations
from domain.credential import Tokens
from domain.errors import ClientRefused, ProviderNotConfigured
from domain.secret import Secret
from tests.unit.outbound.conftest import Wire

TOKENS = Tokens(Secret("the-access"), Secret("the-refresh"), None, ())


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401),
        httpx.Response(401, json={"error": "unauthorized"}),
        httpx.Response(400, json={"error": "invalid_client"}),
        httpx.Response(403, json={"error": "invalid_client"}),
    ],
    ids=str,
)
async def test_while_our_client_is_refused_the_grant_lives_on(
    grants: OAuth2, wire: Wire, answer: httpx.Response
) -> None:
    wire.answer = lambda _: answer
    with structlog.testing.capture_logs() as lines, pytest.raises(ClientRefused):
        await grants.revoke("hubspot", TOKENS)
    assert [(line["log_level"], line["provider"]) for line in lines] == [("error", "hubspot")]


@pytest.mark.parametrize("body", [{"error": "invalid_token"}, {"error": ["invalid_client"]}, {"error": {}}, [], None])
@pytest.mark.parametrize("status", [400, 403])
async def test_any_other_refusal_means_that_it_is_gone(grants: OAuth2, wire: Wire, status: int, body: object) -> None:
    wire.answer = lambda _: httpx.Response(status, json=body)
    with structlog.testing.capture_logs() as lines:
        await grants.revoke("hubspot", TOKENS)
    assert [line["status"] for line in lines] == [status]
    assert "the-" not in str(lines)


def test_who_we_are_at_a_provider_that_is_not_configured_nobody_can_say() -> None:
    clients = ProviderClients(declarations(), {})
    with pytest.raises(ProviderNotConfigured):
        clients.registration("hubspot")
    with pytest.raises(ProviderNotConfigured):
        clients.address("hubspot", "https://api.hubapi.com/")
