"""Access tokens: one algorithm, one purpose, exact claims (RFC 8725)."""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.jwt_tokens import JwtTokens
from application.ports.tokens import Bearer
from domain.ids import SessionId, UserId
from tests.unit.builders import CountedEntropy, HeldClock

ISSUER = "https://vectorshift.example"
KEY, OTHER_KEY = bytes(range(100, 164)), bytes(range(64))
CLAIMS = ("iss", "aud", "sub", "sid", "jti", "iat", "exp")
ENTROPY = CountedEntropy()
BEARER = Bearer(UserId(ENTROPY.identifier()), SessionId(ENTROPY.identifier()))
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def tokens(clock: HeldClock) -> JwtTokens:
    return made_with({"first": KEY}, clock)


def made_with(keys: Mapping[str, bytes], clock: HeldClock) -> JwtTokens:
    return JwtTokens(keys, issuer=ISSUER, ttl=timedelta(minutes=15), clock=clock, entropy=ENTROPY)


def claims(clock: HeldClock, **changed: Any) -> dict[str, Any]:
    """Those of a good token; None takes one out."""
    now = int(clock.now().timestamp())
    good = {"iss": ISSUER, "aud": "vectorshift-api", "sub": BEARER.user, "sid": BEARER.session, "jti": "a"}
    every = good | {"iat": now, "exp": now + 900} | changed
    return {name: value for name, value in every.items() if value is not None}


def signed(payload: Mapping[str, Any], key: Any = KEY, algorithm: str = "HS256", **header: Any) -> str:
    # Not jwt.encode: that one refuses to sign what must be refused here.
    return jwt.PyJWS().encode(
        json.dumps(payload).encode(), key, algorithm, headers={"kid": "first", "typ": "at+jwt"} | header
    )


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_a_token_names_its_bearer(tokens: JwtTokens, clock: HeldClock) -> None:
    issued = tokens.issue(BEARER)
    assert issued.expires_in == 900
    assert tokens.verify(issued.token.reveal()) == BEARER
    assert tokens.verify(signed(claims(clock))) == BEARER


def test_its_payload_could_be_read_aloud(tokens: JwtTokens) -> None:
    token = tokens.issue(BEARER).token.reveal()
    assert set(jwt.decode(token, options={"verify_signature": False})) == set(CLAIMS)
    assert len(token) < 2000


def test_it_ends_after_its_life_even_where_it_was_seen_before(tokens: JwtTokens, clock: HeldClock) -> None:
    token = tokens.issue(BEARER).token.reveal()
    assert tokens.verify(token) == BEARER
    clock.advance(timedelta(minutes=15))
    assert tokens.verify(token) is None
    assert made_with({"first": KEY}, clock).verify(token) is None


@pytest.mark.parametrize(
    "changed",
    [
        *({name: None} for name in CLAIMS),
        {"iss": ISSUER + "/"},
        {"iss": ISSUER[:-1]},
        {"iss": "example"},
        {"iss": [ISSUER]},
        {"aud": "another-api"},
        {"aud": ["vectorshift-api"]},
        {"aud": ["vectorshift-api", "another-api"]},
        {"exp": "9999999999"},
        {"exp": 9999999999.5},
        {"exp": 1e308},
        {"exp": -1},
        {"exp": 0},
        {"exp": True},
        {"exp": 2**70},
        {"nbf": 9999999999},
        {"iat": 9999999999},
        {"iat": "now"},
        {"sub": "nobody"},
        {"sub": 7},
        {"sub": {}},
        {"sid": ""},
        {"sid": []},
    ],
    ids=str,
)
def test_every_claim_is_required_and_exact(tokens: JwtTokens, clock: HeldClock, changed: dict[str, Any]) -> None:
    assert tokens.verify(signed(claims(clock, **changed))) is None


def test_a_token_from_a_minute_ahead_is_not_in_force(tokens: JwtTokens, clock: HeldClock) -> None:
    ahead = int(clock.now().timestamp()) + 61
    assert tokens.verify(signed(claims(clock, nbf=ahead))) is None
    assert tokens.verify(signed(claims(clock, iat=ahead))) is None
    assert tokens.verify(signed(claims(clock, exp=ahead - 122))) is None


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", "HS256 ", "hs256", "HS384", "RS256"])
@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_the_token_does_not_choose_its_algorithm(
    tokens: JwtTokens, clock: HeldClock, name: str, signature: str
) -> None:
    header = {"alg": name, "typ": "at+jwt", "kid": "first"}
    assert tokens.verify(f"{encoded(header)}.{encoded(claims(clock))}.{signature}") is None


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [("HS384", KEY), ("HS512", KEY), ("RS256", RSA_KEY), ("PS256", RSA_KEY), ("ES256", EC_KEY), ("HS256", OTHER_KEY)],
)
def test_another_algorithm_or_key_is_refused(tokens: JwtTokens, clock: HeldClock, algorithm: str, key: Any) -> None:
    assert tokens.verify(signed(claims(clock), key, algorithm)) is None


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "second"},
        {"kid": ""},
        {"kid": "../first"},
        {"typ": "JWT"},
        {"typ": "at+JWT "},
        {"typ": "rt+jwt"},
        {"crit": ["exp"]},
        {"jku": "https://evil.example/keys", "kid": "evil"},
    ],
    ids=str,
)
def test_the_header_is_exact(tokens: JwtTokens, clock: HeldClock, header: dict[str, Any]) -> None:
    assert tokens.verify(signed(claims(clock), **header)) is None


@pytest.mark.parametrize("header", [{"alg": ["HS256"]}, {"alg": None}, {"kid": ["first"]}, {"kid": 1}, [], None, "x"])
def test_a_header_of_wrong_types_is_refused(tokens: JwtTokens, clock: HeldClock, header: Any) -> None:
    merged = {"alg": "HS256", "typ": "at+jwt", "kid": "first"} | header if isinstance(header, dict) else header
    good = signed(claims(clock)).split(".")
    assert tokens.verify(f"{encoded(merged)}.{good[1]}.{good[2]}") is None


def test_the_json_serialisation_of_a_signature_is_no_token(tokens: JwtTokens, clock: HeldClock) -> None:
    header, payload, signature = signed(claims(clock)).split(".")
    assert tokens.verify(json.dumps({"protected": header, "payload": payload, "signature": signature})) is None


def test_altered_anywhere_it_is_refused(tokens: JwtTokens) -> None:
    token = tokens.issue(BEARER).token.reveal()
    for place, character in enumerate(token):
        other = "A" if character != "A" else "B"
        if place != len(token) - 1:  # the last character of 32 bytes has bits that mean nothing
            assert tokens.verify(token[:place] + other + token[place + 1 :]) is None
    assert tokens.verify(token[:-1]) is None
    assert tokens.verify(token + ".x") is None


@given(st.text(max_size=80))
def test_nonsense_is_refused_quietly(text: str) -> None:
    tokens = made_with({"first": KEY}, HeldClock())
    assert tokens.verify(text) is None
    assert tokens.verify(f"{text}.{text}.{text}") is None


@pytest.mark.parametrize("depth", [10, 100_000])
def test_a_deep_payload_is_refused_quietly(tokens: JwtTokens, depth: int) -> None:
    deep = base64.urlsafe_b64encode(b"[" * depth).decode().rstrip("=")
    assert tokens.verify(f"{deep}.{deep}.{deep}") is None


def test_keys_are_exchanged_without_logging_anybody_out(tokens: JwtTokens, clock: HeldClock) -> None:
    old = tokens.issue(BEARER).token.reveal()
    both = made_with({"second": OTHER_KEY, "first": KEY}, clock)
    new = both.issue(BEARER).token.reveal()
    assert jwt.get_unverified_header(new)["kid"] == "second"
    assert both.verify(old) == both.verify(new) == BEARER
    only = made_with({"second": OTHER_KEY}, clock)
    assert (only.verify(old), only.verify(new)) == (None, BEARER)


def test_many_verified_tokens_do_not_fill_the_memory(tokens: JwtTokens) -> None:
    for _ in range(5000):
        assert tokens.verify(tokens.issue(BEARER).token.reveal()) == BEARER
    assert len(tokens._verified) <= 4096


def test_tokens_of_another_purpose_are_refused(tokens: JwtTokens) -> None:
    access, refresh = tokens.issue(BEARER).token, tokens.first_refresh(BEARER)
    assert tokens.verify(refresh.reveal()) is None
    assert tokens.refresh_bearer(access) is None
    assert not tokens.is_genuine(access)
