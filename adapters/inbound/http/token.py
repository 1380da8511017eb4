"""What a browser gets when it has proven who it is for: an access token in the body, a refresh token as cookie."""

import msgspec
from litestar import Response

from adapters.inbound.http.accounts import User, user_shape
from adapters.inbound.http.cookies import Cookies
from application.open_session import OpenedSession
from application.show_account import ShowAccount


class Token(msgspec.Struct):
    access_token: str
    token_type: str
    expires_in: int
    user: User


async def token_response(opened: OpenedSession, show_account: ShowAccount, jar: Cookies) -> Response[Token]:
    token = Token(
        access_token=opened.access.token.reveal(),
        token_type="bearer",
        expires_in=opened.access.expires_in,
        user=user_shape(*await show_account(opened.user)),
    )
    return Response(token, cookies=[jar.refresh(opened.refresh)])
