"""The provider sandbox as tests use it: on a real socket, in a thread or as a process of its own."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from sandbox.server import make_server
from sandbox.settings import SandboxSettings
from tests.services.process import free_port

REDIRECT_URI = "http://localhost:8000/integrations/hubspot/oauth2callback"
SCOPES = "oauth crm.objects.contacts.read crm.objects.companies.read crm.objects.deals.read"
CLIENT = {"client_id": "sandbox-hubspot", "client_secret": "sandbox-secret"}
STARTUP_S = 20
REVOKED_BY = {
    "hubspot": ("/revoke",),
    "notion": ("/revoke",),
    "slack": ("/auth.revoke", "/apps.uninstall"),
}
"""How paths end at which a grant is given back; Airtable has none."""
SHARED_BY_ACCOUNT = ("hubspot", "slack")
"""Whose people hold one grant together."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    url: str
    http: httpx.Client

    def authorize_url(self, **changes: str | None) -> str:
        """A valid authorization request; a parameter changed to None is left out."""
        params = {"client_id": CLIENT["client_id"], "redirect_uri": REDIRECT_URI, "scope": SCOPES, "state": "s1"}
        given = {name: value for name, value in {**params, **changes}.items() if value is not None}
        return str(httpx.URL(f"{self.url}/hubspot/oauth/authorize", params=given))

    def consent(self, account: str = "acme", decision: str = "approve", **changes: str | None) -> dict[str, str]:
        """What the redirect URI is called with."""
        answer = self.http.post(self.authorize_url(**changes), data={"decision": decision, "account": account})
        assert answer.status_code == 302, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def token(self, path: str = "/hubspot/oauth/2026-03/token", **form: str) -> httpx.Response:
        return self.http.post(f"{self.url}{path}", data={**CLIENT, **form})

    def redeem(self, code: str, **form: str) -> httpx.Response:
        return self.token(**{"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, **form})

    def renew(self, refresh_token: str) -> httpx.Response:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def tokens(self, account: str = "acme", scope: str = SCOPES) -> dict[str, Any]:
        answer = self.redeem(self.consent(account, scope=scope)["code"])
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    def get(self, path: str, token: str, **params: str | int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.get(f"{self.url}/hubspot{path}", headers=headers, params=params)

    def post(self, path: str, token: str, body: Any) -> httpx.Response:
        return self.http.post(f"{self.url}/hubspot{path}", headers={"Authorization": f"Bearer {token}"}, json=body)

    def control(self, method: str, path: str = "", body: Any = None, *, provider: str = "hubspot") -> Any:
        """A control call that must succeed, and its JSON."""
        answer = self.http.request(method, f"{self.url}/_control/{provider}{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def given_back(self) -> int:
        """How often grants were given back, at all providers."""
        received = [self.control("GET", "/requests", provider=provider)["items"] for provider in REVOKED_BY]
        calls = zip(REVOKED_BY.values(), received, strict=True)
        return sum(call["path"].endswith(ways) for ways, items in calls for call in items)

    def mails(self) -> list[dict[str, Any]]:
        answer = self.http.get(f"{self.url}/_control/mail")
        assert answer.is_success, answer.text
        received: list[dict[str, Any]] = answer.json()["items"]
        return received

    def contacts(self, token: str, **params: str | int) -> list[dict[str, Any]]:
        """All of them, page by page."""
        found: list[dict[str, Any]] = []
        more: dict[str, str | int] = {"limit": 100, **params}
        while True:
            page = self.get("/crm/v3/objects/contacts", token, **more).json()
            found += page["results"]
            if "paging" not in page:
                return found
            more["after"] = page["paging"]["next"]["after"]


@contextmanager
def sandbox_in_thread(settings: SandboxSettings) -> Iterator[Sandbox]:
    """Its port is chosen here, whatever ``settings`` say."""
    # asyncio sets TCP_NODELAY only where the protocol is named; without it each answer waits 40 ms for an ACK.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        server = make_server(settings)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            with httpx.Client(timeout=10) as http:
                _wait_for(http, url)
                yield Sandbox(url, http)
        finally:
            server.should_exit = True
            thread.join(STARTUP_S)


@contextmanager
def sandbox_process(**settings: Any) -> Iterator[tuple[Sandbox, subprocess.Popen[bytes]]]:
    """Started as `sandbox.server.run` with these settings, killed at the end if it still runs."""
    port = settings.setdefault("port", free_port())
    with subprocess.Popen(sandbox_command(**settings), stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            with httpx.Client(timeout=10) as http:
                url = f"http://127.0.0.1:{port}"
                _wait_for(http, url)
                yield Sandbox(url, http), process
        finally:
            process.kill()


def sandbox_command(**settings: Any) -> list[str]:
    imports = "from pathlib import *; from sandbox.server import run; from sandbox.settings import SandboxSettings"
    return [sys.executable, "-c", f"{imports}; run(SandboxSettings(**{settings!r}))"]


def _wait_for(http: httpx.Client, url: str) -> None:
    deadline = time.monotonic() + STARTUP_S
    while True:
        try:
            http.get(url)
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
