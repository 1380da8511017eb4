"""Notion's OAuth endpoints: JSON bodies, and the client's id and secret by Basic alone."""

from typing import Any, NoReturn, TypeVar
from uuid import uuid4

from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from msgspec import Struct

from sandbox.core.basic import basic_credentials
from sandbox.core.grants import (
    CodeUnknown,
    Grant,
    GrantRefused,
    RedirectUriDiffers,
    RefreshTokenUnknown,
    Tokens,
    VerifierWrong,
)
from sandbox.core.json_input import InputUnreadable, read_json
from sandbox.core.provider import CLIENT_SECRET
from sandbox.core.world import World
from sandbox.notion.caller import bot_id, owner, read_version
from sandbox.notion.errors import TokenError

NOT_STORED = {"Cache-Control": "no-store"}

Call = Request[Any, Any, State]
T = TypeVar("T")


class TokenRequest(Struct):
    grant_type: str
    code: str = ""
    redirect_uri: str = ""
    code_verifier: str | None = None
    refresh_token: str = ""


class TokenNamed(Struct):
    token: str


@post("/v1/oauth/token", status_code=200)
async def issue_tokens(request: Call, world: NamedDependency[World]) -> Response[dict[str, Any]]:
    asked = await _asked(request, world, TokenRequest)
    try:
        tokens = _tokens(world, asked)
    except GrantRefused as refused:
        _refuse(refused)
    account = next(account for account in world.provider.accounts if account.slug == tokens.grant.account)
    return _answer(
        {
            "access_token": tokens.access_token,
            "token_type": "bearer",
            "refresh_token": tokens.refresh_token,
            "bot_id": bot_id(tokens.grant),
            "workspace_id": account.id,
            "workspace_name": account.title,
            "workspace_icon": None,
            "owner": {"type": "user", "user": owner(account)},
            "duplicated_template_id": None,
        }
    )


@post("/v1/oauth/revoke", status_code=200)
async def revoke_token(request: Call, world: NamedDependency[World]) -> Response[dict[str, Any]]:
    """Ends the grant with both its tokens, whichever is given; an unknown token is no error (RFC 7009 section 2.2)."""
    token = (await _asked(request, world, TokenNamed)).token
    access = world.grants.access(token)
    if access is not None:
        world.grants.revoke_grant(access.grant)
    else:
        world.grants.revoke_refresh_token(token, with_access_tokens=True)
    return _answer({})


@post("/v1/oauth/introspect", status_code=200)
async def introspect(request: Call, world: NamedDependency[World]) -> Response[dict[str, Any]]:
    token = (await _asked(request, world, TokenNamed)).token
    return _answer({"active": _grant(world, token) is not None})


def _grant(world: World, token: str) -> Grant | None:
    access = world.grants.access(token)
    if access is not None:
        return access.grant if access.expires_at > world.now() else None
    return world.grants.by_refresh_token(token)


def _tokens(world: World, asked: TokenRequest) -> Tokens:
    """Raises GrantRefused, TokenError."""
    client_id = world.provider.client_id
    match asked.grant_type:
        case "authorization_code":
            return world.grants.redeem(
                asked.code, client_id=client_id, redirect_uri=asked.redirect_uri, verifier=asked.code_verifier
            )
        case "refresh_token":
            return world.grants.renew(asked.refresh_token, client_id=client_id)
        case _:
            raise TokenError("unsupported_grant_type", f"Unsupported grant type: {asked.grant_type}.")


def _refuse(refused: GrantRefused) -> NoReturn:
    message = {
        CodeUnknown: "Invalid code.",
        RedirectUriDiffers: "Invalid redirect URI: not the one that the code was issued for.",
        VerifierWrong: "Invalid code verifier.",
        RefreshTokenUnknown: "Invalid refresh token.",
    }[type(refused)]
    raise TokenError("invalid_grant", message) from refused


async def _asked(request: Call, world: World, shape: type[T]) -> T:
    """The body of an authenticated client. Raises TokenError, NotionError."""
    _authenticate(request, world)
    # The guide's own example sends no version here, so that none is no error.
    read_version(request)
    if request.content_type[0] != "application/json":
        raise TokenError("invalid_request", "Content-Type should be application/json.")
    try:
        return read_json(await request.body(), shape)
    except InputUnreadable as error:
        raise TokenError("invalid_request", f"body failed validation: {error}.") from error


def _authenticate(request: Call, world: World) -> None:
    """Raises TokenError."""
    if basic_credentials(request.headers.get("authorization", "")) != (world.provider.client_id, CLIENT_SECRET):
        raise TokenError("invalid_client", "Client authentication failed.", 401)


def _answer(body: dict[str, Any]) -> Response[dict[str, Any]]:
    return Response(body | {"request_id": str(uuid4())}, headers=NOT_STORED)
