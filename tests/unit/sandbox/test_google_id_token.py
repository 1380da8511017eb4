"""id_tokens, good ones and those of a script: what stands in them and what they are signed with."""

import hmac
import json
from base64 import urlsafe_b64decode
from typing import Any

import jwt
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from sandbox.core.json_input import InputUnreadable, read_json
from sandbox.google.id_token import Difference, Signature, at_hash, id_token
from sandbox.google.keys import Keys, SigningKey
from sandbox.google.memory import GoogleMemory

CLAIMS = {"sub": "1", "aud": "sandbox-google", "azp": "sandbox-google"}


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """Header, claims, signature."""
    header, claims, signature = (urlsafe_b64decode(f"{part}==") for part in token.split("."))
    return json.loads(header), json.loads(claims), signature


def is_signed_by(token: str, key: SigningKey) -> bool:
    signed, _, _ = token.rpartition(".")
    try:
        key.private.public_key().verify(parts(token)[2], signed.encode(), PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def signed_by_secret(token: str, secret: bytes) -> bool:
    signed, _, _ = token.rpartition(".")
    return hmac.digest(secret, signed.encode(), "sha256") == parts(token)[2]


def test_a_good_one_is_signed_by_the_key_that_it_names(keys: Keys) -> None:
    token = id_token(CLAIMS, keys, Difference())
    assert parts(token)[:2] == ({"alg": "RS256", "kid": keys.signing.kid, "typ": "JWT"}, CLAIMS)
    assert is_signed_by(token, keys.signing)
    assert not is_signed_by(token, keys.published[0])


def test_the_hash_of_an_access_token_is_that_of_openid() -> None:
    """OpenID Connect Core, appendix A.3."""
    assert at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y") == "77QmUPtjPfzWtF2AnpK9RQ"


def test_claims_and_header_change_and_none_takes_out(keys: Keys) -> None:
    difference = Difference(claims={"aud": ["a", "b"], "azp": None}, header={"kid": None, "crit": ["x"]})
    token = id_token(CLAIMS, keys, difference)
    assert parts(token)[:2] == ({"alg": "RS256", "typ": "JWT", "crit": ["x"]}, {"sub": "1", "aud": ["a", "b"]})
    assert is_signed_by(token, keys.signing)


@pytest.mark.parametrize(
    ("sign", "algorithm"), [("unknown", "RS256"), ("none", "none"), ("secret", "HS256"), ("public", "HS256")]
)
def test_no_other_signature_is_that_of_a_published_key(keys: Keys, sign: Signature, algorithm: str) -> None:
    token = id_token(CLAIMS, keys, Difference(sign=sign))
    header, claims, signature = parts(token)
    assert (header["alg"], claims) == (algorithm, CLAIMS)
    published = {key.kid for key in keys.published}
    assert (header["kid"] in published) == (sign != "unknown")
    assert {
        "unknown": sign == "unknown" and is_signed_by(token, keys.unknown),
        "none": signature == b"",
        "secret": signed_by_secret(token, b"sandbox-secret"),
        "public": signed_by_secret(token, keys.signing.public_pem()),
    } == {name: name == sign for name in ("unknown", "none", "secret", "public")}


def test_a_published_key_is_the_public_half_alone(keys: Keys) -> None:
    for key in keys.published:
        jwk = key.jwk()
        assert jwk.keys() == {"kid", "kty", "alg", "use", "n", "e"}
        assert jwt.PyJWK(jwk).key == key.private.public_key()


def test_a_rotation_replaces_every_published_key() -> None:
    keys = Keys()
    before = {key.kid for key in keys.published}
    keys.rotate()
    assert before.isdisjoint(key.kid for key in keys.published)


class TestScript:
    def test_it_holds_until_it_is_replaced(self) -> None:
        memory = GoogleMemory()
        memory.difference = Difference(sign="none")
        assert [memory.take_difference().sign for _ in range(3)] == ["none"] * 3
        memory.difference = Difference()
        assert memory.take_difference().sign == "good"

    def test_it_can_hold_for_some_tokens_alone(self) -> None:
        memory = GoogleMemory()
        memory.difference = Difference(sign="none", times=2)
        assert [memory.take_difference().sign for _ in range(3)] == ["none", "none", "good"]

    def test_a_reset_ends_it_and_leaves_the_keys(self) -> None:
        memory = GoogleMemory()
        published = memory.keys.published
        memory.difference = Difference(sign="none")
        memory.remember_userinfo("token", {"sub": "another"})
        memory.reset()
        assert (memory.take_difference(), memory.userinfo_difference("token")) == (Difference(), {})
        assert memory.keys.published == published

    @pytest.mark.parametrize(
        "body", [b'{"sign": "wrong"}', b'{"times": 0}', b'{"claim": {}}', b'{"claims": []}', b"[]"]
    )
    def test_a_bad_one_is_refused(self, body: bytes) -> None:
        with pytest.raises(InputUnreadable):
            read_json(body, Difference)
