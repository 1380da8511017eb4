"""Refusals on the wire: one table, class to status, and one shape (RFC 9457)."""

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec

from adapters.inbound.http.cross_site import CrossOrigin
from adapters.inbound.http.printable import printable
from domain import errors

PROBLEM_JSON = "application/problem+json"
_CLIENT_GONE = "client disconnected prematurely"
_log = structlog.get_logger("http")

STATUS: Mapping[type[errors.Refused], int] = {
    errors.InvalidInput: 400,
    errors.LinkInvalid: 400,
    errors.LimitReached: 429,
    errors.NotFound: 404,
    errors.CursorInvalid: 400,
    errors.QueryNotSupported: 400,
    errors.EmailTaken: 409,
    errors.EmailUnverified: 409,
    errors.LinkRequired: 409,
    errors.IdentityRefused: 400,
    errors.IdentityTaken: 409,
    errors.LastSignInMethod: 409,
    errors.ReauthenticationRequired: 403,
    errors.NotAuthenticated: 401,
    errors.AuthorizationRefused: 400,
    errors.WrongUser: 409,
    errors.AuthorizationEnded: 409,
    errors.ProviderAway: 503,
    errors.ProviderNotConfigured: 409,
    errors.NotConnected: 409,
    errors.ConnectionAmbiguous: 409,
    errors.NeedsReauth: 409,
    errors.Unavailable: 503,
    errors.Superseded: 409,
    CrossOrigin: 403,
}

TITLES: Mapping[str, str] = {
    "invalid_input": "Something in the request is not valid.",
    "password_common": "This password is one that attackers try first.",
    "wrong_password": "The password is wrong.",
    "link_invalid": "This link is not valid: it was used, has expired, or was replaced by a newer one.",
    "rate_limited": "Too many tries: wait a while.",
    "not_found": "There is no such thing, or it is not yours.",
    "cursor_invalid": "This cursor is not one of ours, or belongs to another query.",
    "query_not_supported": "This combination of filters is not supported.",
    "email_taken": "This address has an account already.",
    "email_unverified": "This address has not been verified where you signed in: register with a password instead.",
    "link_required": "This address has an account: log in to it, and link this way of signing in from its settings.",
    "identity_refused": "This sign-in was not accepted. Please try again.",
    "identity_taken": "This way of signing in opens another account.",
    "last_sign_in_method": "Set a password first: nothing else would open this account.",
    "reauthentication_required": "Log in again first: this needs a session of the last five minutes.",
    "authorization_unknown": "This attempt is not known: it was used already, or it took too long. Please try again.",
    "wrong_browser": "This attempt was started in another browser.",
    "wrong_user": "Somebody else is logged in here.",
    "not_authenticated": "A valid access token is needed.",
    "login_failed": "E-mail or password is wrong.",
    "session_ended": "This session has ended.",
    "provider_not_configured": "This provider has no client id and secret here.",
    "not_connected": "No account is connected.",
    "connection_ambiguous": "Several accounts are connected: name one by connection_id.",
    "needs_reauth": "The provider no longer accepts the grant: reconnect the account.",
    "storage_unavailable": "The storage cannot be reached.",
    "cache_unavailable": "The cache cannot be reached.",
    "overloaded": "Too much is going on.",
    "identity_provider_unavailable": "The place where you sign in cannot be reached.",
    "mailer_unavailable": "Mail cannot be sent.",
    "provider_unavailable": "The provider cannot be reached.",
    "provider_throttled": "The provider asks to wait.",
    "client_refused": "The provider does not accept this installation: its administrator must look at the client id.",
    "cross_origin": "This request comes from another site.",
    "unsupported_media_type": "The body must be JSON in UTF-8.",
    "method_not_allowed": "This address does not take that method.",
    "body_too_large": "The body is too large.",
    "internal_error": "Something went wrong here.",
}
_HTTP_CODES = {
    400: "invalid_input",
    401: "not_authenticated",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}


class FieldError(msgspec.Struct):
    field: str
    message: str


class Problem(msgspec.Struct, omit_defaults=True, kw_only=True):
    """RFC 9457, with a code that programs may rely on."""

    type: str = msgspec.field(name="type")
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldError] | None = None


def problem(code: str, status: int, *, request_id: str, detail: str = "", fields: Sequence[FieldError] = ()) -> Problem:
    title = TITLES.get(code, HTTPStatus(status).phrase)
    return Problem(
        type=f"urn:vectorshift:problem:{code}",
        title=title,
        status=status,
        detail=detail or title,
        code=code,
        request_id=request_id,
        errors=list(fields) or None,
    )


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """For an operation's description."""
    return {
        status: ResponseSpec(
            Problem, media_type=PROBLEM_JSON, generate_examples=False, description=HTTPStatus(status).phrase
        )
        for status in sorted(statuses)
    }


def status_of(error: errors.Refused, statuses: Mapping[type[errors.Refused], int] = STATUS) -> int:
    return next(statuses[base] for base in type(error).__mro__ if base in statuses)


def report(request: Request[Any, Any, Any], error: Exception) -> None:
    """Whoever runs the product should hear of a fault of ours."""
    _log.error("unhandled", path=printable(request.scope["path"]), exc_info=error)


def _respond(found: Problem, headers: Mapping[str, str]) -> Response[Problem]:
    return Response(found, status_code=found.status, media_type=PROBLEM_JSON, headers=dict(headers))


def _request_id(request: Request[Any, Any, Any]) -> str:
    return str(request.scope.get("request_id", ""))


def refused(request: Request[Any, Any, Any], error: errors.Refused) -> Response[Problem]:
    status = status_of(error)
    headers = {}
    if isinstance(error, errors.Unavailable | errors.LimitReached):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if isinstance(error, errors.Unavailable):
        _log.warning("unavailable", code=error.code, detail=error.detail)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    fields = [FieldError(error.field, error.detail)] if isinstance(error, errors.InvalidInput) else []
    # What an adapter says of its failure is for the log; a person is told what that means.
    detail = "" if isinstance(error, errors.Unavailable) else error.detail
    found = problem(error.code, status, request_id=_request_id(request), detail=detail, fields=fields)
    return _respond(found, headers)


def http_refused(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    status = error.status_code
    if error.detail == _CLIENT_GONE:
        # Litestar calls it a fault of ours; nobody will read this answer.
        return _respond(problem("invalid_input", 400, request_id=_request_id(request)), {})
    if status >= 500:
        return failed(request, error)
    fields = [
        FieldError(str(entry.get("key", "body")), str(entry.get("message", "")))
        for entry in (error.extra if isinstance(error.extra, list) else [])
        if isinstance(entry, dict)
    ]
    code = _HTTP_CODES.get(status, "refused")
    found = problem(code, status, request_id=_request_id(request), fields=fields)
    return _respond(found, error.headers or {})


def unreadable(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """A body too deep to be read, or not UTF-8."""
    del error
    return _respond(problem("invalid_input", 400, request_id=_request_id(request)), {})


def failed(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    report(request, error)
    return _respond(problem("internal_error", 500, request_id=_request_id(request)), {})


HANDLERS: dict[int | type[Exception], Any] = {
    errors.Refused: refused,
    HTTPException: http_refused,
    RecursionError: unreadable,
    UnicodeDecodeError: unreadable,
    Exception: failed,
}
