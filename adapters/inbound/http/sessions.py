"""/auth/token, /auth/refresh, /auth/logout, /auth/logout-all."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response, post
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from adapters.inbound.http.accounts import User, user_shape
from adapters.inbound.http.body import Body, Use
from adapters.inbound.http.cookies import Cookies
from adapters.inbound.http.cross_site import require_own_origin
from adapters.inbound.http.errors import problems
from application.log_in import LogIn
from application.log_out import LogOut
from application.log_out_everywhere import LogOutEverywhere
from application.open_session import OpenedSession
from application.renew_session import RenewSession
from application.show_account import ShowAccount
from domain.errors import InvalidInput, SessionEnded
from domain.secret import Secret

_FORM = "application/x-www-form-urlencoded"


class LoginBody(Body):
    email: Annotated[str, msgspec.Meta(max_length=320)]
    password: str


class Token(msgspec.Struct):
    access_token: str
    token_type: str
    expires_in: int
    user: User


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
    responses=problems(400, 401, 415, 503),
)
async def log_in(
    request: Request[Any, Any, Any], log_in: Use[LogIn], show_account: Use[ShowAccount], jar: Use[Cookies]
) -> Response[Token]:
    """Log in with JSON, or with the form of OAuth 2 (RFC 6749 section 4.3.2)."""
    body = await request.body()
    is_form = request.headers.get("content-type", "").lower().startswith(_FORM)
    credentials = _form(body) if is_form else _json(body)
    opened = await log_in(
        email=credentials.email,
        password=Secret(credentials.password),
        device=request.headers.get("user-agent", ""),
    )
    return await _token(opened, show_account, jar)


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


async def _token(opened: OpenedSession, show_account: ShowAccount, jar: Cookies) -> Response[Token]:
    token = Token(
        access_token=opened.access.token.reveal(),
        token_type="bearer",
        expires_in=opened.access.expires_in,
        user=user_shape(*await show_account(opened.user)),
    )
    return Response(token, cookies=[jar.refresh(opened.refresh)])


@post("/auth/refresh", status_code=200, exclude_from_auth=True, security=[{}], responses=problems(401, 403, 503))
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
    return await _token(await renew_session(presented), show_account, jar)


@post("/auth/logout", status_code=204, exclude_from_auth=True, security=[{}], responses=problems(403, 503))
async def log_out(request: Request[Any, Any, Any], log_out: Use[LogOut], jar: Use[Cookies]) -> Response[None]:
    """End this browser's session."""
    if presented := jar.presented(request):
        require_own_origin(request)
        await log_out(presented)
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
    await log_out_everywhere(presented)
    return Response(None, cookies=[jar.no_refresh()])
