"""A relying party of the sandbox's Google, made of libraries that know nothing of us."""

import hashlib
import time
import warnings
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import InvalidClaimError
from joserfc.jwk import KeySet

from tests.e2e.sandbox_server import Sandbox

with warnings.catch_warnings(record=True):
    # Whatever the filters are, authlib says that it would rather have httpx2.
    from authlib.integrations.httpx_client import AsyncOAuth2Client

CLIENT_ID, SECRET = "sandbox-google", "sandbox-secret"
REDIRECT_URI = "http://localhost:8000/app/google-callback"
SCOPE = "openid email profile"
NONCE, VERIFIER = "n-0S6_WzA2Mj", "v" * 64
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
LEEWAY_S = 60


@dataclass(frozen=True, slots=True)
class Google:
    sandbox: Sandbox

    @property
    def issuer(self) -> str:
        return f"{self.sandbox.url}/google"

    @property
    def http(self) -> httpx.Client:
        return self.sandbox.http

    def control(self, method: str, path: str = "", body: Any = None) -> Any:
        """A control call that must succeed, and its JSON."""
        answer = self.http.request(method, f"{self.sandbox.url}/_control/google{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.http.get(f"{self.issuer}{path}", **options)

    def discovery(self) -> dict[str, Any]:
        answer = self.get("/.well-known/openid-configuration")
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def keys(self) -> KeySet:
        return KeySet.import_key_set(self.http.get(self.discovery()["jwks_uri"]).json())

    def authorize_url(self, **changes: str | None) -> str:
        """A valid authentication request; a parameter changed to None is left out."""
        params = {
            "client_id": CLIENT_ID,
            "response_type": "code",
            "scope": SCOPE,
            "redirect_uri": REDIRECT_URI,
            "state": "s1",
            "nonce": NONCE,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        given = {name: value for name, value in {**params, **changes}.items() if value is not None}
        return str(httpx.URL(f"{self.issuer}/o/oauth2/v2/auth", params=given))

    def decide(self, url: str, account: str = "gmail", decision: str = "approve") -> str:
        """Where the person is sent to."""
        answer = self.http.post(url, data={"decision": decision, "account": account})
        assert answer.status_code == 302, answer.text
        location: str = answer.headers["location"]
        return location

    def callback(self, account: str = "gmail", decision: str = "approve", /, **changes: str | None) -> dict[str, str]:
        """What the redirect URI is called with."""
        location = self.decide(self.authorize_url(**changes), account, decision)
        return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}

    def token(self, auth: tuple[str, str] | None = None, /, **form: str) -> httpx.Response:
        client = {} if auth else {"client_id": CLIENT_ID, "client_secret": SECRET}
        return self.http.post(f"{self.issuer}/token", data={**client, **form}, headers=_basic(auth))

    def redeem(self, code: str, **form: str) -> httpx.Response:
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
        return self.token(**{**given, "code_verifier": VERIFIER, **form})

    def tokens(self, account: str = "gmail", /, **changes: str | None) -> dict[str, Any]:
        answer = self.redeem(self.callback(account, **changes)["code"])
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    def userinfo(self, access_token: str) -> httpx.Response:
        return self.get("/v1/userinfo", headers={"Authorization": f"Bearer {access_token}"})

    async def sign_in(self, account: str = "gmail", auth: str = "client_secret_post") -> dict[str, Any]:
        """The whole way with a real client. Returns the token answer."""
        document = self.discovery()
        async with AsyncOAuth2Client(
            CLIENT_ID,
            SECRET,
            scope=SCOPE,
            redirect_uri=REDIRECT_URI,
            code_challenge_method="S256",
            token_endpoint_auth_method=auth,
        ) as client:
            url, state = client.create_authorization_url(
                document["authorization_endpoint"], nonce=NONCE, code_verifier=VERIFIER
            )
            tokens: dict[str, Any] = await client.fetch_token(
                document["token_endpoint"],
                authorization_response=self.decide(url, account),
                state=state,
                code_verifier=VERIFIER,
            )
        return tokens

    def believed(self, tokens: dict[str, Any], keys: KeySet | None = None) -> dict[str, Any]:
        """The claims of the id_token (OpenID Connect Core sections 3.1.3.7 and 5.3.2). Raises joserfc's JoseError, or
        ValueError where that does not know the key or the header."""
        token = jwt.decode(tokens["id_token"], keys or self.keys(), algorithms=["RS256"])
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": CLIENT_ID},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": NONCE},
        )
        registry.validate(token.claims)
        claims = token.claims
        wrong = {
            "azp": claims.get("azp", CLIENT_ID if claims["aud"] in (CLIENT_ID, [CLIENT_ID]) else None) != CLIENT_ID,
            "iat": abs(time.time() - claims["iat"]) > LEEWAY_S,
            "at_hash": claims.get("at_hash", at_hash(tokens)) != at_hash(tokens),
            "userinfo": self.userinfo(tokens["access_token"]).json().get("sub") != claims["sub"],
        }
        for name, is_wrong in wrong.items():
            if is_wrong:
                raise InvalidClaimError(name)
        return dict(claims)


def _basic(auth: tuple[str, str] | None) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(':'.join(auth).encode()).decode()}"} if auth else {}


def at_hash(tokens: dict[str, Any]) -> str:
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    return urlsafe_b64encode(half).rstrip(b"=").decode()
