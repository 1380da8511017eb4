"""/auth/google: signing in at Google, or at whatever OpenID provider is configured in its place."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import JSONBody

from adapters.inbound.http.accounts import User, user_shape
from adapters.inbound.http.authentication import Asking, who_asks
from adapters.inbound.http.body import Body, BodyOptional, Use
from adapters.inbound.http.caller import caller_of
from adapters.inbound.http.cookies import Cookies
from adapters.inbound.http.cross_site import require_own_origin
from adapters.inbound.http.errors import problems
from adapters.inbound.http.token import Token, token_response
from application.authenticate import Authenticate
from application.finish_sign_in import FinishSignIn
from application.show_account import ShowAccount
from application.start_sign_in import StartSignIn
from application.unlink_identity import UnlinkIdentity
from domain.sign_in import SignInPurpose


class StartBody(Body):
    purpose: Literal["login", "link", "reauth"] = "login"
    next: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    """Where the person goes afterwards: a path of ours."""


class CallbackBody(Body):
    code: Annotated[str, msgspec.Meta(max_length=4096)]
    state: Annotated[str, msgspec.Meta(max_length=4096)]


class SignInStarted(msgspec.Struct):
    url: str
    flow_id: str
    expires_in: int


class SignedIn(msgspec.Struct):
    access_token: str
    token_type: str
    expires_in: int
    user: User
    next: str | None


async def _started(
    request: Request[Any, Any, Any],
    purpose: str,
    next_path: str | None,
    start_sign_in: StartSignIn,
    authenticate: Authenticate,
    jar: Cookies,
) -> Response[SignInStarted]:
    asking = await who_asks(request, authenticate) if purpose != SignInPurpose.LOGIN else None
    started = await start_sign_in(
        asking, purpose=SignInPurpose(purpose), next_path=next_path, caller=caller_of(request)
    )
    return Response(
        SignInStarted(started.url, started.flow, started.expires_in),
        cookies=[jar.flow(started.flow, started.cookie, started.expires_in)],
    )


@post(
    "/auth/google/url",
    status_code=200,
    exclude_from_auth=True,
    security=[{}, {"bearer": []}],
    operation_class=BodyOptional,
    responses=problems(400, 401, 409, 429, 503),
)
async def start_google(
    request: Request[Any, Any, Any],
    start_sign_in: Use[StartSignIn],
    authenticate: Use[Authenticate],
    jar: Use[Cookies],
    data: JSONBody[StartBody | None] = None,
) -> Response[SignInStarted]:
    """Where to sign in. To link it, or to show once more who one is, takes a token."""
    asked = data or StartBody()
    return await _started(request, asked.purpose, asked.next, start_sign_in, authenticate, jar)


@get("/auth/google/url", exclude_from_auth=True, security=[{}], responses=problems(409, 429, 503))
async def google_url(
    request: Request[Any, Any, Any],
    start_sign_in: Use[StartSignIn],
    authenticate: Use[Authenticate],
    jar: Use[Cookies],
) -> Response[SignInStarted]:
    """Where to sign in."""
    return await _started(request, SignInPurpose.LOGIN, None, start_sign_in, authenticate, jar)


@post(
    "/auth/google/callback",
    status_code=200,
    exclude_from_auth=True,
    security=[{}],
    responses=problems(400, 401, 403, 409, 503),
)
async def finish_google(
    request: Request[Any, Any, Any],
    data: JSONBody[CallbackBody],
    finish_sign_in: Use[FinishSignIn],
    show_account: Use[ShowAccount],
    jar: Use[Cookies],
) -> Response[SignedIn]:
    """The person is back, with what the address bar says. Proven by the cookie of the browser that started."""
    require_own_origin(request)
    finished = await finish_sign_in(
        state=data.state,
        code=data.code,
        flows=jar.flows(request),
        refresh=jar.presented(request),
        caller=caller_of(request),
    )
    opened = finished.opened
    body = SignedIn(
        access_token=opened.access.token.reveal(),
        token_type="bearer",
        expires_in=opened.access.expires_in,
        user=user_shape(*await show_account(opened.user)),
        next=finished.next,
    )
    return Response(body, cookies=[jar.refresh(opened.refresh), jar.no_flow(finished.flow)])


@delete("/auth/google/link", status_code=200, responses=problems(401, 403, 404, 409, 503))
async def unlink_google(
    request: Asking, unlink_identity: Use[UnlinkIdentity], show_account: Use[ShowAccount], jar: Use[Cookies]
) -> Response[Token]:
    """Take this way of signing in away. Every earlier session ends; this browser gets a new one."""
    return await token_response(await unlink_identity(request.user, caller_of(request)), show_account, jar)
