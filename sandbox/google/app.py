"""Google's sign-in: OpenID Connect with the authorization code (OpenID Connect Core section 3.1)."""

from typing import Any, cast

from litestar import Litestar, Request, Response, get, post, route
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from sandbox.core.asgi import App
from sandbox.core.consent import ConsentRefused, posted_form, refusal_page
from sandbox.core.grants import TokenRules
from sandbox.core.knobs import Knobs
from sandbox.core.provider import Provider
from sandbox.core.world import World
from sandbox.google.control import OWN_CALLS
from sandbox.google.errors import BEARER, EXCEPTION_HANDLERS, GoogleError
from sandbox.google.id_token import changed
from sandbox.google.memory import GoogleMemory
from sandbox.google.sign_in import decide, read_sign_in, sign_in_page, silent_refusal
from sandbox.google.tokens import NOT_STORED, REVOKE_PATH, TOKEN_PATH, issue_tokens, issuer_of, revoke_token
from sandbox.settings import SandboxSettings

AUTHORIZE_PATH, USERINFO_PATH, JWKS_PATH = "/o/oauth2/v2/auth", "/v1/userinfo", "/oauth2/v3/certs"
CACHED = {"Cache-Control": "public, max-age=3600"}

Call = Request[Any, Any, State]


def google(_: SandboxSettings) -> Provider:
    memory = GoogleMemory()
    return Provider(
        slug="google",
        title="Google",
        accent="#1a73e8",
        accounts=memory.people,
        kinds=(),
        knobs=Knobs(access_token_ttl_s=3600, refresh_reuse="allow"),
        app=lambda world: google_app(world, memory),
        code_ttl_s=600,
        token_rules=TokenRules(shared=True),
        memory=memory,
        own_calls=OWN_CALLS,
    )


def google_app(world: World, memory: GoogleMemory) -> App:
    def refused(_: Call, error: ConsentRefused) -> Response[str]:
        return refusal_page(world, str(error), title="Not signed in", heading="Nobody can be signed in")

    app = Litestar(
        [show_discovery, show_keys, show_people, take_decision, issue_tokens, show_userinfo, revoke_token],
        dependencies={
            "world": Provide(lambda: world, sync_to_thread=False),
            "memory": Provide(lambda: memory, sync_to_thread=False),
        },
        exception_handlers={ConsentRefused: refused, **EXCEPTION_HANDLERS},
        openapi_config=None,
        logging_config=None,
    )
    return cast("App", app)


@get("/.well-known/openid-configuration")
async def show_discovery(request: Call) -> Response[dict[str, Any]]:
    issuer = issuer_of(request)
    document = {
        "issuer": issuer,
        "authorization_endpoint": issuer + AUTHORIZE_PATH,
        "token_endpoint": issuer + TOKEN_PATH,
        "userinfo_endpoint": issuer + USERINFO_PATH,
        "revocation_endpoint": issuer + REVOKE_PATH,
        "jwks_uri": issuer + JWKS_PATH,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": [
            "aud", "email", "email_verified", "exp", "family_name", "given_name",
            "iat", "iss", "name", "picture", "sub",
        ],
        # Google takes `plain` too. Who sends that by mistake should find out here.
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
    }  # fmt: skip
    return Response(document, headers=CACHED)


@get(JWKS_PATH)
async def show_keys(memory: NamedDependency[GoogleMemory]) -> Response[dict[str, Any]]:
    return Response({"keys": [key.jwk() for key in memory.keys.published]}, headers=CACHED)


@get(AUTHORIZE_PATH)
async def show_people(
    request: Call, world: NamedDependency[World], memory: NamedDependency[GoogleMemory]
) -> Response[Any]:
    sign_in = read_sign_in(request, world)
    return silent_refusal(sign_in) if sign_in.silent else sign_in_page(world, sign_in, memory.people)


@post(AUTHORIZE_PATH)
async def take_decision(
    request: Call, world: NamedDependency[World], memory: NamedDependency[GoogleMemory]
) -> Response[None]:
    return decide(world, read_sign_in(request, world), await posted_form(request), memory.people)


@route(USERINFO_PATH, http_method=["GET", "POST"], status_code=200)
async def show_userinfo(
    request: Call, world: NamedDependency[World], memory: NamedDependency[GoogleMemory]
) -> Response[dict[str, Any]]:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    access = world.grants.access(token) if scheme.lower() == "bearer" else None
    person = memory.people.get(access.grant.account) if access and access.expires_at > world.now() else None
    if access is None or person is None:
        raise GoogleError("invalid_request", "Invalid Credentials", 401, BEARER)
    claims = changed(person.claims(access.grant.scopes), memory.userinfo_difference(token))
    return Response(claims, headers=NOT_STORED)
