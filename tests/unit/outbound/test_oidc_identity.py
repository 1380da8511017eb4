"""Sign-in at an OpenID provider as its client: what is asked, and which answers are refusals, which are outages."""

import asyncio
import gzip
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from adapters.outbound.oidc_identity import OidcIdentity
from domain.errors import IdentityProviderUnavailable, IdentityRefused, ProviderNotConfigured, Refused
from domain.identity import ProvenIdentity
from tests.unit.builders import HeldClock
from tests.unit.outbound.conftest import Wire
from tests.unit.outbound.openid_provider import (
    ACCESS,
    CLIENT,
    CLIENT_ID,
    CLIENT_SECRET,
    CODE,
    ISSUER,
    NONCE,
    REDIRECT_URI,
    VERIFIER,
    OpenIdProvider,
    a_client_of,
    at_hash,
    refusal,
)

UNREADABLE = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "HTML": b"<html><title>Sign in to the network</title></html>",
    "not UTF-8": b"\xff",
    "deep": b'{"a":' * 20_000,
    "deep list": b"[" * 100_000,
    "cut": b'{"access_token": "a", "id_tok',
}
AWAY: dict[str, httpx.Response | Exception] = {
    "500": httpx.Response(500),
    "502 HTML": httpx.Response(502, html="<html>Bad Gateway</html>"),
    "503": httpx.Response(503, headers={"Retry-After": "120"}),
    "429": httpx.Response(429, json={"error": "slow_down"}),
    "401": httpx.Response(401, json={"error": "invalid_client"}),
    "5 MB": httpx.Response(200, content=b"{" + b" " * 5_000_000 + b"}"),
    "compressed": httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=gzip.compress(b"{}")),
    "refused": httpx.ConnectError(f"connection refused: {CLIENT_SECRET}"),
    "cut off": httpx.RemoteProtocolError(f"peer closed connection: {CODE}"),
    "slow": httpx.ReadTimeout(f"timed out: {ACCESS}"),
}


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


async def refused(identity: OidcIdentity, kind: type[Refused] = IdentityRefused) -> Refused:
    return await refusal(identify(identity), kind)


async def asked_of(identity: OidcIdentity) -> dict[str, list[str]]:
    url = await identity.authorization_url(state="the-state", nonce=NONCE, verifier=VERIFIER)
    return parse_qs(urlsplit(url).query, strict_parsing=True)


# What is asked


async def test_the_person_is_sent_with_state_nonce_and_a_challenge(identity: OidcIdentity) -> None:
    url = await identity.authorization_url(state="the-state", nonce=NONCE, verifier=VERIFIER)
    assert url.partition("?")[0] == f"{ISSUER}/authorize"
    assert await asked_of(identity) == {
        "response_type": ["code"],
        "client_id": [CLIENT_ID],
        "redirect_uri": [REDIRECT_URI],
        "scope": ["openid email profile"],
        "state": ["the-state"],
        "nonce": [NONCE],
        "code_challenge": [urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()],
        "code_challenge_method": ["S256"],
        "prompt": ["select_account"],
    }
    assert VERIFIER not in url


@pytest.mark.parametrize("known", [None, ["none", "login"], "select_account", ["none", "select_account"]], ids=str)
async def test_another_provider_is_not_asked_for_a_page_that_it_may_not_have(
    wire: Wire, issuer: OpenIdProvider, clock: HeldClock, known: object
) -> None:
    """It may refuse what it does not know; Google knows it without saying so."""
    issuer.discovery["prompt_values_supported"] = known
    async with a_client_of(wire, clock, replace(CLIENT, keeps_mailboxes=False)) as identity:
        asked = await asked_of(identity)
    assert asked.get("prompt") == (["select_account"] if known == ["none", "select_account"] else None)


async def test_an_endpoint_may_have_a_query_of_its_own(issuer: OpenIdProvider, identity: OidcIdentity) -> None:
    issuer.discovery["authorization_endpoint"] = f"{ISSUER}/authorize?tenant=1"
    asked = await asked_of(identity)
    assert (asked["tenant"], asked["state"]) == (["1"], ["the-state"])


async def test_the_code_is_redeemed_with_verifier_and_secret(
    wire: Wire, issuer: OpenIdProvider, identity: OidcIdentity
) -> None:
    await identify(identity)
    (token,) = (request for request in wire.sent if request.url.path == "/token")
    assert dict(parse_qsl(token.content.decode(), strict_parsing=True)) == {
        "grant_type": "authorization_code",
        "code": CODE,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    assert "authorization" not in token.headers


@pytest.mark.parametrize("methods", [None, ["client_secret_basic"], "client_secret_post", ["private_key_jwt"], []])
async def test_where_nothing_else_is_said_the_secret_goes_by_basic(
    wire: Wire, issuer: OpenIdProvider, clock: HeldClock, methods: object
) -> None:
    """OpenID Connect Discovery 1.0 section 3; what is encoded how: RFC 6749 section 2.3.1."""
    issuer.discovery["token_endpoint_auth_methods_supported"] = methods
    issuer.id_token = issuer.signed(aud="a:b", azp=None)
    async with a_client_of(wire, clock, replace(CLIENT, id="a:b", secret="c d%")) as identity:
        await identify(identity)
    (token,) = (request for request in wire.sent if request.url.path == "/token")
    assert token.headers["authorization"] == f"Basic {b64encode(b'a%3Ab:c%20d%25').decode()}"
    assert not {"client_id", "client_secret"} & set(parse_qs(token.content.decode()))


async def test_the_access_token_travels_in_its_header_alone(
    wire: Wire, issuer: OpenIdProvider, identity: OidcIdentity
) -> None:
    await identify(identity)
    (userinfo,) = (request for request in wire.sent if request.url.path == "/userinfo")
    assert userinfo.headers["authorization"] == f"Bearer {ACCESS}"
    assert userinfo.url == f"{ISSUER}/userinfo"


async def test_without_a_client_there_is_nobody_to_ask(wire: Wire, clock: HeldClock, issuer: OpenIdProvider) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(wire)) as http:
        nowhere = OidcIdentity(http, None, clock)
        assert not nowhere.is_configured()
        await refusal(identify(nowhere), ProviderNotConfigured)
        await refusal(nowhere.authorization_url(state="s", nonce="n", verifier="v"), ProviderNotConfigured)
    assert wire.sent == []


# What the token endpoint answers


@pytest.mark.parametrize("answer", AWAY.values(), ids=AWAY)
async def test_what_may_pass_is_no_verdict_on_the_person(
    issuer: OpenIdProvider, identity: OidcIdentity, answer: httpx.Response | Exception
) -> None:
    issuer.answers["/token"] = answer
    told = await refused(identity, IdentityProviderUnavailable)
    assert told.detail.startswith("the identity provider: ")
    assert issuer.fetched("/token") == 1
    issuer.answers.clear()
    assert (await identify(identity)).subject == "1"


async def test_an_answer_that_never_comes_is_not_waited_for(
    wire: Wire, issuer: OpenIdProvider, identity: OidcIdentity
) -> None:
    async def stall(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            await asyncio.sleep(3600)
        return await issuer(request)

    wire.answer = stall
    await refused(identity, IdentityProviderUnavailable)


@pytest.mark.parametrize("error", ["invalid_grant", "invalid_request", "redirect_uri_mismatch", "", 7, None])
async def test_a_code_that_is_not_taken_is_refused(
    issuer: OpenIdProvider, identity: OidcIdentity, error: object
) -> None:
    issuer.answers["/token"] = httpx.Response(400, json={"error": error, "error_description": CLIENT_SECRET})
    assert (await refused(identity)).detail == ""


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
async def test_what_is_no_token_answer_signs_nobody_in(
    issuer: OpenIdProvider, identity: OidcIdentity, body: bytes
) -> None:
    issuer.answers["/token"] = httpx.Response(200, content=body)
    await refused(identity)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", ["/token", "/userinfo"])
async def test_no_redirect_is_followed(
    wire: Wire, issuer: OpenIdProvider, identity: OidcIdentity, path: str, status: int
) -> None:
    issuer.answers[path] = httpx.Response(status, headers={"Location": "https://evil.example/"})
    await refused(identity)
    assert {request.url.host for request in wire.sent} == {"issuer.example"}


@pytest.mark.parametrize("access", ["é", "\U0001f511", "x" * 10_000, ""])
async def test_an_odd_access_token_is_no_fault_of_ours(
    issuer: OpenIdProvider, identity: OidcIdentity, access: str
) -> None:
    issuer.access_token, issuer.id_token = access, issuer.signed(at_hash=at_hash(access))
    try:
        found = await identify(identity)
    except (IdentityRefused, IdentityProviderUnavailable):
        return
    assert found.subject == "1"


@pytest.mark.parametrize("access", [None, 7, [], {}])
async def test_without_an_access_token_the_id_token_has_to_do(
    issuer: OpenIdProvider, identity: OidcIdentity, access: object
) -> None:
    issuer.access_token = access
    assert (await identify(identity)).subject == "1"
    assert issuer.fetched("/userinfo") == 0


# What userinfo adds


@pytest.mark.parametrize("subject", ["2", None, 1, "", ["1"], "1 "])
async def test_userinfo_of_another_subject_signs_nobody_in(
    issuer: OpenIdProvider, identity: OidcIdentity, subject: object
) -> None:
    issuer.userinfo["sub"] = subject
    await refused(identity)


@pytest.mark.parametrize("answer", AWAY.values(), ids=AWAY)
async def test_without_userinfo_it_is_an_outage(
    issuer: OpenIdProvider, identity: OidcIdentity, answer: httpx.Response | Exception
) -> None:
    issuer.answers["/userinfo"] = answer
    await refused(identity, IdentityProviderUnavailable)


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
async def test_what_is_no_userinfo_signs_nobody_in(issuer: OpenIdProvider, identity: OidcIdentity, body: bytes) -> None:
    issuer.answers["/userinfo"] = httpx.Response(200, content=body)
    await refused(identity)


async def test_userinfo_fills_in_and_overrules_nothing(issuer: OpenIdProvider, identity: OidcIdentity) -> None:
    issuer.id_token = issuer.signed(iss=ISSUER, name="Of the token")
    issuer.userinfo |= {"name": "Of userinfo", "iss": "https://evil.example", "email": "evil@example.com"}
    found = await identify(identity)
    assert (found.name, found.issuer, found.email) == ("Of the token", ISSUER, "ann@example.org")


async def test_an_address_may_come_by_userinfo_alone(issuer: OpenIdProvider, identity: OidcIdentity) -> None:
    """As most providers but Google have it (section 5.4)."""
    issuer.id_token = issuer.signed(email=None, email_verified=None)
    issuer.userinfo |= {"email": "ann@example.org", "email_verified": True}
    found = await identify(identity)
    assert (found.email, found.email_verified) == ("ann@example.org", True)


async def test_what_is_said_of_one_address_does_not_verify_another(
    issuer: OpenIdProvider, identity: OidcIdentity
) -> None:
    issuer.id_token = issuer.signed(email="victim@example.org", email_verified=None)
    issuer.userinfo |= {"email": "attacker@example.com", "email_verified": True}
    found = await identify(identity)
    assert (found.email, found.email_verified) != ("victim@example.org", True)


@pytest.mark.parametrize("endpoint", [None, 7, []])
async def test_a_provider_may_have_no_userinfo(
    issuer: OpenIdProvider, identity: OidcIdentity, endpoint: object
) -> None:
    issuer.discovery["userinfo_endpoint"] = endpoint
    assert (await identify(identity)).email == "ann@example.org"


async def test_an_access_token_never_travels_in_the_clear(
    wire: Wire, issuer: OpenIdProvider, identity: OidcIdentity
) -> None:
    issuer.discovery["userinfo_endpoint"] = "http://issuer.example/userinfo"
    with suppress(IdentityProviderUnavailable):
        await identify(identity)
    assert {request.url.scheme for request in wire.sent} == {"https"}
