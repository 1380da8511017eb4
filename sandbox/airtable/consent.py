"""Airtable's authorization request: PKCE and a long state are required, and most refusals go back to the app."""

import re
from typing import Any

from litestar import Request, Response

from sandbox.airtable.access import SCOPES
from sandbox.core.consent import Asked, ConsentRefused, is_registered, sent_to, single_values
from sandbox.core.world import World

STATE = re.compile(r"[A-Za-z0-9._-]{16,1024}")
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


class SentBack(Exception):
    """A refusal that the app is told of, by its redirect URI (RFC 6749 section 4.1.2.1)."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class AirtableAsked(Asked):
    """A request whose approval tells the challenge again."""

    __slots__ = ()

    def leads_to(self, **answer: str) -> str:
        if "code" in answer and self.challenge:
            answer |= {"code_challenge": self.challenge, "code_challenge_method": "S256"}
        return super().leads_to(**answer)


def read_request(world: World, query: str) -> AirtableAsked:
    """Raises ConsentRefused where the app is unknown or its address is not registered, else SentBack."""
    try:
        given = single_values(query)
    except ValueError as error:
        raise ConsentRefused(f"These parameters cannot be read: {error}.") from error
    if given.get("client_id") != world.provider.client_id:
        raise ConsentRefused("No integration is known by this client_id.")
    redirect_uri = given.get("redirect_uri", "")
    if not is_registered(world, redirect_uri):
        raise ConsentRefused("The redirect_uri is not one that the integration has registered.")
    scopes = tuple(given.get("scope", "").split())
    asked = AirtableAsked(given["client_id"], redirect_uri, scopes, given.get("state"), given.get("code_challenge"))
    if why := _why_not(given, scopes):
        error_code, description = why
        raise SentBack(asked.leads_to(error=error_code, error_description=description))
    return asked


def send_back(_: Request[Any, Any, Any], refused: SentBack) -> Response[None]:
    return sent_to(refused.location)


def _why_not(given: dict[str, str], scopes: tuple[str, ...]) -> tuple[str, str] | None:
    """The error and its description."""
    checks = (
        ("response_type" in given, "invalid_request", "response_type is required"),
        (given.get("response_type") == "code", "unsupported_response_type", "response_type must be code"),
        (STATE.fullmatch(given.get("state", "")), "invalid_request", "state must have 16 to 1024 of A-Za-z0-9.-_"),
        (given.get("code_challenge_method") == "S256", "invalid_request", "code_challenge_method must be S256"),
        (
            CHALLENGE.fullmatch(given.get("code_challenge", "")),
            "invalid_request",
            "code_challenge must be the base64url of a SHA-256 hash",
        ),
        (scopes, "invalid_request", "scope is required"),
        (len(set(scopes)) == len(scopes), "invalid_scope", "a scope is named twice"),
        (SCOPES.issuperset(scopes), "invalid_scope", "a scope is unknown"),
    )
    return next(((error, description) for holds, error, description in checks if not holds), None)
