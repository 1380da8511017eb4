"""Grants and their renewal at every provider, seen from the provider's side."""

import json
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from application.ports.storage import Storage
from domain.credential import Credential
from domain.ids import ConnectionId
from tests.e2e.person import FINAL, Person
from tests.e2e.product import Product
from tests.e2e.provider_listings import calls
from tests.e2e.sandbox_server import Sandbox

BROKEN = "One of your connections needs you"
"""The subject of the mail to whom must connect again."""


@dataclass(frozen=True, slots=True)
class Tokens:
    provider: str
    path: str
    """Of the token endpoint."""
    listing: str
    """Where the first call of a sync goes."""
    client_refused: dict[str, Any]
    """The answer to a client whose id or secret is not taken."""
    revocation: str | None
    """Where a grant is given back."""

    def fault(self, **given: Any) -> dict[str, Any]:
        return {"path": self.path, "match": "refresh_token", **given}

    def renewals(self, sandbox: Sandbox) -> list[dict[str, Any]]:
        found = calls(sandbox, self.provider, self.path, "refresh_token")
        return [one for one in found if "grant_type" in one["body"]]

    def revocations(self, sandbox: Sandbox) -> list[dict[str, Any]]:
        return calls(sandbox, self.provider, self.revocation) if self.revocation else []


_RFC_6749 = {"error": "invalid_client", "error_description": "the client is not known"}

TOKENS = {
    one.provider: one
    for one in (
        Tokens(
            "hubspot",
            "/oauth/2026-03/token",
            "/crm/v3/objects/contacts",
            {"status": 400, "json": _RFC_6749 | {"status": "BAD_CLIENT_SECRET"}},
            "/oauth/2026-03/token/revoke",
        ),
        Tokens(
            "notion",
            "/v1/oauth/token",
            "/v1/search",
            {"status": 401, "json": {"object": "error", "code": "invalid_client"}},
            "/v1/oauth/revoke",
        ),
        Tokens(
            "slack",
            "/api/oauth.v2.access",
            "/api/conversations.list",
            {"status": 200, "json": {"ok": False, "error": "bad_client_secret"}},
            "/api/apps.uninstall",
        ),
        Tokens("airtable", "/oauth2/v1/token", "/v0/meta/bases", {"status": 401, "json": _RFC_6749}, None),
    )
}


def expire(sandbox: Sandbox, *providers: str) -> None:
    """All access tokens die; the product learns it with its next call."""
    for provider in providers:
        sandbox.control("POST", "/expire", provider=provider)


def fresh(product: Product, provider: str, *others: str) -> None:
    """Their grants as just started, without rate limits, each renewal with a new refresh token."""
    for one in (provider, *others):
        product.sandbox.control("POST", "/reset", provider=one)
        product.sandbox.control("PATCH", body={"limits": False, "refresh_reuse": "grace"}, provider=one)


def reuse(sandbox: Sandbox, how: str, *providers: str) -> None:
    """What becomes of a refresh token that comes a second time."""
    for provider in providers:
        sandbox.control("PATCH", body={"refresh_reuse": how}, provider=provider)


def granted(product: Product, provider: str) -> dict[str, Any]:
    """All that the provider has granted and not taken back, as its state file has it."""
    state = json.loads((product.home / "var/sandbox.json").read_text())
    found: dict[str, Any] = state[provider]["grants"]
    return found


async def kept(product: Product, connection: str) -> Credential | None:
    """What the product has stored of it at this moment, read past the product."""
    module = import_module(f"adapters.outbound.{urlsplit(product.storage_url).scheme}.storage")
    storage: Storage = await module.open_storage(product.storage_url, alone=None)
    try:
        return await storage.credentials.find(ConnectionId(connection))
    finally:
        await storage.close()


async def latest_run(person: Person, provider: str) -> dict[str, Any]:
    run: dict[str, Any] = (await person.status(provider))["run"]
    return run


async def is_over(person: Person, provider: str) -> bool:
    return (await latest_run(person, provider))["status"] in FINAL
