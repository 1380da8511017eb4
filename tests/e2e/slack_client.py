"""What a client of the played Slack does: asks for consent, exchanges codes, calls methods."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from slack_sdk import WebClient

from tests.e2e.sandbox_server import Sandbox

REDIRECT_URI = "http://localhost:8000/integrations/slack/oauth2callback"
CLIENT = {"client_id": "sandbox-slack", "client_secret": "sandbox-secret"}
SCOPES = "channels:read,groups:read,channels:history,groups:history,users:read,users:read.email,team:read"

BOTH_TYPES = "public_channel,private_channel"
GENERAL, PRIVATE, ARCHIVED, FOREIGN = (f"C0SBX00000{n}" for n in (1, 3, 4, 5))
"""Channels of acme: what each of them is. Of the last the app is no member, nor of an archived one."""


@dataclass(frozen=True, slots=True)
class Slack:
    sandbox: Sandbox

    @property
    def address(self) -> str:
        return f"{self.sandbox.url}/slack"

    def authorize_url(self, **changes: str | None) -> str:
        """A valid authorization request; a parameter changed to None is left out."""
        params = {"client_id": CLIENT["client_id"], "redirect_uri": REDIRECT_URI, "scope": SCOPES, "state": "s1"}
        given = {name: value for name, value in {**params, **changes}.items() if value is not None}
        return str(httpx.URL(f"{self.address}/oauth/v2/authorize", params=given))

    def consent(self, account: str = "acme", decision: str = "approve", **changes: str | None) -> dict[str, str]:
        """What the redirect URI is called with."""
        form = {"decision": decision, "account": account}
        answer = self.sandbox.http.post(self.authorize_url(**changes), data=form)
        assert answer.status_code == 302, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def access(self, **form: str) -> dict[str, Any]:
        """What oauth.v2.access says, which is always said with 200."""
        answer = self.sandbox.http.post(f"{self.address}/api/oauth.v2.access", data={**CLIENT, **form})
        assert answer.status_code == 200
        said: dict[str, Any] = answer.json()
        return said

    def redeem(self, code: str, **form: str) -> dict[str, Any]:
        return self.access(**{"code": code, "redirect_uri": REDIRECT_URI, **form})

    def renew(self, refresh_token: str) -> dict[str, Any]:
        return self.access(grant_type="refresh_token", refresh_token=refresh_token)

    def tokens(
        self, account: str = "acme", scope: str | None = SCOPES, user_scope: str | None = None
    ) -> dict[str, Any]:
        tokens = self.redeem(self.consent(account, scope=scope, user_scope=user_scope)["code"])
        assert tokens["ok"], tokens
        return tokens

    def token(self, account: str = "acme", scope: str = SCOPES) -> str:
        token: str = self.tokens(account, scope=scope)["access_token"]
        return token

    def get(self, method: str, token: str, **params: str | int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return self.sandbox.http.get(f"{self.address}/api/{method}", headers=headers, params=params)

    def call(self, method: str, token: str, **params: str | int) -> dict[str, Any]:
        said: dict[str, Any] = self.get(method, token, **params).json()
        return said

    def pages(self, method: str, field: str, token: str, **params: str | int) -> list[list[dict[str, Any]]]:
        """What each page has in ``field``, from cursor to cursor."""
        found: list[list[dict[str, Any]]] = []
        more: dict[str, str | int] = {**params}
        while True:
            said = self.call(method, token, **more)
            assert said["ok"], said
            found.append(said[field])
            cursor = said.get("response_metadata", {}).get("next_cursor")
            if not cursor:
                return found
            more["cursor"] = cursor

    def messages(self, token: str) -> list[dict[str, Any]]:
        """All, of all channels that the app is in; without replies."""
        channels = self.call("conversations.list", token, types=BOTH_TYPES)["channels"]
        return [
            message
            for channel in channels
            if channel["is_member"]
            for page in self.pages("conversations.history", "messages", token, channel=channel["id"])
            for message in page
        ]

    def web(self, token: str | None = None) -> WebClient:
        """Slack's own client, unchanged."""
        return WebClient(token=token, base_url=f"{self.address}/api/")

    def control(self, method: str, path: str = "", body: Any = None) -> Any:
        return self.sandbox.control(method, path, body, provider="slack")

    def change(self, kind: str, account: str = "acme", **change: Any) -> dict[str, list[str]]:
        changed: dict[str, list[str]] = self.control("POST", "/records", {"account": account, "kind": kind, **change})
        return changed
