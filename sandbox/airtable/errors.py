"""Airtable's shapes of refusal: of its API, as its reference and its clients' reports have them, and of its token
endpoint (RFC 6749 section 5.2)."""

import logging
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

_log = logging.getLogger(__name__)

NOT_STORED = {"Cache-Control": "no-store"}


class AirtableError(Exception):
    """A refusal of the API."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message


class NotFound(Exception):
    """The bare form of a refusal, without a message."""


class RateLimited(Exception):
    """Too many calls; nothing says how long to wait."""


class TokenError(Exception):
    """A refusal of the token endpoint."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status


def invalid_request(message: str = "parameter validation failed. Check your request data.") -> AirtableError:
    return AirtableError(422, "INVALID_REQUEST_UNKNOWN", f"Invalid request: {message}")


def no_such_model() -> AirtableError:
    """Airtable does not say whether something is missing or only not for this token."""
    return AirtableError(
        403,
        "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND",
        "Either nothing has this name or id, or the user or the token has no permission to see it.",
    )


def _api_error(_: Request[Any, Any, Any], error: AirtableError) -> Response[dict[str, Any]]:
    return Response({"error": {"type": error.kind, "message": error.message}}, status_code=error.status)


def _not_found(_: Request[Any, Any, Any], __: Exception) -> Response[dict[str, Any]]:
    return Response({"error": "NOT_FOUND"}, status_code=404)


def _rate_limited(_: Request[Any, Any, Any], __: RateLimited) -> Response[dict[str, Any]]:
    error = {"error": "RATE_LIMIT_REACHED", "message": "Rate limit exceeded. Please try again later"}
    return Response({"errors": [error]}, status_code=429)


def _token_error(_: Request[Any, Any, Any], error: TokenError) -> Response[dict[str, Any]]:
    challenge = {"WWW-Authenticate": 'Basic realm="sandbox-airtable"'} if error.status == 401 else {}
    body = {"error": error.error, "error_description": error.description}
    return Response(body, status_code=error.status, headers=NOT_STORED | challenge)


def _framework_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    if error.status_code in (404, 405):
        return _not_found(request, error)
    return _api_error(request, AirtableError(error.status_code, "INVALID_REQUEST_UNKNOWN", error.detail))


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    # Litestar alone answers 500 and leaves no trace.
    _log.error("the sandbox failed on %s %s", request.method, request.url.path, exc_info=error)
    return _api_error(request, AirtableError(500, "SERVER_ERROR", "An unexpected error occurred"))


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    AirtableError: _api_error,
    NotFound: _not_found,
    RateLimited: _rate_limited,
    TokenError: _token_error,
    HTTPException: _framework_error,
    Exception: _bug,
}
