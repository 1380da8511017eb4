"""/auth/verify-email and /auth/resend-verification."""

from typing import Any

from litestar import Request, Response, post
from litestar.params import JSONBody

from adapters.inbound.http.body import ACCEPTED, Accepted, Body, EmailBody, MailToken, Use
from adapters.inbound.http.caller import caller_of
from adapters.inbound.http.cookies import Cookies
from adapters.inbound.http.errors import problems
from adapters.inbound.http.token import Token, token_response
from application.resend_verification import ResendVerification
from application.show_account import ShowAccount
from application.verify_email import VerifyEmail
from domain.secret import Secret


class VerifyEmailBody(Body):
    token: MailToken
    password: str


@post(
    "/auth/verify-email",
    status_code=200,
    exclude_from_auth=True,
    security=[{}],
    responses=problems(400, 401, 429, 503),
)
async def verify_email(
    request: Request[Any, Any, Any],
    data: JSONBody[VerifyEmailBody],
    verify_email: Use[VerifyEmail],
    show_account: Use[ShowAccount],
    jar: Use[Cookies],
) -> Response[Token]:
    """Prove an address by the token of a mailed link and the password of that registration, and log in."""
    opened = await verify_email(token=Secret(data.token), password=Secret(data.password), caller=caller_of(request))
    return await token_response(opened, show_account, jar)


@post(
    "/auth/resend-verification",
    status_code=202,
    exclude_from_auth=True,
    security=[{}],
    responses=problems(400, 429, 503),
)
async def resend_verification(
    request: Request[Any, Any, Any],
    data: JSONBody[EmailBody],
    resend_verification: Use[ResendVerification],
) -> Accepted:
    """Mail a new link for a registration that waits for its proof; the answer is always the same."""
    await resend_verification(email=data.email, caller=caller_of(request))
    return ACCEPTED
