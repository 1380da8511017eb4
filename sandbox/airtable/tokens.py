"""Airtable's token endpoint."""

import re
from typing import Any

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from sandbox.airtable.access import Call
from sandbox.airtable.errors import NOT_STORED, TokenError
from sandbox.core.basic import basic_credentials
from sandbox.core.consent import single_values
from sandbox.core.grants import GrantRefused, JustRefreshed, Tokens, VerifierWrong
from sandbox.core.provider import CLIENT_SECRET
from sandbox.core.world import World

REFRESH_TTL_S = 5_184_000
"""Told, not played: here an unused refresh token lives on."""
VERIFIER = re.compile(r"[A-Za-z0-9._-]{43,128}")
CODE_FIELDS = ("code", "redirect_uri", "code_verifier")


@post("/oauth2/v1/token", status_code=200)
async def issue_tokens(request: Call, world: NamedDependency[World]) -> Response[dict[str, Any]]:
    form = await _client_form(request, world)
    match form.get("grant_type"):
        case "authorization_code":
            tokens = _redeem(world, form)
        case "refresh_token":
            tokens = _renew(world, form)
        case None:
            raise TokenError("invalid_request", "grant_type is required")
        case _:
            raise TokenError("unsupported_grant_type", "grant_type must be authorization_code or refresh_token")
    answer = {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "token_type": "Bearer",
        "scope": " ".join(tokens.grant.scopes),
        "expires_in": tokens.expires_in,
        "refresh_expires_in": REFRESH_TTL_S,
    }
    return Response(answer, headers=NOT_STORED)


TOKEN_CALLS: list[ControllerRouterHandler] = [issue_tokens]


def _redeem(world: World, form: dict[str, str]) -> Tokens:
    """Uses the code up, also where the rest of the form is wrong. Raises TokenError."""
    code, redirect_uri, verifier = (form.get(name, "") for name in CODE_FIELDS)
    well_formed = VERIFIER.fullmatch(verifier) is not None
    try:
        return world.grants.redeem(
            code,
            client_id=world.provider.client_id,
            redirect_uri=redirect_uri,
            verifier=verifier if well_formed else None,
        )
    except GrantRefused as refused:
        if missing := [name for name in CODE_FIELDS if not form.get(name)]:
            raise TokenError("invalid_request", f"{missing[0]} is required") from refused
        if isinstance(refused, VerifierWrong) and not well_formed:
            allowed = "A-Z, a-z, 0-9, ., - and _"
            raise TokenError(
                "invalid_request", f"code_verifier must have 43 to 128 characters of {allowed}"
            ) from refused
        raise TokenError("invalid_grant", "The code, its redirect_uri or its code_verifier is wrong") from refused


def _renew(world: World, form: dict[str, str]) -> Tokens:
    """A narrower scope is allowed and not played: the answer says which scopes the token has. Raises TokenError."""
    token = form.get("refresh_token", "")
    if not token:
        raise TokenError("invalid_request", "refresh_token is required")
    grant = world.grants.by_refresh_token(token)
    if grant and set(form.get("scope", "").split()) - set(grant.scopes):
        raise TokenError("invalid_scope", "scope must name none that was not granted")
    try:
        return world.grants.renew(token, client_id=world.provider.client_id)
    except JustRefreshed as refused:
        raise TokenError("conflict", "The refresh token was refreshed a moment ago", 409) from refused
    except GrantRefused as refused:
        raise TokenError("invalid_grant", "The refresh token is unknown, used, expired or revoked") from refused


async def _client_form(request: Call, world: World) -> dict[str, str]:
    """The form of an authenticated client, id and secret by Basic alone. Raises TokenError."""
    if request.content_type[0] != "application/x-www-form-urlencoded":
        raise TokenError("invalid_request", "the body must be application/x-www-form-urlencoded")
    try:
        form = single_values((await request.body()).decode())
    except ValueError as error:
        raise TokenError("invalid_request", f"unreadable or doubled parameter: {error}") from error
    if basic_credentials(request.headers.get("authorization", "")) != (world.provider.client_id, CLIENT_SECRET):
        raise TokenError("invalid_client", "the client must say who it is, by HTTP Basic", 401)
    if "client_secret" in form:
        raise TokenError("invalid_request", "the client has two ways of saying who it is")
    if form.get("client_id", world.provider.client_id) != world.provider.client_id:
        raise TokenError("invalid_request", "client_id is another than that of the Authorization header")
    return form
