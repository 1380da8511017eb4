"""What every call of Slack's Web API goes through: token, scopes and rate limits."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response
from litestar.datastructures import State

from sandbox.core.grants import Access
from sandbox.core.provider import Account
from sandbox.core.records import Records
from sandbox.core.world import World
from sandbox.slack.arguments import Arguments, read_arguments
from sandbox.slack.errors import MissingScope, RateLimited, SlackError, refusal
from sandbox.slack.tokens import ACCESS_PREFIX

TIER_2, TIER_3, TIER_4 = 20, 50, 100
"""Calls per minute, method and account."""

_ISSUED_HERE = re.compile(re.escape(ACCESS_PREFIX) + "[A-Za-z0-9_-]{320}")


@dataclass(frozen=True, slots=True)
class Call:
    """A call by somebody whose token is good."""

    world: World
    account: Account
    token: str
    access: Access
    arguments: Arguments

    @property
    def scopes(self) -> list[str]:
        return self.access.grant.scopes

    def records(self, kind_name: str) -> Records:
        kind = next(kind for kind in self.world.provider.kinds if kind.name == kind_name)
        return self.world.records(self.account, kind)

    def require(self, *scopes: str) -> None:
        """All of them. Raises MissingScope."""
        missing = [scope for scope in scopes if scope not in self.scopes]
        if missing:
            raise MissingScope(missing, self.scopes)


@dataclass(frozen=True, slots=True)
class Method:
    answer: Callable[[Call], dict[str, Any]]
    """What it says beside ``ok``. Raises SlackError."""
    scopes: tuple[str, ...] = ()
    """One of them at least; none where any token will do."""
    calls_per_minute: int | None = None


async def answer_call(
    request: Request[Any, Any, State], world: World, name: str, methods: Mapping[str, Method]
) -> Response[dict[str, Any]]:
    """Raises SlackError for a caller who is unknown; those who are known are told their scopes in each answer."""
    method = methods.get(name)
    if method is None:
        raise SlackError("unknown_method")
    call = _authenticated(request, await read_arguments(request), world)
    headers = {"X-OAuth-Scopes": ",".join(call.scopes)}
    try:
        _admit(call, name, method)
        return Response({"ok": True, **method.answer(call)}, headers=headers)
    except SlackError as error:
        return refusal(error, headers)


def _authenticated(request: Request[Any, Any, State], arguments: Arguments, world: World) -> Call:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" else arguments.form.get("token", "")
    if not token:
        raise SlackError("not_authed")
    access = world.grants.access(token)
    if access is None:
        raise SlackError("token_revoked" if _ISSUED_HERE.fullmatch(token) else "invalid_auth")
    if access.expires_at <= world.now():
        raise SlackError("token_expired")
    account = next(account for account in world.provider.accounts if account.slug == access.grant.account)
    return Call(world, account, token, access, arguments)


def _admit(call: Call, name: str, method: Method) -> None:
    if method.calls_per_minute is not None and call.world.knobs.limits:
        window = call.world.window(name, calls=method.calls_per_minute, seconds=60)
        if window.take(call.account.slug, call.world.now()) is None:
            raise RateLimited
    if method.scopes and not set(method.scopes).intersection(call.scopes):
        raise MissingScope(method.scopes, call.scopes)
