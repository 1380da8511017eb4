"""An integration of the sandbox's Airtable, as the tests drive it."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from httpx import USE_CLIENT_DEFAULT

from tests.e2e.sandbox_server import Sandbox

CLIENT_ID, SECRET = "sandbox-airtable", "sandbox-secret"
REDIRECT_URI = "http://localhost:8000/integrations/airtable/oauth2callback"
SCOPE = "data.records:read schema.bases:read user.email:read"
STATE, VERIFIER = "state-of-at-least-16", "v" * 64
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BASIC = httpx.BasicAuth(CLIENT_ID, SECRET)


@dataclass(frozen=True, slots=True)
class Airtable:
    sandbox: Sandbox

    @property
    def url(self) -> str:
        return f"{self.sandbox.url}/airtable"

    @property
    def http(self) -> httpx.Client:
        return self.sandbox.http

    def control(self, method: str, path: str = "", body: Any = None) -> Any:
        """A control call that must succeed, and its JSON."""
        return self.sandbox.control(method, path, body, provider="airtable")

    def authorize_url(self, **changes: str | None) -> str:
        """A valid authorization request; a parameter changed to None is left out."""
        params = {
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": SCOPE,
            "state": STATE,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        given = {name: value for name, value in {**params, **changes}.items() if value is not None}
        return str(httpx.URL(f"{self.url}/oauth2/v1/authorize", params=given))

    def consent(self, account: str = "acme", decision: str = "approve", **changes: str | None) -> dict[str, str]:
        """What the redirect URI is called with."""
        answer = self.http.post(self.authorize_url(**changes), data={"decision": decision, "account": account})
        return answer_of(answer)

    def token(self, form: Mapping[str, str], auth: httpx.BasicAuth | None = BASIC) -> httpx.Response:
        return self.http.post(f"{self.url}/oauth2/v1/token", data=dict(form), auth=auth or USE_CLIENT_DEFAULT)

    def redeem(self, code: str, **changes: str | None) -> httpx.Response:
        """A parameter changed to None is left out."""
        form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
        given = {"code": code, **form, **changes}
        return self.token({name: value for name, value in given.items() if value is not None})

    def renew(self, refresh_token: str, **form: str) -> httpx.Response:
        return self.token({"grant_type": "refresh_token", "refresh_token": refresh_token, **form})

    def tokens(self, account: str = "acme", scope: str = SCOPE) -> dict[str, Any]:
        answer = self.redeem(self.consent(account, scope=scope)["code"])
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    def access_token(self, account: str = "acme", scope: str = SCOPE) -> str:
        token: str = self.tokens(account, scope)["access_token"]
        return token

    def get(self, path: str, token: str, **params: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.get(f"{self.url}/v0{path}", headers=headers, params=params or None)

    def post(self, path: str, token: str, body: Any, **params: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.post(f"{self.url}/v0{path}", headers=headers, json=body, params=params)

    def tables(self, token: str) -> list[tuple[str, str]]:
        """The ids of every table and of its base, in order."""
        bases = self.get("/meta/bases", token).json()["bases"]
        return [
            (base["id"], table["id"])
            for base in bases
            for table in self.get(f"/meta/bases/{base['id']}/tables", token).json()["tables"]
        ]

    def records(self, base_id: str, table_id: str, token: str, **params: Any) -> list[dict[str, Any]]:
        """All of them, page by page."""
        found: list[dict[str, Any]] = []
        more: dict[str, Any] = {"pageSize": 100, **params}
        while True:
            answer = self.get(f"/{base_id}/{table_id}", token, **more)
            assert answer.status_code == 200, answer.text
            found += answer.json()["records"]
            if "offset" not in answer.json():
                return found
            more["offset"] = answer.json()["offset"]


def answer_of(answer: httpx.Response) -> dict[str, str]:
    """What the redirect URI is called with."""
    assert answer.status_code == 302, answer.text
    location = answer.headers["location"]
    assert location.startswith(f"{REDIRECT_URI}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def error_type(answer: httpx.Response) -> tuple[int, str]:
    """The status, and the type of an error that has a message."""
    error = answer.json()["error"]
    assert error["message"]
    return answer.status_code, error["type"]
