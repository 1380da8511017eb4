"""The keys of an OpenID provider: found again when they are new, and looked for seldom."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey

from adapters.outbound.oidc_identity import OidcIdentity
from domain.errors import IdentityProviderUnavailable, IdentityRefused
from domain.identity import ProvenIdentity
from tests.unit.builders import HeldClock
from tests.unit.outbound.conftest import Wire
from tests.unit.outbound.openid_provider import (
    CODE,
    NONCE,
    SIGNING,
    VERIFIER,
    WELL_KNOWN,
    OpenIdProvider,
    a_client_of,
    a_key,
    public,
    refusal,
)
from tests.unit.outbound.test_oidc_documents import UNUSABLE

MINUTE = timedelta(seconds=61)
GOOD = public(a_key(SIGNING))
ODD_KEYS: list[object] = [
    None,
    7,
    "key",
    [],
    {},
    {"kty": "oct"},
    {"kty": "unheard-of", "kid": SIGNING},
    {"kty": ["RSA"], "kid": SIGNING},
    {"kty": "RSA", "kid": SIGNING},
    {"kty": "RSA", "kid": SIGNING, "n": 7, "e": "AQAB"},
    {"kty": "RSA", "kid": SIGNING, "n": "", "e": ""},
    {"kty": "RSA", "kid": SIGNING, "n": "é", "e": "AQAB"},
    {"kty": "RSA", "kid": SIGNING, "n": "AQAB", "e": "AQAB"},
    {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    {"kty": "EC", "crv": "unheard-of"},
    {"kty": "OKP", "crv": "unheard-of", "x": "AA"},
    {"kty": "RSA", "e": "AQAB", "n": GOOD["n"]},
    {"kty": "RSA", "e": "AQAB", "n": GOOD["n"], "kid": 7},
    {"kty": "RSA", "e": "AQAB", "n": GOOD["n"], "kid": "other", "use": "enc"},
    public(ECKey.generate_key("P-256", {"kid": "ec"})),
    public(OKPKey.generate_key("Ed25519", {"kid": "ed"})),
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


def sign_by(issuer: OpenIdProvider, name: str) -> None:
    """From now on, and nobody is told."""
    issuer.id_token = issuer.signed({"kid": name}, a_key(name))


def rotate(issuer: OpenIdProvider, name: str) -> None:
    issuer.published = [public(a_key(name))]
    sign_by(issuer, name)


@pytest.mark.parametrize("answer", UNUSABLE, ids=repr)
async def test_without_keys_nobody_is_judged(
    issuer: OpenIdProvider, identity: OidcIdentity, answer: httpx.Response | Exception
) -> None:
    issuer.answers["/keys"] = answer
    await refusal(identify(identity), IdentityProviderUnavailable)
    assert issuer.fetched("/userinfo") == 0
    issuer.answers.clear()
    assert (await identify(identity)).subject == "1"


@pytest.mark.parametrize("odd", ODD_KEYS, ids=repr)
async def test_a_key_that_nobody_can_use_does_not_hide_the_good_ones(
    issuer: OpenIdProvider, identity: OidcIdentity, odd: object
) -> None:
    issuer.published = [odd, GOOD, odd]
    assert (await identify(identity)).subject == "1"


@pytest.mark.parametrize("odd", [{"keys": []}, {"keys": None}, {"keys": 7}, {"keys": {}}, {}, {"keys": [[], 7, None]}])
async def test_where_no_key_is_published_none_signs(
    issuer: OpenIdProvider, identity: OidcIdentity, odd: dict[str, object]
) -> None:
    issuer.answers["/keys"] = httpx.Response(200, json=odd)
    await refusal(identify(identity), IdentityRefused)


async def test_a_published_secret_signs_nothing(issuer: OpenIdProvider, identity: OidcIdentity) -> None:
    shared = OctKey.generate_key(256, {"kid": SIGNING})
    issuer.published = [shared.as_dict(private=True)]
    issuer.id_token = issuer.signed({"alg": "HS256"}, shared)
    await refusal(identify(identity), IdentityRefused)


async def test_new_keys_are_found_by_the_first_who_needs_them(
    issuer: OpenIdProvider, identity: OidcIdentity, clock: HeldClock
) -> None:
    await identify(identity)
    clock.advance(MINUTE)
    rotate(issuer, "third")
    assert (await identify(identity)).subject == "1"
    assert (issuer.fetched("/keys"), issuer.fetched(WELL_KNOWN)) == (2, 1)


async def test_new_keys_are_found_even_right_after_the_old_ones_were(
    issuer: OpenIdProvider, identity: OidcIdentity
) -> None:
    await identify(identity)
    rotate(issuer, "third")
    assert (await identify(identity)).subject == "1"
    assert issuer.fetched("/keys") == 2


async def test_a_key_that_is_withdrawn_signs_nothing_once_the_new_ones_are_known(
    issuer: OpenIdProvider, identity: OidcIdentity, clock: HeldClock
) -> None:
    await identify(identity)
    clock.advance(MINUTE)
    rotate(issuer, "third")
    await identify(identity)
    sign_by(issuer, SIGNING)
    await refusal(identify(identity), IdentityRefused)


async def test_a_flood_of_unknown_keys_costs_one_look_a_minute(
    issuer: OpenIdProvider, identity: OidcIdentity, clock: HeldClock
) -> None:
    await identify(identity)
    looks = []
    for _ in range(3):
        clock.advance(MINUTE)
        before = issuer.fetched("/keys")
        for number in range(30):
            issuer.id_token = issuer.signed({"kid": f"unknown {number}"})
            await refusal(identify(identity), IdentityRefused)
        looks.append(issuer.fetched("/keys") - before)
    assert looks == [1, 1, 1]
    issuer.id_token = issuer.signed()
    assert (await identify(identity)).subject == "1"


async def test_unknown_keys_at_once_cost_one_look(
    wire: Wire, issuer: OpenIdProvider, identity: OidcIdentity, clock: HeldClock
) -> None:
    await identify(identity)
    clock.advance(MINUTE)
    issuer.id_token = issuer.signed({"kid": "unknown"})
    outcomes = await asyncio.gather(*(identify(identity) for _ in range(30)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {IdentityRefused}
    assert issuer.fetched("/keys") == 2


async def test_while_the_new_keys_cannot_be_had_it_is_an_outage(
    issuer: OpenIdProvider, identity: OidcIdentity, clock: HeldClock
) -> None:
    await identify(identity)
    clock.advance(MINUTE)
    rotate(issuer, "third")
    issuer.answers["/keys"] = httpx.Response(503)
    await refusal(identify(identity), IdentityProviderUnavailable)
    issuer.answers.clear()
    assert (await identify(identity)).subject == "1"


async def test_an_outage_of_the_keys_does_not_touch_those_that_are_known(
    issuer: OpenIdProvider, identity: OidcIdentity, clock: HeldClock
) -> None:
    await identify(identity)
    clock.advance(MINUTE)
    issuer.answers |= {"/keys": httpx.Response(503), WELL_KNOWN: httpx.Response(503)}
    assert (await identify(identity)).subject == "1"
