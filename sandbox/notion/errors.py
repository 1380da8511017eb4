"""Notion's shapes of refusal (developers.notion.com/reference/status-codes and refresh-a-token)."""

import logging
from typing import Any
from uuid import uuid4

from litestar import Request, Response
from litestar.exceptions import HTTPException

_log = logging.getLogger(__name__)


class NotionError(Exception):
    """A refusal of the API; ``more`` are further fields of its body."""

    def __init__(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers, self.more = status, code, message, headers or {}, more


class TokenError(Exception):
    """A refusal of the OAuth endpoints. The guide names the field ``error``, the reference ``code``: both are sent."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def invalid(message: str) -> NotionError:
    return NotionError(400, "validation_error", message)


def not_found(what: str, record_id: str) -> NotionError:
    shared = "Make sure the relevant pages and databases are shared with your integration."
    return NotionError(404, "object_not_found", f"Could not find {what} with ID: {record_id}. {shared}")


def _api_error(_: Request[Any, Any, Any], error: NotionError) -> Response[dict[str, Any]]:
    request_id = str(uuid4())
    body = {
        "object": "error",
        "status": error.status,
        "code": error.code,
        "message": error.message,
        "request_id": request_id,
        **error.more,
    }
    return Response(body, status_code=error.status, headers={"x-notion-request-id": request_id, **error.headers})


def _token_error(request: Request[Any, Any, Any], error: TokenError) -> Response[dict[str, Any]]:
    more = {"error": error.code, "error_description": error.message}
    return _api_error(
        request, NotionError(error.status, error.code, error.message, {"Cache-Control": "no-store"}, **more)
    )


def _framework_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    if error.status_code in (404, 405):
        return _api_error(request, NotionError(400, "invalid_request_url", "Invalid request URL."))
    return _api_error(request, NotionError(error.status_code, "invalid_request", error.detail))


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    # Litestar alone answers 500 and leaves no trace.
    _log.error("the sandbox failed on %s %s", request.method, request.url.path, exc_info=error)
    return _api_error(request, NotionError(500, "internal_server_error", "Unexpected error occurred."))


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    NotionError: _api_error,
    TokenError: _token_error,
    HTTPException: _framework_error,
    Exception: _bug,
}
