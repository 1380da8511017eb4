"""Access tokens as JWT (RFC 7519, RFC 8725), refresh tokens as opaque text that leads to its session."""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import jwt

from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.ports.tokens import AccessToken, Bearer, Tokens
from domain.ids import SessionId, UserId
from domain.secret import Secret

_AUDIENCE = "vectorshift-api"
_ALGORITHM = "HS256"
_TYPE = "at+jwt"
_OPTIONS: jwt.types.Options = {
    "require": ["exp", "iat", "iss", "aud", "sub", "sid", "jti"],
    "strict_aud": True,
    # The library judges times by a clock of its own.
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}
_AHEAD_SECONDS = 60
"""How far the clock of the process that signed may be ahead of ours."""
_CACHED = 4096
_REFRESH_BYTES = 16 + 16 + 32 + 16
"""User, session, secret, tag."""
_TAG_BYTES = 16


class JwtTokens(Tokens):
    def __init__(
        self, keys: Mapping[str, bytes], *, issuer: str, ttl: timedelta, clock: Clock, entropy: Entropy
    ) -> None:
        """``keys``: kid -> secret of at least 32 bytes. The first signs, all verify."""
        self._keys, self._issuer, self._ttl = dict(keys), issuer, ttl
        self._clock, self._entropy = clock, entropy
        self._kid = next(iter(self._keys))
        # Refresh tokens are made under the last key: it stays while newer ones are put in front of it, and a successor
        # must not differ between two parallel tabs only because a key was added.
        self._oldest = list(self._keys.values())[-1]
        self._verified: dict[str, tuple[Bearer, float]] = {}

    def issue(self, bearer: Bearer) -> AccessToken:
        now = int(self._clock.now().timestamp())
        seconds = int(self._ttl.total_seconds())
        claims = {
            "iss": self._issuer,
            "aud": _AUDIENCE,
            "sub": bearer.user,
            "sid": bearer.session,
            "jti": self._entropy.identifier(),
            "iat": now,
            "exp": now + seconds,
        }
        token = jwt.encode(claims, self._keys[self._kid], _ALGORITHM, headers={"kid": self._kid, "typ": _TYPE})
        return AccessToken(Secret(token), seconds)

    def verify(self, token: str) -> Bearer | None:
        # A token is immutable, so the verdict on it is too, until it expires.
        now = self._clock.now().timestamp()
        if known := self._verified.get(token):
            return known[0] if now < known[1] else None
        verified = self._verify(token, now)
        if verified is None:
            return None
        if len(self._verified) >= _CACHED:
            self._verified.clear()
        self._verified[token] = verified
        return verified[0]

    def _verify(self, token: str, now: float) -> tuple[Bearer, float] | None:
        try:
            header = jwt.get_unverified_header(token)
            kid = header.get("kid")
            if header.get("typ") != _TYPE or not isinstance(kid, str) or kid not in self._keys:
                return None
            claims = jwt.decode(
                token,
                self._keys[kid],
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                issuer=self._issuer,
                options=_OPTIONS,
            )
            begins = max(_time(claims["iat"]), _time(claims.get("nbf", claims["iat"])))
            ends = _time(claims["exp"])
            bearer = Bearer(UserId(str(UUID(claims["sub"]))), SessionId(str(UUID(claims["sid"]))))
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError, RecursionError):
            return None
        return (bearer, ends) if begins <= now + _AHEAD_SECONDS and now < ends else None

    def first_refresh(self, bearer: Bearer) -> Secret:
        return self._packed(bearer, secrets.token_bytes(32))

    def next_refresh(self, presented: Secret) -> Secret:
        bearer = self.refresh_bearer(presented)
        if bearer is None:
            raise ValueError("not a refresh token")
        digest = hmac.digest(self._oldest, b"refresh-successor|" + presented.reveal().encode(), sha256)
        return self._packed(bearer, digest)

    def is_genuine(self, presented: Secret) -> bool:
        packed = _unpacked(presented)
        if packed is None:
            return False
        content, tag = packed[:-_TAG_BYTES], packed[-_TAG_BYTES:]
        return any(hmac.compare_digest(tag, _tag(key, content)) for key in self._keys.values())

    def _packed(self, bearer: Bearer, secret: bytes) -> Secret:
        content = UUID(bearer.user).bytes + UUID(bearer.session).bytes + secret
        return Secret(_text(content + _tag(self._oldest, content)))

    def refresh_bearer(self, presented: Secret) -> Bearer | None:
        packed = _unpacked(presented)
        if packed is None:
            return None
        return Bearer(UserId(str(UUID(bytes=packed[:16]))), SessionId(str(UUID(bytes=packed[16:32]))))


def _time(claim: object) -> int:
    """Raises ValueError unless it is a whole number of seconds of which floats can tell."""
    if type(claim) is not int or abs(claim) >= 2**53:
        raise ValueError("not a time")
    return claim


def _tag(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, b"refresh-token|" + content, sha256)[:_TAG_BYTES]


def _text(packed: bytes) -> str:
    return urlsafe_b64encode(packed).rstrip(b"=").decode()


def _unpacked(presented: Secret) -> bytes | None:
    text = presented.reveal()
    try:
        packed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        return None
    return packed if len(packed) == _REFRESH_BYTES and _text(packed) == text else None
