"""What holds for every request before anybody looks at it: its id, its origin, its kind of body, its headers."""

import re
import time
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import msgspec
import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from adapters.inbound.http.caller import Networks, address_of
from adapters.inbound.http.errors import PROBLEM_JSON, problem
from adapters.inbound.http.printable import printable
from application.ports.entropy import Entropy

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_FORM_PATHS = frozenset({"/auth/token"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_JSON = re.compile(rb'application/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?', re.IGNORECASE)
_FORM = re.compile(rb'application/x-www-form-urlencoded\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?', re.IGNORECASE)
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_API_CSP = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
_log = structlog.get_logger("access")


class Security:
    """The outermost layer. ``origins``: browsers of these may change things."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        public_url: str,
        origins: Iterable[str],
        trusted_proxies: Networks,
        entropy: Entropy,
    ) -> None:
        self._app, self._entropy, self._trusted_proxies = app, entropy, trusted_proxies
        self._public_url, self._public = public_url, urlsplit(public_url)
        self._origins = frozenset(origin.encode() for origin in origins)
        self._always = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
        if self._public.scheme == "https":
            self._always.append((b"strict-transport-security", b"max-age=63072000; includeSubDomains"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        await self._answer(scope, receive, send)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        request_id = given.decode() if _REQUEST_ID.fullmatch(given) else self._entropy.identifier()
        scope["request_id"] = request_id  # type: ignore[typeddict-unknown-key]
        scope["client_address"] = address_of(scope, self._trusted_proxies)  # type: ignore[typeddict-unknown-key]
        started, status = time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self._missing(message["headers"], request_id)]
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            if refusal := self._refusal(scope["method"], scope["path"], headers):
                await _refuse(answer, request_id, *refusal, readable_by=self._own(headers))
            elif elsewhere := self._elsewhere(scope, headers):
                await _send(answer, 307, [(b"location", elsewhere)], b"")
            else:
                await self._app(scope, receive, answer)
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            # The path alone: a query may carry a code, a state or a token.
            path = printable(scope["path"])
            _log.info("request", method=scope["method"], path=path, status=status, ms=milliseconds)
            structlog.contextvars.unbind_contextvars("request_id")

    def _own(self, headers: Mapping[bytes, bytes]) -> bytes | None:
        origin = headers.get(b"origin")
        return origin if origin in self._origins else None

    def _refusal(self, method: str, path: str, headers: Mapping[bytes, bytes]) -> tuple[str, int] | None:
        if method not in _CHANGING:
            return None
        origin = headers.get(b"origin")
        if (origin is not None and origin not in self._origins) or headers.get(b"sec-fetch-site") == b"cross-site":
            return "cross_origin", 403
        content_type = headers.get(b"content-type")
        has_body = headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers
        if content_type is None and not has_body:
            return None
        known = content_type is not None and (
            _JSON.fullmatch(content_type) or (path in _FORM_PATHS and _FORM.fullmatch(content_type))
        )
        if has_body and (not known or headers.get(b"content-encoding", b"identity") != b"identity"):
            return "unsupported_media_type", 415
        return None

    def _elsewhere(self, scope: HTTPScope, headers: Mapping[bytes, bytes]) -> bytes | None:
        """Cookies are set for the host of PUBLIC_URL: a page visited by another loopback name would never see them."""
        path = scope["path"]
        if scope["method"] != "GET" or not (path in ("/", "/app") or path.startswith("/app/")):
            return None
        host = re.sub(r":\d+$", "", headers.get(b"host", b"").decode("latin-1")).strip("[]")
        if host == self._public.hostname or {host, self._public.hostname} - _LOOPBACK:
            return None
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        return self._public_url.encode() + scope.get("raw_path", path.encode()) + query

    def _missing(self, present: Iterable[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
        names = {name.lower() for name, _ in present}
        extra = [*self._always, (b"x-request-id", request_id.encode())]
        extra += [(b"cache-control", b"no-store"), (b"content-security-policy", _API_CSP)]
        return [(name, value) for name, value in extra if name not in names]


async def _refuse(send: Send, request_id: str, code: str, status: int, *, readable_by: bytes | None) -> None:
    body = msgspec.json.encode(problem(code, status, request_id=request_id))
    headers = [(b"content-type", PROBLEM_JSON.encode()), (b"vary", b"Origin")]
    if readable_by:
        headers += [(b"access-control-allow-origin", readable_by), (b"access-control-allow-credentials", b"true")]
    await _send(send, status, headers, body)


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body, "more_body": False})
