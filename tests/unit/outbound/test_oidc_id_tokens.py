"""Which id_tokens say who somebody is (OpenID Connect Core 1.0 section 3.1.3.7), and what is believed of them."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable

import pytest
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from adapters.outbound.oidc_identity import OidcIdentity
from domain.errors import IdentityRefused
from domain.identity import ProvenIdentity
from tests.unit.builders import HeldClock
from tests.unit.outbound.conftest import Wire
from tests.unit.outbound.openid_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    CODE,
    ISSUER,
    NONCE,
    SIGNING,
    VERIFIER,
    OpenIdProvider,
    a_client_of,
    a_key,
    public,
    refusal,
    serialized,
)

Wrong = Callable[[OpenIdProvider], object]
LONE_SURROGATE = "\ud800"


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


async def refused(identity: OidcIdentity) -> None:
    await refusal(identify(identity), IdentityRefused)


def base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def part(value: object) -> str:
    return base64url((value if isinstance(value, str) else json.dumps(value)).encode())


def unsigned(issuer: OpenIdProvider, algorithm: str) -> str:
    return f"{part({'alg': algorithm, 'kid': SIGNING})}.{part(issuer.claims)}."


def by_secret(issuer: OpenIdProvider, secret: bytes) -> str:
    """HS256, made by hand: no library signs with a public key."""
    signed = f"{part({'alg': 'HS256', 'kid': SIGNING})}.{part(issuer.claims)}"
    return f"{signed}.{base64url(hmac.digest(secret, signed.encode(), 'sha256'))}"


def now(issuer: OpenIdProvider) -> int:
    seconds: int = issuer.claims["iat"]
    return seconds


def without_signature(issuer: OpenIdProvider) -> str:
    return issuer.signed().rpartition(".")[0] + "."


def with_other_claims(issuer: OpenIdProvider) -> str:
    heading, _, signature = issuer.signed().split(".")
    return f"{heading}.{part(issuer.claims | {'sub': '2'})}.{signature}"


CLAIMS: dict[str, list[object]] = {
    "aud": [None, "", "another", CLIENT_ID.upper(), f"{CLIENT_ID} ", ["another"], [], {CLIENT_ID: 1}, 1, True],
    "azp": ["another", "", [CLIENT_ID], 1, True],
    "iss": [
        None,
        "",
        "accounts.google.com",
        f"{ISSUER}.evil",
        f"{ISSUER}/",
        "http://issuer.example",
        ISSUER[:-1],
        ISSUER[8:],
        [ISSUER],
        1,
    ],
    "nonce": [None, "", "another", NONCE.upper(), [NONCE], 1, True, LONE_SURROGATE],
    "sub": [None, "", 1, True, ["1"], "x" * 256, "ä", LONE_SURROGATE],
    "exp": [None, "", "9999999999", [], True, 1e308, -1, 0, 2**60],
    "iat": [None, "", "1770000000", [], True, 1e308, -1, 0, 2**60],
    "at_hash": ["", "another", 1, [], True],
}
TIMES: dict[str, Wrong] = {
    "expired": lambda issuer: issuer.signed(exp=now(issuer) - 61),
    "issued ahead": lambda issuer: issuer.signed(iat=now(issuer) + 62),
    "issued yesterday": lambda issuer: issuer.signed(iat=now(issuer) - 86_401),
}
SIGNATURES: dict[str, Wrong] = {
    "none": lambda issuer: unsigned(issuer, "none"),
    "None": lambda issuer: unsigned(issuer, "None"),
    "nOnE": lambda issuer: unsigned(issuer, "nOnE"),
    "empty": without_signature,
    "of other claims": with_other_claims,
    "by the client's secret": lambda issuer: by_secret(issuer, CLIENT_SECRET.encode()),
    "by the public key": lambda issuer: by_secret(issuer, a_key(SIGNING).as_pem(private=False)),
    "by the public key in DER": lambda issuer: by_secret(issuer, a_key(SIGNING).as_der(private=False)),
    "by the public JWK": lambda issuer: by_secret(issuer, json.dumps(public(a_key(SIGNING))).encode()),
    "by another algorithm of the key": lambda issuer: issuer.signed({"alg": "PS256"}),
    "by another hash": lambda issuer: issuer.signed({"alg": "RS512"}),
    "by a key of another kind": lambda issuer: issuer.signed({"alg": "ES256"}, ECKey.generate_key("P-256")),
    "by an unknown key": lambda issuer: issuer.signed({"kid": "unknown"}, a_key("unknown")),
    "by an unknown key of a known name": lambda issuer: issuer.signed({}, a_key("unknown")),
    "by another published key": lambda issuer: issuer.signed({"kid": "first"}),
}
HEADERS: dict[str, object] = {
    "crit": {"alg": "RS256", "kid": SIGNING, "crit": ["x"], "x": 1},
    "crit that is missing": {"alg": "RS256", "kid": SIGNING, "crit": ["x"]},
    "crit of RFC 7797": {"alg": "RS256", "kid": SIGNING, "crit": ["b64"], "b64": False},
    "kid is a number": {"alg": "RS256", "kid": 1},
    "kid is a list": {"alg": "RS256", "kid": []},
    "kid is missing": {"alg": "RS256"},
    "alg is a list": {"alg": ["RS256"], "kid": SIGNING},
    "alg is missing": {"kid": SIGNING},
    "deep": '{"alg":' * 1_000,
    "no object": [],
    "no JSON": "{",
}
SHAPES: dict[str, Wrong] = {
    "missing": lambda _: None,
    "empty": lambda _: "",
    "a number": lambda _: 7,
    "an object": lambda issuer: {"payload": part(issuer.claims), "signatures": []},
    "two parts": lambda issuer: issuer.signed().rpartition(".")[0],
    "five parts, as if encrypted": lambda issuer: f"{issuer.signed()}.AAAA.AAAA",
    "JSON serialization": lambda issuer: json.dumps({"payload": part(issuer.claims), "signatures": []}),
    "no base64": lambda issuer: f"ä.{issuer.signed().partition('.')[2]}",
    "long": lambda issuer: issuer.signed(name="x" * 20_000),
    "dots": lambda _: "." * 16_384,
    "claims that are no object": lambda _: serialized("[1]"),
    "claims that are no JSON": lambda _: serialized("{"),
    "deep claims": lambda _: serialized('{"sub":' * 1_000),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in CLAIMS for value in CLAIMS[name]], ids=ascii)
async def test_a_wrong_claim_is_refused(
    issuer: OpenIdProvider, identity: OidcIdentity, name: str, value: object
) -> None:
    del issuer.discovery["userinfo_endpoint"]
    issuer.id_token = issuer.signed(**{name: value})
    await refused(identity)


@pytest.mark.parametrize("wrong", TIMES.values(), ids=TIMES)
async def test_an_id_token_of_another_time_is_refused(
    issuer: OpenIdProvider, identity: OidcIdentity, wrong: Wrong
) -> None:
    issuer.id_token = wrong(issuer)
    await refused(identity)


@pytest.mark.parametrize("wrong", SIGNATURES.values(), ids=SIGNATURES)
async def test_a_wrong_signature_is_refused(issuer: OpenIdProvider, identity: OidcIdentity, wrong: Wrong) -> None:
    issuer.id_token = wrong(issuer)
    await refused(identity)


@pytest.mark.parametrize("heading", HEADERS.values(), ids=HEADERS)
async def test_a_wrong_header_is_refused(issuer: OpenIdProvider, identity: OidcIdentity, heading: object) -> None:
    signed = f"{part(heading)}.{part(issuer.claims)}"
    signature = JWSRegistry.algorithms["RS256"].sign(signed.encode(), a_key(SIGNING))
    issuer.id_token = f"{signed}.{base64url(signature)}"
    await refused(identity)


@pytest.mark.parametrize("wrong", SHAPES.values(), ids=SHAPES)
async def test_what_is_no_signed_token_is_refused(issuer: OpenIdProvider, identity: OidcIdentity, wrong: Wrong) -> None:
    issuer.id_token = wrong(issuer)
    await refused(identity)


async def test_whoever_other_clients_share_the_token_with_must_have_asked_for_it(
    issuer: OpenIdProvider, identity: OidcIdentity
) -> None:
    issuer.id_token = issuer.signed(aud=[CLIENT_ID, "another"], azp=None)
    await refused(identity)
    issuer.id_token = issuer.signed(aud=[CLIENT_ID, "another"], azp="another")
    await refused(identity)
    issuer.id_token = issuer.signed(aud=[CLIENT_ID, "another"])
    assert (await identify(identity)).subject == "1"


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"azp": None},
        {"aud": [CLIENT_ID]},
        {"aud": [CLIENT_ID], "azp": None},
        {"at_hash": None},
        {"sub": "x" * 255},
        {"email": None},
        {"unheard_of": {"x": [1]}},
    ],
    ids=str,
)
async def test_what_a_provider_may_leave_out_is_not_missed(
    issuer: OpenIdProvider, identity: OidcIdentity, changed: dict[str, object]
) -> None:
    issuer.id_token = issuer.signed(**changed)
    issuer.userinfo["sub"] = changed.get("sub", "1")
    assert (await identify(identity)).subject == changed.get("sub", "1")


@pytest.mark.parametrize(("name", "seconds"), [("exp", -59), ("iat", 60), ("iat", -86_000)])
async def test_clocks_may_differ_by_a_minute(
    issuer: OpenIdProvider, identity: OidcIdentity, name: str, seconds: int
) -> None:
    issuer.id_token = issuer.signed(**{name: now(issuer) + seconds})
    assert (await identify(identity)).issuer == ISSUER


async def test_where_there_is_one_key_it_needs_no_name(issuer: OpenIdProvider, identity: OidcIdentity) -> None:
    issuer.published = [{name: value for name, value in public(a_key(SIGNING)).items() if name != "kid"}]
    issuer.id_token = issuer.signed({"kid": None})
    assert (await identify(identity)).subject == "1"


async def test_an_id_token_is_refused_before_the_access_token_is_used(
    issuer: OpenIdProvider, identity: OidcIdentity
) -> None:
    issuer.id_token = issuer.signed(nonce="another")
    await refused(identity)
    assert issuer.fetched("/userinfo") == 0
