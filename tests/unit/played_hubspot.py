"""HubSpot, as far as unit tests need it: the answers behind an ``httpx.MockTransport``.

Shapes: https://developers.hubspot.com/docs/api-reference/latest/authentication/manage-oauth-tokens and
https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from itertools import count, repeat
from urllib.parse import parse_qs

import httpx

Fault = httpx.Response | Exception
DEAD_GRANT = {"error": "invalid_grant", "error_description": "refresh token is invalid, expired or revoked"}


class PlayedHubSpot:
    def __init__(self, contacts: int = 0, page_sizes: Iterator[int] | None = None) -> None:
        self.contacts = {number: f"Ann {number}" for number in range(1, contacts + 1)}
        self.page_sizes = page_sizes or repeat(2)
        self.requests: list[httpx.Request] = []
        self.listing_faults: list[Fault] = []
        """Answers of the listing, used up before it lists."""
        self.token_faults: list[Fault] = []
        self.revoke_fault: Fault | None = None
        self.account = 62515
        self.accepted: set[str] = set()
        """Access tokens."""
        self.grants: set[str] = set()
        """Refresh tokens."""
        self.revoked: list[str] = []
        self.scopes = ["oauth"]
        """What a person consents to."""
        self.rotates = False
        """Whether each refresh replaces the refresh token, and ends the old one."""
        self.shares = False
        """Whether all who connect are given one refresh token, with which all their access tokens end."""
        self.starts_anew = False
        """Whether a code ends all tokens that were given out before."""
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        """What happens, once, after a token was granted and before its answer arrives."""
        self.before: Callable[[], Awaitable[None]] | None = None
        """What happens, once, before a call for tokens is answered."""
        self._numbers = count(1)

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]

    @property
    def refreshes(self) -> int:
        return sum(b"grant_type=refresh_token" in request.content for request in self.requests)

    @property
    def listed(self) -> int:
        """How often living contacts were listed."""
        return sum(_lists_contacts(request) for request in self.requests)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path.startswith("/crm/"):
            return self._listed(request) if _lists_contacts(request) else httpx.Response(200, json={"results": []})
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        match request.url.path:
            case "/oauth/2026-03/token":
                return await self._token(form)
            case "/oauth/2026-03/token/introspect":
                return httpx.Response(200, json={"active": True, "hub_id": self.account, "hub_domain": "acme.example"})
            case "/oauth/2026-03/token/revoke":
                if fault := self.revoke_fault:
                    self.revoke_fault = None
                    return _answered(fault)
                return self._revoke(form["token"])
            case _:
                return httpx.Response(404)

    async def _token(self, form: dict[str, str]) -> httpx.Response:
        if before := self.before:
            self.before = None
            await before()
        if self.token_faults:
            return _answered(self.token_faults.pop(0))
        if form["grant_type"] == "refresh_token" and form["refresh_token"] not in self.grants:
            return httpx.Response(400, json=DEAD_GRANT)
        number = next(self._numbers)
        access, refresh = f"access-{number}", self._refresh_token(form.get("refresh_token"), number)
        self.accepted.add(access)
        self.grants.add(refresh)
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            await meanwhile()
        tokens = {"access_token": access, "refresh_token": refresh, "expires_in": 1800}
        return httpx.Response(200, json=tokens | {"token_type": "bearer", "scopes": self.scopes})

    def _refresh_token(self, spent: str | None, number: int) -> str:
        """For the next pair; ``spent``: what was given for it, None for a code."""
        if spent is None and self.starts_anew:
            self.accepted.clear()
            self.grants.clear()
        if spent is None and self.shares and self.grants:
            return min(self.grants)
        if spent is not None and self.rotates:
            self.grants.discard(spent)
            return f"refresh-{number}"
        return spent or f"refresh-{number}"

    def _revoke(self, token: str) -> httpx.Response:
        self.revoked.append(token)
        self.grants.discard(token)
        if self.shares:
            self.accepted.clear()
        return httpx.Response(204)

    def _listed(self, request: httpx.Request) -> httpx.Response:
        if self.listing_faults:
            return _answered(self.listing_faults.pop(0))
        if request.headers["authorization"].removeprefix("Bearer ") not in self.accepted:
            return httpx.Response(401, json={"status": "error", "category": "INVALID_AUTHENTICATION"})
        after = int(request.url.params.get("after", "0"))
        following = [number for number in sorted(self.contacts) if number > after]
        page = following[: next(self.page_sizes)]
        answer: dict[str, object] = {"results": [a_contact(number, self.contacts[number]) for number in page]}
        if len(page) < len(following):
            answer["paging"] = {"next": {"after": str(page[-1]) if page else str(after)}}
        return httpx.Response(200, text=json.dumps(answer))


def _lists_contacts(request: httpx.Request) -> bool:
    """Companies and deals there are none, nor anything archived."""
    return request.url.path == "/crm/v3/objects/contacts" and "archived" not in request.url.params


def _answered(fault: Fault) -> httpx.Response:
    if isinstance(fault, Exception):
        raise fault
    return fault


def a_contact(number: int, name: str) -> dict[str, object]:
    return {
        "id": str(number),
        "properties": {"firstname": name, "lastname": None},
        "createdAt": "2026-01-10T10:00:00.000Z",
        "updatedAt": "2026-03-01T12:30:00.123Z",
        "archived": False,
    }
