"""Notion: OAuth without scopes, and the API of its versions 2022-06-28, 2025-09-03 and 2026-03-11."""

from typing import Any, cast

from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

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
from sandbox.core.grants import TokenRules
from sandbox.core.knobs import Knobs
from sandbox.core.provider import Account, Provider
from sandbox.core.world import World
from sandbox.notion.caller import read_caller
from sandbox.notion.errors import EXCEPTION_HANDLERS
from sandbox.notion.limits import ConnectionWindows
from sandbox.notion.oauth import introspect, issue_tokens, revoke_token
from sandbox.notion.objects import OBJECT_CALLS
from sandbox.notion.record_input import read_record
from sandbox.notion.records import kinds
from sandbox.settings import SandboxSettings

ACCOUNTS = (
    Account(
        "acme", "Acme", "ea9b8a5e-1d30-4a2b-8c3d-0000000000a1", "c0ffee00-1d30-4a2b-8c3d-0000000000b1",
        "owner@acme.example.com", "acme.example.com",
    ),
    Account(
        "globex", "Globex", "ea9b8a5e-1d30-4a2b-8c3d-0000000000a2", "c0ffee00-1d30-4a2b-8c3d-0000000000b2",
        "owner@globex.example.com", "globex.example.com",
    ),
)  # fmt: skip
AUTHORIZE_PATH = "/v1/oauth/authorize"
REQUIRED = {"response_type": "code", "owner": "user"}

MARK = (
    '<svg aria-hidden="true" width="34" height="34" viewBox="0 0 34 34" fill="none" stroke="#37352f" stroke-width="2">'
    '<path d="M7 3h14l7 7v21H7z" fill="#fff"/><path d="M21 3v7h7"/><path d="M12 16h11M12 21h11M12 26h7"/></svg>'
)
STYLE = """
body{background:#f1efe9}
.card{border:1px solid #37352f;border-left:10px double #37352f;border-radius:0;box-shadow:none}
.brand,h1,h2,legend{font-family:Georgia,"Times New Roman",serif}
.tag{background:#37352f;border-radius:0}
label,button{border-radius:0}
label:has(:checked){background:#f1efe9}
button[value=approve]{background:#37352f;border-color:#37352f}
"""

Call = Request[Any, Any, State]


def notion(settings: SandboxSettings) -> Provider:
    windows = ConnectionWindows()
    return Provider(
        slug="notion",
        title="Notion",
        accent="#37352f",
        accounts=ACCOUNTS,
        kinds=kinds(settings.seed),
        knobs=Knobs(access_token_ttl_s=3600, refresh_reuse="grace"),
        app=lambda world: notion_app(world, windows),
        read_record=read_record,
        token_rules=TokenRules(access_prefix="ntn_", refresh_prefix="nrt_"),
        example={"title": "A new page", "markdown": "# Plan\n\nOne line.\n"},
        mark=MARK,
        style=STYLE,
        memory=windows,
    )


def notion_app(world: World, windows: ConnectionWindows) -> App:
    app = Litestar(
        [show_consent, take_decision, issue_tokens, revoke_token, introspect, *OBJECT_CALLS],
        dependencies={
            "world": Provide(lambda: world, sync_to_thread=False),
            "windows": Provide(lambda: windows, sync_to_thread=False),
            "caller": Provide(read_caller),
        },
        exception_handlers={ConsentRefused: lambda _, error: refusal_page(world, str(error)), **EXCEPTION_HANDLERS},
        openapi_config=None,
        logging_config=None,
    )
    return cast("App", app)


@get(AUTHORIZE_PATH)
async def show_consent(request: Call, world: NamedDependency[World]) -> Response[str]:
    return consent_page(world, _asked(request, world), ACCOUNTS)


@post(AUTHORIZE_PATH)
async def take_decision(request: Call, world: NamedDependency[World]) -> Response[None]:
    return decide(world, _asked(request, world), await posted_form(request), ACCOUNTS)


def _asked(request: Call, world: World) -> Asked:
    """Raises ConsentRefused."""
    query = request.scope["query_string"].decode("latin-1")
    asked, given = read_asked(world, query, scopes=()), single_values(query)
    for name, value in REQUIRED.items():
        if given.get(name) != value:
            raise ConsentRefused(f"The {name} must be {value}.")
    return asked
