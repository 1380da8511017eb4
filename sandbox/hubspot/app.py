"""HubSpot: OAuth, account information and CRM objects, as of its versions v1, v3, 2026-03 and 2026-09."""

from typing import Any, NoReturn, cast

from litestar import Litestar, Request, Response, delete, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from sandbox.core.asgi import App
from sandbox.core.consent import (
    Asked,
    ConsentRefused,
    consent_page,
    decide,
    posted_form,
    read_asked,
    refusal_page,
    single_values,
)
from sandbox.core.grants import (
    Access,
    CodeUnknown,
    Grant,
    GrantRefused,
    Grants,
    RedirectUriDiffers,
    RefreshTokenUnknown,
    TokenRules,
    Tokens,
    VerifierWrong,
)
from sandbox.core.knobs import Knobs
from sandbox.core.provider import CLIENT_SECRET, Account, Provider
from sandbox.core.world import World
from sandbox.hubspot.errors import EXCEPTION_HANDLERS, HubSpotError, TokenError
from sandbox.hubspot.objects import OBJECT_CALLS, allowed_account
from sandbox.hubspot.records import kinds, read_record
from sandbox.settings import SandboxSettings

ACCOUNTS = (
    Account("acme", "Acme", "62515001", "7001", "owner@acme.example.com", "acme.example.com"),
    Account("globex", "Globex", "62515002", "7002", "owner@globex.example.com", "globex.example.com"),
)
APP_ID = 54321
AUTHORIZE_PATHS = ["/oauth/authorize", "/oauth/{account_id:str}/authorize"]
VERSIONS = ("2026-09", "2026-03", "v3")

Call = Request[Any, Any, State]


def hubspot(settings: SandboxSettings) -> Provider:
    return Provider(
        slug="hubspot",
        title="HubSpot",
        accent="#ff5c35",
        accounts=ACCOUNTS,
        kinds=kinds(settings.contacts, settings.seed),
        knobs=Knobs(access_token_ttl_s=1800, refresh_reuse="allow"),
        app=hubspot_app,
        read_record=read_record,
        token_rules=TokenRules(shared=True),
        example={"properties": {"email": "new.person@example.com", "firstname": "New", "lastname": "Person"}},
    )


def hubspot_app(world: World) -> App:
    app = Litestar(
        [
            show_consent, take_decision, issue_tokens, introspect, revoke_token,
            show_access_token, show_refresh_token, delete_refresh_token, show_account, *OBJECT_CALLS,
        ],
        dependencies={"world": Provide(lambda: world, sync_to_thread=False)},
        exception_handlers={ConsentRefused: lambda _, error: refusal_page(world, str(error)), **EXCEPTION_HANDLERS},
        openapi_config=None,
        logging_config=None,
    )  # fmt: skip
    return cast("App", app)


@get(AUTHORIZE_PATHS)
async def show_consent(request: Call, world: NamedDependency[World]) -> Response[str]:
    return consent_page(world, _asked(request, world), _choice(request))


@post(AUTHORIZE_PATHS)
async def take_decision(request: Call, world: NamedDependency[World]) -> Response[None]:
    asked = _asked(request, world)
    return decide(world, asked, await posted_form(request), _choice(request))


def _asked(request: Call, world: World) -> Asked:
    return read_asked(world, request.scope["query_string"].decode("latin-1"), scopes=("scope", "optional_scope"))


def _choice(request: Call) -> tuple[Account, ...]:
    """The accounts that a person may choose: all, or the one that the path pins."""
    pinned = request.path_params.get("account_id")
    choice = tuple(account for account in ACCOUNTS if pinned in (None, account.id))
    if not choice:
        raise ConsentRefused("You have no access to this account.")
    return choice


@post([f"/oauth/{version}/token" for version in (*VERSIONS, "v1")], status_code=200)
async def issue_tokens(request: Call, world: NamedDependency[World]) -> dict[str, Any]:
    form = await _client_form(request, world)
    grant_type = form.get("grant_type")
    if grant_type not in ("authorization_code", "refresh_token"):
        message = "grant_type must be authorization_code or refresh_token"
        raise TokenError("unsupported_grant_type", "BAD_GRANT_TYPE", message)
    try:
        tokens = _redeem(world.grants, form) if grant_type == "authorization_code" else _renew(world.grants, form)
    except GrantRefused as refused:
        _refuse(refused)
    account = _account(tokens.grant)
    return {
        "token_type": "bearer",
        "token_use": "access_token",
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "expires_in": tokens.expires_in,
        "hub_id": int(account.id),
        "user_id": int(account.user_id),
        "scopes": tokens.grant.scopes,
    }


def _redeem(grants: Grants, form: dict[str, str]) -> Tokens:
    return grants.redeem(
        form.get("code", ""),
        client_id=form["client_id"],
        redirect_uri=form.get("redirect_uri", ""),
        verifier=form.get("code_verifier"),
    )


def _renew(grants: Grants, form: dict[str, str]) -> Tokens:
    return grants.renew(form.get("refresh_token", ""), client_id=form["client_id"])


def _refuse(refused: GrantRefused) -> NoReturn:
    status, message = {
        CodeUnknown: ("BAD_AUTH_CODE", "missing or unknown auth code"),
        RedirectUriDiffers: ("BAD_REDIRECT_URI", "missing or invalid redirect uri"),
        VerifierWrong: ("BAD_CODE_VERIFIER", "missing or invalid code verifier"),
        RefreshTokenUnknown: ("BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked"),
    }[type(refused)]
    raise TokenError("invalid_grant", status, message) from refused


@post([f"/oauth/{version}/token/introspect" for version in VERSIONS], status_code=200)
async def introspect(request: Call, world: NamedDependency[World]) -> dict[str, Any]:
    """Without ``signed_access_token``, in which HubSpot repeats these facts under a signature."""
    token = (await _client_form(request, world)).get("token", "")
    access, grant = world.grants.access(token), world.grants.by_refresh_token(token)
    if access and access.expires_at > world.now():
        facts = {"token_use": "access_token", "token_type": "bearer", "is_private_distribution": False}
        facts |= {"active": True, "client_id": access.grant.client_id, "expires_in": _left(access, world)}
        return _token_facts(token, access.grant) | facts
    if grant:
        facts = {"active": True, "token_use": "refresh_token", "token_type": "refresh", "client_id": grant.client_id}
        return _token_facts(token, grant) | facts
    return {"active": False}


@post([f"/oauth/{version}/token/revoke" for version in VERSIONS], status_code=200)
async def revoke_token(request: Call, world: NamedDependency[World]) -> None:
    """Ends a refresh token's grant with its access tokens; an unknown token is no error (RFC 7009 section 2.2)."""
    token = (await _client_form(request, world)).get("token", "")
    if not world.grants.revoke_refresh_token(token, with_access_tokens=True):
        world.grants.revoke_access_token(token)


@get("/oauth/v1/access-tokens/{token:str}")
async def show_access_token(world: NamedDependency[World], token: FromPath[str]) -> dict[str, Any]:
    access = world.grants.access(token)
    if access is None or access.expires_at <= world.now():
        raise HubSpotError(404, "NOT_FOUND", "access token is invalid, expired or revoked")
    return _token_facts(token, access.grant) | {"token_type": "access", "expires_in": _left(access, world)}


@get("/oauth/v1/refresh-tokens/{token:str}")
async def show_refresh_token(world: NamedDependency[World], token: FromPath[str]) -> dict[str, Any]:
    grant = world.grants.by_refresh_token(token)
    if grant is None:
        raise HubSpotError(404, "NOT_FOUND", "refresh token is invalid, expired or revoked")
    return _token_facts(token, grant) | {"token_type": "refresh", "client_id": grant.client_id}


@delete("/oauth/v1/refresh-tokens/{token:str}")
async def delete_refresh_token(world: NamedDependency[World], token: FromPath[str]) -> None:
    """Access tokens that were issued with it stay valid until they expire, says the v1 specification."""
    if not world.grants.revoke_refresh_token(token, with_access_tokens=False):
        raise HubSpotError(404, "NOT_FOUND", "refresh token is invalid, expired or revoked")


@get([f"/account-info/{version}/details" for version in VERSIONS])
async def show_account(request: Call, world: NamedDependency[World]) -> Response[dict[str, Any]]:
    account, headers = allowed_account(request, world, "oauth")
    details = {
        "portalId": int(account.id),
        "accountType": "STANDARD",
        "timeZone": "US/Eastern",
        "companyCurrency": "USD",
        "additionalCurrencies": [],
        "utcOffset": "-05:00",
        "utcOffsetMilliseconds": -18_000_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }
    return Response(details, headers=headers)


async def _client_form(request: Call, world: World) -> dict[str, str]:
    """The form of an authenticated client, id and secret in the body. Raises TokenError, HubSpotError."""
    if request.content_type[0] != "application/x-www-form-urlencoded":
        raise HubSpotError(415, "VALIDATION_ERROR", "Content-Type must be application/x-www-form-urlencoded")
    try:
        form = single_values((await request.body()).decode())
    except ValueError as error:
        raise TokenError("invalid_request", "BAD_REQUEST", f"unreadable or doubled parameter: {error}") from error
    if form.get("client_id") != world.provider.client_id:
        raise TokenError("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id")
    if form.get("client_secret") != CLIENT_SECRET:
        raise TokenError("invalid_client", "BAD_CLIENT_SECRET", "missing or invalid client secret")
    return form


def _token_facts(token: str, grant: Grant) -> dict[str, Any]:
    account = _account(grant)
    return {
        "token": token,
        "app_id": APP_ID,
        "hub_id": int(account.id),
        "hub_domain": account.domain,
        "user_id": int(account.user_id),
        "user": account.user_email,
        "scopes": grant.scopes,
    }


def _left(access: Access, world: World) -> int:
    """Seconds that the token has left."""
    return int(access.expires_at - world.now())


def _account(grant: Grant) -> Account:
    return next(account for account in ACCOUNTS if account.slug == grant.account)
