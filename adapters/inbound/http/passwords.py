"""/auth/forgot-password, /auth/reset-password, /auth/change-password."""

from typing import Any

from litestar import Request, Response, post
from litestar.params import JSONBody

from adapters.inbound.http.authentication import Asking
from adapters.inbound.http.body import ACCEPTED, Accepted, Body, EmailBody, MailToken, Use
from adapters.inbound.http.caller import caller_of
from adapters.inbound.http.cookies import Cookies
from adapters.inbound.http.errors import problems
from adapters.inbound.http.token import Token, token_response
from application.change_password import ChangePassword
from application.request_password_reset import RequestPasswordReset
from application.reset_password import ResetPassword
from application.show_account import ShowAccount
from domain.secret import Secret


class ResetPasswordBody(Body):
    token: MailToken
    new_password: str


class ChangePasswordBody(Body):
    current_password: str
    new_password: str


@post(
    "/auth/forgot-password",
    status_code=202,
    exclude_from_auth=True,
    security=[{}],
    responses=problems(400, 429, 503),
)
async def forgot_password(
    request: Request[Any, Any, Any],
    data: JSONBody[EmailBody],
    request_password_reset: Use[RequestPasswordReset],
) -> Accepted:
    """Mail a link that sets a new password, if the address has an account; the answer is always the same."""
    await request_password_reset(email=data.email, caller=caller_of(request))
    return ACCEPTED


@post(
    "/auth/reset-password",
    status_code=204,
    exclude_from_auth=True,
    security=[{}],
    responses=problems(400, 429, 503),
)
async def reset_password(
    request: Request[Any, Any, Any], data: JSONBody[ResetPasswordBody], reset_password: Use[ResetPassword]
) -> None:
    """Set a new password by the token of a mailed link. Every session ends."""
    await reset_password(token=Secret(data.token), new_password=Secret(data.new_password), caller=caller_of(request))


@post("/auth/change-password", status_code=200, responses=problems(400, 401, 429, 503))
async def change_password(
    request: Asking,
    data: JSONBody[ChangePasswordBody],
    change_password: Use[ChangePassword],
    show_account: Use[ShowAccount],
    jar: Use[Cookies],
) -> Response[Token]:
    """Set a new password. Every earlier session ends; this browser gets a new one."""
    opened = await change_password(
        request.user.user,
        current_password=Secret(data.current_password),
        new_password=Secret(data.new_password),
        caller=caller_of(request),
    )
    return await token_response(opened, show_account, jar)
