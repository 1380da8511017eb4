"""Slack's refusals: 200 with ``ok: false`` and a word; only a rate limit has a status (docs.slack.dev, Web API)."""

import logging
from collections.abc import Iterable
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

RETRY_AFTER_S = 60
"""A rate limit's whole minute: whoever waits that long is let in."""

_log = logging.getLogger(__name__)


class SlackError(Exception):
    """A refusal; ``more`` are further fields of its body."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.body = {"ok": False, "error": error, **more}
        self.status, self.headers = 200, dict[str, str]()


class RateLimited(SlackError):
    def __init__(self) -> None:
        super().__init__("ratelimited")
        self.status, self.headers = 429, {"Retry-After": str(RETRY_AFTER_S)}


class MissingScope(SlackError):
    def __init__(self, needed: Iterable[str], provided: Iterable[str]) -> None:
        super().__init__("missing_scope", needed=",".join(needed), provided=",".join(provided))


class InvalidArguments(SlackError):
    def __init__(self, message: str) -> None:
        super().__init__("invalid_arguments", response_metadata={"messages": [f"[ERROR] {message}"]})


def refusal(error: SlackError, headers: dict[str, str] | None = None) -> Response[dict[str, Any]]:
    return Response(error.body, status_code=error.status, headers={**error.headers, **(headers or {})})


def _answer(_: Request[Any, Any, Any], error: SlackError) -> Response[dict[str, Any]]:
    return refusal(error)


def _framework_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    return Response({"ok": False, "error": "unknown_method"}, status_code=error.status_code)


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    # Litestar alone answers 500 and leaves no trace.
    _log.error("the sandbox failed on %s %s", request.method, request.url.path, exc_info=error)
    return Response({"ok": False, "error": "internal_error"}, status_code=500)


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    SlackError: _answer,
    HTTPException: _framework_error,
    Exception: _bug,
}
