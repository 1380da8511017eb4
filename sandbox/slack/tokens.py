"""Slack's token endpoint, with token rotation on (docs.slack.dev, installing with OAuth and using token rotation)."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NoReturn

from litestar import Request, Response, route
from litestar.datastructures import State
from litestar.di import NamedDependency

from sandbox.core.basic import basic_credentials
from sandbox.core.consent import Asked
from sandbox.core.grants import (
    CodeUnknown,
    Grant,
    GrantRefused,
    RedirectUriDiffers,
    RefreshTokenUnknown,
    TokenRules,
    Tokens,
    VerifierWrong,
)
from sandbox.core.provider import CLIENT_SECRET, Account
from sandbox.core.world import World
from sandbox.slack.arguments import read_arguments
from sandbox.slack.errors import SlackError
from sandbox.slack.records import BOT_USER_ID

ACCESS_PREFIX, REFRESH_PREFIX = "xoxe.xoxb-1-", "xoxe-1-"
TOKEN_RULES = TokenRules(ACCESS_PREFIX, REFRESH_PREFIX, live_access=2, shared=True, scopes_add_up=True)
APP_ID = "A0SBX000001"
USER_HELD = "/user"

TokenType = Literal["bot", "user"]


def holder(world: World, token_type: TokenType) -> str:
    """The client in whose name the grant is kept. What people allow for themselves is no part of what the bot may do,
    while everything that one client has in one account is one shared grant."""
    return world.provider.client_id + ("" if token_type == "bot" else USER_HELD)


def token_type_of(grant: Grant) -> TokenType:
    return "user" if grant.client_id.endswith(USER_HELD) else "bot"


def issue_code(world: World, asked: Asked, account: str, scopes: Sequence[str], user_scopes: Sequence[str]) -> str:
    """It says which of the two grants it opens; the second one of two is its note."""
    opens: TokenType = "bot" if scopes else "user"
    code = world.grants.issue_code(
        client_id=holder(world, opens),
        redirect_uri=asked.redirect_uri,
        account=account,
        scopes=list(scopes or user_scopes),
        challenge=asked.challenge,
        note={"user_scope": ",".join(user_scopes)} if scopes and user_scopes else {},
    )
    return f"{opens}.{code}"


@route("/api/oauth.v2.access", http_method=["GET", "POST"], status_code=200)
async def issue_tokens(request: Request[Any, Any, State], world: NamedDependency[World]) -> Response[dict[str, Any]]:
    form = (await read_arguments(request)).form
    _authenticate(request, form, world)
    try:
        match form.get("grant_type", "authorization_code"):
            case "authorization_code":
                answer = _installed(world, form)
            case "refresh_token":
                answer = _renewed(world, form.get("refresh_token", ""))
            case _:
                raise SlackError("invalid_grant_type")
    except GrantRefused as refused:
        _refuse(refused)
    return Response(answer, headers={"Cache-Control": "no-store"})


def check_client(world: World, client_id: str | None, secret: str | None) -> None:
    """Raises SlackError."""
    if client_id != world.provider.client_id:
        raise SlackError("invalid_client_id")
    if secret != CLIENT_SECRET:
        raise SlackError("bad_client_secret")


def _authenticate(request: Request[Any, Any, State], form: Mapping[str, str], world: World) -> None:
    """By Basic or by the form. Raises SlackError."""
    client_id, secret = form.get("client_id"), form.get("client_secret")
    if basic := basic_credentials(request.headers.get("authorization", "")):
        basic_id, secret = basic
        if client_id not in (None, basic_id):
            raise SlackError("invalid_client_id")
        client_id = basic_id
    check_client(world, client_id, secret)


def _installed(world: World, form: Mapping[str, str]) -> dict[str, Any]:
    """Raises GrantRefused."""
    opens, _, code = form.get("code", "").partition(".")
    tokens = world.grants.redeem(
        code,
        client_id=holder(world, "user" if opens == "user" else "bot"),
        redirect_uri=form.get("redirect_uri", ""),
        verifier=form.get("code_verifier"),
    )
    account = _account(world, tokens)
    bot, user = (None, tokens) if opens == "user" else (tokens, _users_own(world, tokens))
    authed_user = {"id": account.user_id, **(_shown(user) if user else {})}
    return {"ok": True, **(_shown(bot) if bot else {}), **_place(account), "authed_user": authed_user}


def _users_own(world: World, tokens: Tokens) -> Tokens | None:
    """What the person allowed for themselves beside the bot."""
    if "user_scope" not in tokens.note:
        return None
    client_id = holder(world, "user")
    code = world.grants.issue_code(
        client_id=client_id,
        redirect_uri="",
        account=tokens.grant.account,
        scopes=tokens.note["user_scope"].split(","),
        challenge=None,
    )
    return world.grants.redeem(code, client_id=client_id, redirect_uri="", verifier=None)


def _renewed(world: World, refresh_token: str) -> dict[str, Any]:
    """At the top level, whosever it is. Raises RefreshTokenUnknown."""
    try:
        tokens = world.grants.renew(refresh_token, client_id=holder(world, "bot"))
    except RefreshTokenUnknown:
        tokens = world.grants.renew(refresh_token, client_id=holder(world, "user"))
    return {"ok": True, **_shown(tokens), **_place(_account(world, tokens))}


def _shown(tokens: Tokens) -> dict[str, Any]:
    token_type = token_type_of(tokens.grant)
    return {
        "access_token": tokens.access_token,
        "token_type": token_type,
        "scope": ",".join(tokens.grant.scopes),
        "refresh_token": tokens.refresh_token,
        "expires_in": tokens.expires_in,
        **({"bot_user_id": BOT_USER_ID} if token_type == "bot" else {}),
    }


def _place(account: Account) -> dict[str, Any]:
    return {
        "app_id": APP_ID,
        "team": {"id": account.id, "name": account.title},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _account(world: World, tokens: Tokens) -> Account:
    return next(account for account in world.provider.accounts if account.slug == tokens.grant.account)


def _refuse(refused: GrantRefused) -> NoReturn:
    error = {
        CodeUnknown: "invalid_code",
        RedirectUriDiffers: "bad_redirect_uri",
        VerifierWrong: "invalid_code",
        RefreshTokenUnknown: "invalid_refresh_token",
    }[type(refused)]
    raise SlackError(error) from refused
