"""Google's token endpoint and its revocation (OpenID Connect Core section 3.1.3, RFC 7009)."""

from typing import Any, NoReturn

from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency

from sandbox.core.basic import basic_credentials
from sandbox.core.consent import single_values
from sandbox.core.grants import (
    CodeUnknown,
    GrantRefused,
    RedirectUriDiffers,
    RefreshTokenUnknown,
    Tokens,
    VerifierWrong,
)
from sandbox.core.provider import CLIENT_SECRET
from sandbox.core.world import World
from sandbox.google.errors import BASIC, GoogleError
from sandbox.google.id_token import ID_TOKEN_TTL_S, at_hash, id_token
from sandbox.google.memory import GoogleMemory

TOKEN_PATH, REVOKE_PATH = "/token", "/revoke"
NOT_STORED = {"Cache-Control": "no-store"}

Call = Request[Any, Any, State]


@post(TOKEN_PATH, status_code=200)
async def issue_tokens(
    request: Call, world: NamedDependency[World], memory: NamedDependency[GoogleMemory]
) -> Response[dict[str, Any]]:
    form = await _form(request)
    _authenticate(request, form, world)
    try:
        tokens = _tokens(world, form)
    except GrantRefused as refused:
        _refuse(refused)
    answer = {
        "access_token": tokens.access_token,
        "expires_in": tokens.expires_in,
        "scope": " ".join(tokens.grant.scopes),
        "token_type": "Bearer",
        "id_token": _id_token(request, world, memory, tokens),
    }
    if tokens.note.get("offline") == "yes":
        answer["refresh_token"] = tokens.refresh_token
    return Response(answer, headers=NOT_STORED)


@post(REVOKE_PATH, status_code=200)
async def revoke_token(request: Call, world: NamedDependency[World]) -> dict[str, Any]:
    """Ends all that the person granted, whichever of the tokens is given; the client need not say who it is."""
    token = (await _form(request)).get("token", "")
    access, grants = world.grants.access(token), world.grants
    grant = access.grant if access and access.expires_at > world.now() else grants.by_refresh_token(token)
    if grant is None:
        raise GoogleError("invalid_token", "Token expired or revoked")
    grants.revoke_grant(grant)
    return {}


def issuer_of(request: Call) -> str:
    """The address of the folder, by the name that the caller uses for this machine."""
    return f"{str(request.base_url).rstrip('/')}/google"


async def _form(request: Call) -> dict[str, str]:
    """Raises GoogleError."""
    if request.content_type[0] != "application/x-www-form-urlencoded":
        raise GoogleError("invalid_request", "The body must be application/x-www-form-urlencoded.")
    try:
        return single_values((await request.body()).decode())
    except ValueError as error:
        raise GoogleError("invalid_request", f"Unreadable or doubled parameter: {error}") from error


def _authenticate(request: Call, form: dict[str, str], world: World) -> None:
    """By the form or by Basic, not by both (RFC 6749 section 2.3). Raises GoogleError."""
    basic = basic_credentials(request.headers.get("authorization", ""))
    if basic and "client_secret" in form:
        raise GoogleError("invalid_request", "The client has two ways of saying who it is.")
    client_id, secret = basic or (form.get("client_id"), form.get("client_secret"))
    headers = BASIC if basic else None
    if client_id != world.provider.client_id or form.get("client_id", client_id) != client_id:
        raise GoogleError("invalid_client", "The OAuth client was not found.", 401, headers)
    if secret != CLIENT_SECRET:
        raise GoogleError("invalid_client", "Unauthorized", 401, headers)


def _tokens(world: World, form: dict[str, str]) -> Tokens:
    """Raises GrantRefused, GoogleError."""
    client_id, grant_type = world.provider.client_id, form.get("grant_type", "")
    match grant_type:
        case "authorization_code":
            code, redirect_uri, verifier = (form.get(name, "") for name in ("code", "redirect_uri", "code_verifier"))
            return world.grants.redeem(code, client_id=client_id, redirect_uri=redirect_uri, verifier=verifier)
        case "refresh_token":
            return world.grants.renew(form.get("refresh_token", ""), client_id=client_id)
        case _:
            raise GoogleError("unsupported_grant_type", f"Invalid grant_type: {grant_type}")


def _refuse(refused: GrantRefused) -> NoReturn:
    error, description = {
        CodeUnknown: ("invalid_grant", "Bad Request"),
        RedirectUriDiffers: ("redirect_uri_mismatch", "Bad Request"),
        VerifierWrong: ("invalid_grant", "Invalid code verifier."),
        RefreshTokenUnknown: ("invalid_grant", "Token has been expired or revoked."),
    }[type(refused)]
    raise GoogleError(error, description) from refused


def _id_token(request: Call, world: World, memory: GoogleMemory, tokens: Tokens) -> str:
    """Raises GoogleError."""
    person = memory.people.get(tokens.grant.account)
    if person is None:
        raise GoogleError("invalid_grant", "Account has been deleted")
    now, client_id = int(world.now()), world.provider.client_id
    claims = {
        "iss": issuer_of(request),
        "azp": client_id,
        "aud": client_id,
        **person.claims(tokens.grant.scopes),
        "at_hash": at_hash(tokens.access_token),
        **({"nonce": tokens.note["nonce"]} if "nonce" in tokens.note else {}),
        "iat": now,
        "exp": now + ID_TOKEN_TTL_S,
    }
    difference = memory.take_difference()
    memory.remember_userinfo(tokens.access_token, difference.userinfo)
    return id_token(claims, memory.keys, difference)
