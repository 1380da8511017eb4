"""What an OpenID provider says of itself: believed where it is its own, and fetched seldom."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from adapters.outbound.oidc_identity import OidcIdentity
from domain.errors import IdentityProviderUnavailable
from domain.identity import ProvenIdentity
from tests.unit.builders import HeldClock
from tests.unit.outbound.conftest import Wire
from tests.unit.outbound.openid_provider import (
    CLIENT,
    CODE,
    ISSUER,
    NONCE,
    VERIFIER,
    WELL_KNOWN,
    OpenIdProvider,
    a_client_of,
    refusal,
)

HOUR = timedelta(hours=1, seconds=1)
UNUSABLE: list[httpx.Response | Exception] = [
    httpx.Response(200, content=b""),
    httpx.Response(200, content=b"null"),
    httpx.Response(200, content=b"[]"),
    httpx.Response(200, html="<html>Sign in to the network</html>"),
    httpx.Response(200, content=b"\xff"),
    httpx.Response(200, content=b'{"a":' * 20_000),
    httpx.Response(200, content=b"{" + b" " * 5_000_000 + b"}"),
    httpx.Response(302, headers={"Location": "https://evil.example/"}),
    httpx.Response(401),
    httpx.Response(404, json={}),
    httpx.Response(429),
    httpx.Response(500),
    httpx.ConnectError("connection refused"),
    httpx.ReadTimeout("timed out"),
]


@pytest.fixture
def issuer(wire: Wire, clock: HeldClock) -> OpenIdProvider:
    wire.answer = issuer = OpenIdProvider(clock)
    return issuer


@pytest.fixture
async def identity(wire: Wire, clock: HeldClock, issuer: OpenIdProvider) -> AsyncIterator[OidcIdentity]:
    async with a_client_of(wire, clock) as identity:
        yield identity


async def identify(identity: OidcIdentity) -> ProvenIdentity:
    return await identity.identify(code=CODE, verifier=VERIFIER, nonce=NONCE)


async def start(identity: OidcIdentity) -> str:
    return await identity.authorization_url(state="s", nonce=NONCE, verifier=VERIFIER)


async def away(identity: OidcIdentity) -> None:
    await refusal(start(identity), IdentityProviderUnavailable)
    await refusal(identify(identity), IdentityProviderUnavailable)


@pytest.mark.parametrize("answer", UNUSABLE, ids=repr)
async def test_without_discovery_nobody_is_judged(
    issuer: OpenIdProvider, identity: OidcIdentity, answer: httpx.Response | Exception
) -> None:
    issuer.answers[WELL_KNOWN] = answer
    await away(identity)
    assert issuer.fetched("/token") == 0
    issuer.answers.clear()
    assert (await identify(identity)).subject == "1"


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        7,
        [ISSUER],
        "https://evil.example",
        f"{ISSUER}.evil",
        f"{ISSUER}/tenant",
        "http://issuer.example",
        ISSUER.upper(),
        f" {ISSUER}",
    ],
)
async def test_a_document_of_another_issuer_is_not_believed(
    issuer: OpenIdProvider, identity: OidcIdentity, said: object
) -> None:
    issuer.discovery["issuer"] = said
    await away(identity)
    assert issuer.fetched("/token") == 0


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        7,
        [],
        "/token",
        "issuer.example/token",
        "http://issuer.example/token",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:,x",
        "https://[",
    ],
)
async def test_an_endpoint_that_cannot_be_called_is_not(
    wire: Wire, issuer: OpenIdProvider, identity: OidcIdentity, name: str, url: object
) -> None:
    issuer.discovery[name] = url
    await away(identity)
    assert {request.url.path for request in wire.sent} == {WELL_KNOWN}


async def test_where_the_provider_is_reached_in_the_clear_its_endpoints_may_be_too(
    wire: Wire, clock: HeldClock
) -> None:
    here = "http://127.0.0.1:8100/google"
    wire.answer = issuer = OpenIdProvider(clock, here)
    issuer.discovery["jwks_uri"] = f"{ISSUER}/keys"
    async with a_client_of(wire, clock, replace(CLIENT, discovery_url=here + WELL_KNOWN)) as identity:
        assert (await start(identity)).startswith(f"{here}/authorize?")
        for url in ("ftp://127.0.0.1/token", "javascript:alert(1)"):
            issuer.discovery["token_endpoint"] = url
            clock.advance(HOUR)
            await refusal(start(identity), IdentityProviderUnavailable)


async def test_both_documents_are_kept_for_an_hour(
    issuer: OpenIdProvider, identity: OidcIdentity, clock: HeldClock
) -> None:
    for _ in range(5):
        await start(identity)
        await identify(identity)
        clock.advance(timedelta(minutes=11))
    assert [issuer.fetched(path) for path in (WELL_KNOWN, "/keys")] == [1, 1]
    clock.advance(HOUR)
    issuer.id_token = issuer.signed()
    await identify(identity)
    assert [issuer.fetched(path) for path in (WELL_KNOWN, "/keys")] == [2, 2]


async def test_many_at_once_fetch_each_document_once(
    wire: Wire, issuer: OpenIdProvider, identity: OidcIdentity
) -> None:
    async def slowly(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(1)
        return await issuer(request)

    wire.answer = slowly
    found = await asyncio.gather(*(identify(identity) for _ in range(20)), *(start(identity) for _ in range(20)))
    assert len(found) == 40
    assert [issuer.fetched(path) for path in (WELL_KNOWN, "/keys", "/token")] == [1, 1, 20]
