"""HubSpot's shapes of refusal: the schema `Error` of its specifications, its changelog and its usage guidelines."""

import logging
from typing import Any
from uuid import uuid4

from litestar import Request, Response
from litestar.exceptions import HTTPException

_log = logging.getLogger(__name__)


class HubSpotError(Exception):
    """A refusal of the API; ``more`` are further fields of its body."""

    def __init__(self, status: int, category: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.category, self.message, self.more = status, category, message, more


class RateLimited(Exception):
    def __init__(self, policy: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.policy, self.message, self.headers = policy, message, headers


class TokenError(Exception):
    """A refusal of the token endpoint: RFC 6749 section 5.2, with ``status`` and ``message`` kept for old clients."""

    def __init__(self, error: str, status: str, message: str) -> None:
        super().__init__(message)
        self.error, self.status, self.message = error, status, message


def _api_error(_: Request[Any, Any, Any], error: HubSpotError) -> Response[dict[str, Any]]:
    body = {
        "status": "error",
        "message": error.message,
        "correlationId": str(uuid4()),
        "category": error.category,
        **error.more,
    }
    return Response(body, status_code=error.status)


def _rate_limited(_: Request[Any, Any, Any], error: RateLimited) -> Response[dict[str, Any]]:
    body = {
        "status": "error",
        "message": error.message,
        "errorType": "RATE_LIMIT",
        "correlationId": str(uuid4()),
        "policyName": error.policy,
        "requestId": uuid4().hex,
    }
    return Response(body, status_code=429, headers=error.headers)


def _token_error(_: Request[Any, Any, Any], error: TokenError) -> Response[dict[str, Any]]:
    body = {
        "error": error.error,
        "error_description": error.message,
        "status": error.status,
        "message": error.message,
        "correlationId": str(uuid4()),
    }
    return Response(body, status_code=400)


def _framework_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    category = {404: "OBJECT_NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}.get(error.status_code, "VALIDATION_ERROR")
    return _api_error(request, HubSpotError(error.status_code, category, error.detail))


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    # Litestar alone answers 500 and leaves no trace.
    _log.error("the sandbox failed on %s %s", request.method, request.url.path, exc_info=error)
    return _api_error(request, HubSpotError(500, "INTERNAL_ERROR", "internal error"))


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    HubSpotError: _api_error,
    RateLimited: _rate_limited,
    TokenError: _token_error,
    HTTPException: _framework_error,
    Exception: _bug,
}
