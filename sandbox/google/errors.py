"""Google's shape of refusal: RFC 6749 section 5.2."""

import logging
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

_log = logging.getLogger(__name__)

BASIC = {"WWW-Authenticate": 'Basic realm="sandbox-google"'}
BEARER = {"WWW-Authenticate": 'Bearer realm="sandbox-google", error="invalid_token"'}


class GoogleError(Exception):
    def __init__(self, error: str, description: str, status: int = 400, headers: dict[str, str] | None = None) -> None:
        super().__init__(description)
        self.error, self.description, self.status, self.headers = error, description, status, headers


def _answer(_: Request[Any, Any, Any], error: GoogleError) -> Response[dict[str, str]]:
    body = {"error": error.error, "error_description": error.description}
    return Response(body, status_code=error.status, headers={"Cache-Control": "no-store", **(error.headers or {})})


def _framework_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, str]]:
    return _answer(request, GoogleError("invalid_request", error.detail, error.status_code))


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, str]]:
    # Litestar alone answers 500 and leaves no trace.
    _log.error("the sandbox failed on %s %s", request.method, request.url.path, exc_info=error)
    return _answer(request, GoogleError("internal_failure", "internal error", 500))


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    GoogleError: _answer,
    HTTPException: _framework_error,
    Exception: _bug,
}
