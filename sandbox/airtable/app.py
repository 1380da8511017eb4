"""Airtable: OAuth, bases with their tables, and records, as of its Web API v0."""

from typing import cast

from litestar import Litestar, Response, get, post
from litestar.di import NamedDependency, Provide

from sandbox.airtable.access import Call, address_query
from sandbox.airtable.api import API_CALLS
from sandbox.airtable.consent import SentBack, read_request, send_back
from sandbox.airtable.errors import EXCEPTION_HANDLERS
from sandbox.airtable.memory import AirtableMemory
from sandbox.airtable.records import kinds, read_record
from sandbox.airtable.tokens import TOKEN_CALLS
from sandbox.core.asgi import App
from sandbox.core.consent import ConsentRefused, consent_page, decide, posted_form, refusal_page
from sandbox.core.grants import TokenRules
from sandbox.core.knobs import Knobs
from sandbox.core.provider import Account, Provider
from sandbox.core.world import World
from sandbox.settings import SandboxSettings

ACCOUNTS = (
    Account("acme", "Acme", "usrAcme0000000001", "usrAcme0000000001", "owner@acme.example.com", "acme.example.com"),
    Account(
        "globex", "Globex", "usrGlobex00000001", "usrGlobex00000001", "owner@globex.example.com", "globex.example.com"
    ),
)
AUTHORIZE_PATH = "/oauth2/v1/authorize"
CONFLICT_S = 3
"""Airtable says 409 to a refresh token that was refreshed a moment ago; not how long a moment is."""
MARK = (
    '<svg width="34" height="34" viewBox="0 0 34 34" aria-hidden="true">'
    '<rect x="1" y="1" width="32" height="32" rx="3" fill="#fff" stroke="#0b7a6f" stroke-width="2"/>'
    '<path d="M1 11h32v-7a3 3 0 0 0-3-3H4a3 3 0 0 0-3 3z" fill="#0b7a6f"/>'
    '<path d="M1 22h32M12 11v22M23 11v22" stroke="#0b7a6f" stroke-width="2"/>'
    '<path d="M13 12h9v9h-9z" fill="#ffc53d"/></svg>'
)
# A sheet of cells, square and lined, with a heading row.
STYLE = (
    "body{background:linear-gradient(#cfe3df 1px,transparent 1px) 0 0/8rem 2.5rem,"
    "linear-gradient(90deg,#cfe3df 1px,transparent 1px) 0 0/8rem 2.5rem,#eef6f4}"
    ".card{border-radius:0;border:2px solid var(--accent);padding-top:0;box-shadow:none}"
    ".brand{margin:0 -1.75rem 1.25rem;padding:.9rem 1.75rem;background:#d9efeb;border-bottom:2px solid var(--accent)}"
    "label{position:relative;border-radius:0;margin-bottom:-1px}label:has(:checked){z-index:1;background:#fff6dc}"
    "button{border-radius:3px}button[value=approve]{background:var(--accent);border-color:var(--accent)}"
    # The outline in the colour of the button would be one with it.
    "button:focus-visible{outline-color:#1f2d3d}"
)


def airtable(settings: SandboxSettings) -> Provider:
    memory = AirtableMemory()
    return Provider(
        slug="airtable",
        title="Airtable",
        accent="#0b7a6f",
        accounts=ACCOUNTS,
        kinds=kinds(settings.seed),
        knobs=Knobs(access_token_ttl_s=3600, refresh_reuse="revoke_family"),
        app=lambda world: airtable_app(world, memory),
        read_record=read_record,
        example={"name": "New base"},
        code_ttl_s=600,
        token_rules=TokenRules(access_prefix="oaa", refresh_prefix="oar", live_access=1, conflict_s=CONFLICT_S),
        mark=MARK,
        style=STYLE,
        memory=memory,
    )


def airtable_app(world: World, memory: AirtableMemory) -> App:
    app = Litestar(
        [show_consent, take_decision, *TOKEN_CALLS, *API_CALLS],
        dependencies={
            "world": Provide(lambda: world, sync_to_thread=False),
            "memory": Provide(lambda: memory, sync_to_thread=False),
        },
        exception_handlers={
            ConsentRefused: lambda _, error: refusal_page(world, str(error)),
            SentBack: send_back,
            **EXCEPTION_HANDLERS,
        },
        openapi_config=None,
        logging_config=None,
    )
    return cast("App", app)


@get(AUTHORIZE_PATH)
async def show_consent(request: Call, world: NamedDependency[World]) -> Response[str]:
    return consent_page(world, read_request(world, address_query(request)), ACCOUNTS)


@post(AUTHORIZE_PATH)
async def take_decision(request: Call, world: NamedDependency[World]) -> Response[None]:
    asked = read_request(world, address_query(request))
    return decide(world, asked, await posted_form(request), ACCOUNTS)
