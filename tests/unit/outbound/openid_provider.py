"""An OpenID provider behind a transport: what it publishes, signs and answers, a test may change."""

import json
import traceback
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from hashlib import sha256
from typing import Any

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import Key, RSAKey

from adapters.outbound.oidc_identity import OidcClient, OidcIdentity
from adapters.outbound.provider_http import open_client
from application.ports.clock import Clock
from domain.errors import Refused
from tests.unit.outbound.conftest import Wire

ISSUER = "https://issuer.example"
WELL_KNOWN = "/.well-known/openid-configuration"
CLIENT_ID, CLIENT_SECRET = "our-client", "the-client-secret"
REDIRECT_URI = "https://vectorshift.example/app/google-callback"
CODE, VERIFIER, NONCE, ACCESS = "the-code", "the-verifier-" * 4, "the-nonce", "the-access-token"
CLIENT = OidcClient(CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, ISSUER + WELL_KNOWN, keeps_mailboxes=True)
SIGNING = "second"
"""The key that id_tokens are signed with: not the first of those published."""


@cache
def a_key(name: str) -> RSAKey:
    """Good for any algorithm: which one counts is for who verifies to say."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


def public(key: Key) -> dict[str, Any]:
    return dict(key.as_dict(private=False))


def at_hash(access_token: str) -> str:
    return urlsafe_b64encode(sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()


def serialized(claims: str, header: Mapping[str, Any] | None = None, key: Key | None = None) -> str:
    """Signed well, whatever it says."""
    heading = without_none({"alg": "RS256", "kid": SIGNING} | dict(header or {}))
    return jws.serialize_compact(heading, claims.encode(), key or a_key(SIGNING), algorithms=[heading["alg"]])


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


class OpenIdProvider:
    def __init__(self, clock: Clock, issuer: str = ISSUER) -> None:
        self._clock = clock
        self.discovery: dict[str, Any] = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
        self.published: list[object] = [public(a_key("first")), public(a_key(SIGNING))]
        self.id_token: object = self.signed()
        self.access_token: object = ACCESS
        self.userinfo: dict[str, Any] = {"sub": "1", "name": "Ann"}
        self.answers: dict[str, httpx.Response | Exception] = {}
        """Path -> what comes in place of the answer."""
        self.asked: list[str] = []
        """Paths."""

    @property
    def claims(self) -> dict[str, Any]:
        """Of a good id_token."""
        now = int(self._clock.now().timestamp())
        return {
            "iss": self.discovery["issuer"],
            "aud": CLIENT_ID,
            "azp": CLIENT_ID,
            "sub": "1",
            "email": "ann@example.org",
            "email_verified": True,
            "nonce": NONCE,
            "at_hash": at_hash(ACCESS),
            "iat": now,
            "exp": now + 3600,
        }

    def signed(self, header: Mapping[str, Any] | None = None, key: Key | None = None, /, **changed: object) -> str:
        """An id_token; a claim or a member of the header that is changed to None is left out."""
        return serialized(json.dumps(without_none(self.claims | changed)), header, key)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        answer = self.answers.get(path)
        if isinstance(answer, Exception):
            raise answer
        return answer or httpx.Response(200, json=self._document(path))

    def _document(self, path: str) -> dict[str, Any]:
        match path:
            case "/keys":
                return {"keys": self.published}
            case "/token":
                return {"access_token": self.access_token, "id_token": self.id_token, "token_type": "Bearer"}
            case "/userinfo":
                return self.userinfo
            case _:
                return self.discovery

    def fetched(self, path: str) -> int:
        return self.asked.count(path)


@asynccontextmanager
async def a_client_of(wire: Wire, clock: Clock, client: OidcClient = CLIENT) -> AsyncIterator[OidcIdentity]:
    """Ours, over the product's own HTTP client with its wire exchanged."""
    async with open_client() as http:
        http._transport = httpx.MockTransport(wire)
        yield OidcIdentity(http, client, clock)


async def refusal(call: Awaitable[object], kind: type[Refused]) -> Refused:
    """What the call raises, after a look that no secret is in it, nor in what led to it."""
    with pytest.raises(kind) as refused:
        await call
    told = "".join(traceback.format_exception(refused.value))
    assert not [secret for secret in (CLIENT_SECRET, CODE, VERIFIER, NONCE, ACCESS, "eyJ") if secret in told], told
    return refused.value
