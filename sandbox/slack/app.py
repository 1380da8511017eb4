"""Slack: OAuth v2 with token rotation, and the part of its Web API that reads channels, messages and people."""

import re
from dataclasses import replace
from typing import Any, cast

from litestar import Litestar, Request, Response, get, post, route
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from sandbox.core.asgi import App
from sandbox.core.consent import (
    Asked,
    ConsentRefused,
    consent_page,
    posted_form,
    read_asked,
    read_decision,
    refusal_page,
    sent_to,
    single_values,
)
from sandbox.core.knobs import Knobs
from sandbox.core.provider import Account, Provider
from sandbox.core.world import World
from sandbox.settings import SandboxSettings
from sandbox.slack.calls import answer_call
from sandbox.slack.conversations import CONVERSATION_METHODS
from sandbox.slack.errors import EXCEPTION_HANDLERS
from sandbox.slack.input import SlackInput
from sandbox.slack.people import PEOPLE_METHODS
from sandbox.slack.records import OWNER_ID, kinds
from sandbox.slack.tokens import TOKEN_RULES, issue_code, issue_tokens

ACCOUNTS = (
    Account("acme", "Acme", "T0SBX000001", OWNER_ID, "owner@acme.example.com", "acme.example.com"),
    Account("globex", "Globex", "T0SBX000002", OWNER_ID, "owner@globex.example.com", "globex.example.com"),
)
AUTHORIZE_PATH = "/oauth/v2/authorize"
SCOPE = re.compile(r"[a-z]+([._:][a-z]+)*")
METHODS = CONVERSATION_METHODS | PEOPLE_METHODS

MARK = (
    '<svg viewBox="0 0 32 32" width="30" height="30" aria-hidden="true"><path fill="#611f69" d="M6 3h20a5 5 0 0 1 5 '
    '5v11a5 5 0 0 1-5 5H15l-8 6v-6H6a5 5 0 0 1-5-5V8a5 5 0 0 1 5-5z"/><path stroke="#fff" stroke-width="2.6" '
    'stroke-linecap="round" d="M8 10h16M8 17h9"/></svg>'
)
STYLE = (
    "body{background:#3b1740}"
    ".card{border:0;border-left:10px solid var(--accent);border-radius:4px 18px 18px 4px}"
    ".brand{font-size:1.3rem}"
    ".tag{background:#611f69}"
    "label:has(:checked){background:#f7eff8}"
    "button{border-radius:99px}"
    "button[value=approve]{background:#611f69;border-color:#611f69}"
)

HttpCall = Request[Any, Any, State]


def slack(settings: SandboxSettings) -> Provider:
    return Provider(
        slug="slack",
        title="Slack",
        accent="#611f69",
        accounts=ACCOUNTS,
        kinds=kinds(settings.seed),
        knobs=Knobs(access_token_ttl_s=43_200, refresh_reuse="grace"),
        app=slack_app,
        read_record=SlackInput().read_record,
        example={"name": "new-channel", "is_private": False},
        code_ttl_s=600,
        token_rules=TOKEN_RULES,
        mark=MARK,
        style=STYLE,
    )


def slack_app(world: World) -> App:
    app = Litestar(
        [show_consent, take_decision, issue_tokens, call_method],
        dependencies={"world": Provide(lambda: world, sync_to_thread=False)},
        exception_handlers={ConsentRefused: lambda _, error: refusal_page(world, str(error)), **EXCEPTION_HANDLERS},
        openapi_config=None,
        logging_config=None,
    )
    return cast("App", app)


@get(AUTHORIZE_PATH)
async def show_consent(request: HttpCall, world: NamedDependency[World]) -> Response[str]:
    return consent_page(world, _asked(request, world)[0], ACCOUNTS)


@post(AUTHORIZE_PATH)
async def take_decision(request: HttpCall, world: NamedDependency[World]) -> Response[None]:
    asked, scopes, user_scopes = _asked(request, world)
    chosen = read_decision(await posted_form(request))
    if chosen is None:
        return sent_to(asked.leads_to(error="access_denied"))
    if world.provider.account(chosen) is None:
        raise ConsentRefused("Choose one of the accounts.")
    return sent_to(asked.leads_to(code=issue_code(world, asked, chosen, scopes, user_scopes)))


@route("/api/{method:str}", http_method=["GET", "POST"], status_code=200)
async def call_method(
    request: HttpCall, world: NamedDependency[World], method: FromPath[str]
) -> Response[dict[str, Any]]:
    return await answer_call(request, world, method, METHODS)


def _asked(request: HttpCall, world: World) -> tuple[Asked, list[str], list[str]]:
    """What is asked for, and of that what for the bot and what for the person. Raises ConsentRefused."""
    query = request.scope["query_string"].decode("latin-1")
    asked = read_asked(world, query, scopes=())
    given = single_values(query)
    scopes, user_scopes = (
        [scope for scope in given.get(parameter, "").split(",") if scope] for parameter in ("scope", "user_scope")
    )
    if not scopes + user_scopes:
        raise ConsentRefused("The app asks for no scope.")
    if not all(SCOPE.fullmatch(scope) for scope in scopes + user_scopes):
        raise ConsentRefused("invalid_scope: these are no scopes of Slack, which are separated by commas.")
    return replace(asked, scopes=tuple(dict.fromkeys(scopes + user_scopes))), scopes, user_scopes
