"""Who is asking: the access token alone says it (RFC 6750 section 2.1)."""

from collections.abc import Callable
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp

from application.authenticate import Authenticate
from application.ports.tokens import Bearer
from domain.errors import NotAuthenticated

Asking = Request[Bearer, None, State]
"""A request whose ``user`` is known."""


async def who_asks(connection: ASGIConnection[Any, Any, Any, Any], authenticate: Authenticate) -> Bearer:
    """Raises NotAuthenticated."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticated
    return await authenticate(token.strip())


class BearerAuthentication(AbstractAuthenticationMiddleware):
    """Every route but those with ``exclude_from_auth`` needs a token."""

    def __init__(self, app: ASGIApp, authenticate: Callable[[], Authenticate]) -> None:
        super().__init__(app)
        self._authenticate = authenticate

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        return AuthenticationResult(user=await who_asks(connection, self._authenticate()), auth=None)
