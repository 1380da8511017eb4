"""Notion as the sandbox plays it, for tests: consent, tokens and calls."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from notion_client import Client

from tests.e2e.sandbox_server import Sandbox

REDIRECT_URI = "http://localhost:8000/integrations/notion/oauth2callback"
CLIENT = {"client_id": "sandbox-notion", "client_secret": "sandbox-secret"}
BASIC = httpx.BasicAuth(CLIENT["client_id"], CLIENT["client_secret"])
NEWEST = "2026-03-11"


@dataclass(frozen=True, slots=True)
class Notion:
    sandbox: Sandbox

    @property
    def url(self) -> str:
        return f"{self.sandbox.url}/notion"

    @property
    def http(self) -> httpx.Client:
        return self.sandbox.http

    def authorize_url(self, **changes: str | None) -> str:
        """A valid authorization request; a parameter changed to None is left out."""
        params = {
            "client_id": CLIENT["client_id"],
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "owner": "user",
            "state": "s1",
        }
        given = {name: value for name, value in {**params, **changes}.items() if value is not None}
        return str(httpx.URL(f"{self.url}/v1/oauth/authorize", params=given))

    def consent(self, account: str = "acme", decision: str = "approve", **changes: str | None) -> dict[str, str]:
        """What the redirect URI is called with."""
        answer = self.http.post(self.authorize_url(**changes), data={"decision": decision, "account": account})
        assert answer.status_code == 302, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def oauth(self, call: str, body: Any, **client: str) -> httpx.Response:
        given = CLIENT | client
        basic = httpx.BasicAuth(given["client_id"], given["client_secret"])
        headers = {"Notion-Version": NEWEST}
        return self.http.post(f"{self.url}/v1/oauth/{call}", json=body, auth=basic, headers=headers)

    def redeem(self, code: str, **changes: str) -> httpx.Response:
        body = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, **changes}
        return self.oauth("token", body)

    def renew(self, refresh_token: str) -> httpx.Response:
        return self.oauth("token", {"grant_type": "refresh_token", "refresh_token": refresh_token})

    def tokens(self, account: str = "acme") -> dict[str, Any]:
        answer = self.redeem(self.consent(account)["code"])
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    def token(self, account: str = "acme") -> str:
        return str(self.tokens(account)["access_token"])

    def call(
        self, method: str, path: str, token: str, body: Any = None, version: str | None = NEWEST, **params: str | int
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} | ({"Notion-Version": version} if version else {})
        return self.http.request(method, f"{self.url}/v1{path}", headers=headers, json=body, params=params)

    def search(self, token: str, version: str = NEWEST, **body: Any) -> dict[str, Any]:
        """A search that must succeed."""
        answer = self.call("POST", "/search", token, body, version)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def everything(self, token: str, **body: Any) -> list[dict[str, Any]]:
        """All that a search finds, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.search(token, **body)
            found += page["results"]
            if not page["has_more"]:
                return found
            body["start_cursor"] = page["next_cursor"]

    def change(self, kind: str, account: str = "acme", **change: Any) -> dict[str, list[str]]:
        body = {"account": account, "kind": kind, **change}
        changed: dict[str, list[str]] = self.sandbox.control("POST", "/records", body, provider="notion")
        return changed

    @contextmanager
    def client(self, token: str | None = None, version: str = NEWEST) -> Iterator[Any]:
        """notion-client, unchanged; it tries nothing twice."""
        with closing(Client(auth=token, base_url=self.url, notion_version=version, retry=False)) as client:
            yield client


def title_of(shown: dict[str, Any]) -> str:
    properties = shown.get("properties", {}).values()
    runs = shown.get("title") or next(p["title"] for p in properties if p["type"] == "title")
    return "".join(run["plain_text"] for run in runs)
