"""id_tokens: as Google makes them, and as a test wants them (OpenID Connect Core sections 2 and 3.1.3.6)."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from sandbox.core.provider import CLIENT_SECRET
from sandbox.google.keys import Keys, base64url

ID_TOKEN_TTL_S = 3600

Signature = Literal["good", "unknown", "none", "secret", "public"]


class Difference(Struct, forbid_unknown_fields=True):
    """How id_tokens differ from good ones; None in a mapping takes the member out."""

    claims: dict[str, Any] = {}
    header: dict[str, Any] = {}
    sign: Signature = "good"
    """``unknown``: by a key that is not published. ``none``: not at all. ``secret``, ``public``: HS256 with the
    client's secret, or with the PEM of the public key that clients know (RFC 8725 section 2.1)."""
    userinfo: dict[str, Any] = {}
    """The same for what userinfo says to the access token that comes with such an id_token."""
    times: Annotated[int, Meta(ge=1)] | None = None
    """For how many id_tokens; None for all from now on."""


def changed(given: Mapping[str, Any], difference: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**given, **difference}.items() if value is not None}


def at_hash(access_token: str) -> str:
    return base64url(hashlib.sha256(access_token.encode()).digest()[:16])


def id_token(claims: Mapping[str, Any], keys: Keys, difference: Difference) -> str:
    """In JWS Compact Serialization (RFC 7515 section 7.1), whatever its header then says."""
    header = changed(_header(keys, difference.sign), difference.header)
    signed = ".".join(base64url(msgspec.json.encode(part)) for part in (header, changed(claims, difference.claims)))
    return f"{signed}.{base64url(_signature(signed.encode(), keys, difference.sign))}"


def _header(keys: Keys, sign: Signature) -> dict[str, str]:
    algorithm = {"none": "none", "secret": "HS256", "public": "HS256"}.get(sign, "RS256")
    return {"alg": algorithm, "kid": (keys.unknown if sign == "unknown" else keys.signing).kid, "typ": "JWT"}


def _signature(signed: bytes, keys: Keys, sign: Signature) -> bytes:
    match sign:
        case "good":
            return keys.signing.sign(signed)
        case "unknown":
            return keys.unknown.sign(signed)
        case "none":
            return b""
        case "secret":
            return hmac.digest(CLIENT_SECRET.encode(), signed, "sha256")
        case "public":
            return hmac.digest(keys.signing.public_pem(), signed, "sha256")
