"""/auth/token, /auth/refresh, /auth/logout, /auth/logout-all, /auth/sessions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath

from adapters.inbound.http.authentication import Asking
from adapters.inbound.http.body import Body, Email, Use
from adapters.inbound.http.caller import caller_of
from adapters.inbound.http.cookies import Cookies
from adapters.inbound.http.cross_site import require_own_origin
from adapters.inbound.http.errors import problems
from adapters.inbound.http.token import Token, token_response
from application.list_sessions import ListSessions
from application.log_in import LogIn
from application.log_out import LogOut
from application.log_out_everywhere import LogOutEverywhere
from application.renew_session import RenewSession
from application.revoke_session import RevokeSession
from application.show_account import ShowAccount
from domain.errors import InvalidInput, SessionEnded
from domain.ids import SessionId
from domain.secret import Secret

_FORM = "application/x-www-form-urlencoded"


class LoginBody(Body):
    email: Email
    password: str


def _text_fields(*names: str) -> OpenAPIMediaType:
    properties = {name: Schema(type=OpenAPIType.STRING) for name in names}
    return OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT, properties=dict(properties), required=list(names)))


@dataclass
class LoginOperation(Operation):
    """Describes the two bodies that the route takes."""

    def __post_init__(self) -> None:
        content = {"application/json": _text_fields("email", "password"), _FORM: _text_fields("username", "password")}
        self.request_body = RequestBody(content=content, required=True)


@post(
    "/auth/token",
    status_code=200,
    exclude_from_auth=True,
    security=[{}],
    operation_class=LoginOperation,
    responses=problems(400, 401, 415, 429, 503),
)
async def log_in(
    request: Request[Any, Any, Any], log_in: Use[LogIn], show_account: Use[ShowAccount], jar: Use[Cookies]
) -> Response[Token]:
    """Log in with JSON, or with the form of OAuth 2 (RFC 6749 section 4.3.2)."""
    body = await request.body()
    is_form = request.headers.get("content-type", "").lower().startswith(_FORM)
    credentials = _form(body) if is_form else _json(body)
    opened = await log_in(email=credentials.email, password=Secret(credentials.password), caller=caller_of(request))
    return await token_response(opened, show_account, jar)


def _json(body: bytes) -> LoginBody:
    try:
        return msgspec.json.decode(body, type=LoginBody)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput("body", "Give email and password.") from error


def _form(body: bytes) -> LoginBody:
    try:
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20, errors="strict"))
        return msgspec.convert({"email": fields["username"], "password": fields["password"]}, LoginBody)
    except (msgspec.MsgspecError, ValueError, KeyError) as error:
        raise InvalidInput("body", "Give username and password.") from error


@post("/auth/refresh", status_code=200, exclude_from_auth=True, security=[{}], responses=problems(401, 403, 429, 503))
async def refresh(
    request: Request[Any, Any, Any],
    renew_session: Use[RenewSession],
    show_account: Use[ShowAccount],
    jar: Use[Cookies],
) -> Response[Token]:
    """A new access token for the refresh cookie, which changes too."""
    presented = jar.presented(request)
    if presented is None:
        raise SessionEnded
    require_own_origin(request)
    return await token_response(await renew_session(presented, caller_of(request)), show_account, jar)


@post("/auth/logout", status_code=204, exclude_from_auth=True, security=[{}], responses=problems(403, 503))
async def log_out(request: Request[Any, Any, Any], log_out: Use[LogOut], jar: Use[Cookies]) -> Response[None]:
    """End this browser's session."""
    if presented := jar.presented(request):
        require_own_origin(request)
        await log_out(presented, caller_of(request))
    return Response(None, cookies=[jar.no_refresh()])


@post("/auth/logout-all", status_code=204, exclude_from_auth=True, security=[{}], responses=problems(401, 403, 503))
async def log_out_everywhere(
    request: Request[Any, Any, Any], log_out_everywhere: Use[LogOutEverywhere], jar: Use[Cookies]
) -> Response[None]:
    """End all sessions of this browser's user."""
    presented = jar.presented(request)
    if presented is None:
        raise SessionEnded
    require_own_origin(request)
    await log_out_everywhere(presented, caller_of(request))
    return Response(None, cookies=[jar.no_refresh()])


class Session(msgspec.Struct):
    id: str
    device: str
    created_at: datetime
    last_seen_at: datetime
    current: bool


class SessionList(msgspec.Struct):
    items: list[Session]
    next_cursor: str | None = None


@get("/auth/sessions", responses=problems(401, 503))
async def all_sessions(request: Asking, list_sessions: Use[ListSessions]) -> SessionList:
    """Where one is logged in, the last used first."""
    return SessionList(
        [
            Session(one.id, one.device, one.created_at, one.renewed_at, current=one.id == request.user.session)
            for one in await list_sessions(request.user.user)
        ]
    )


@delete("/auth/sessions/{session_id:str}", status_code=204, responses=problems(400, 401, 404, 503))
async def end_session(request: Asking, session_id: FromPath[str], revoke_session: Use[RevokeSession]) -> None:
    """Log one device out."""
    await revoke_session(request.user.user, SessionId(session_id), caller_of(request))
