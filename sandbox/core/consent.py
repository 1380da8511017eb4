"""The consent page: a person at the provider, asked by our client (RFC 6749 section 4.1.1)."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from litestar import Request, Response
from litestar.datastructures import State

from sandbox.core.page import page
from sandbox.core.provider import Account
from sandbox.core.world import World


class ConsentRefused(Exception):
    """Shown to the person; the redirect URI is never used, since it may be anybody's."""


class ParameterDoubled(ValueError):
    """RFC 6749 section 3.1: request parameters must not be included more than once."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the client asks the person for."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str | None
    """PKCE, S256."""

    def leads_to(self, **answer: str) -> str:
        """The redirect URI with the answer and the client's state."""
        query = answer if self.state is None else answer | {"state": self.state}
        return f"{self.redirect_uri}{'&' if urlsplit(self.redirect_uri).query else '?'}{urlencode(query)}"


def single_values(encoded: str) -> dict[str, str]:
    """An URL-encoded query or form. Raises ParameterDoubled, or ValueError when it is not UTF-8."""
    pairs = parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=100)
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ParameterDoubled(", ".join(sorted({name for name, _ in pairs if [n for n, _ in pairs].count(name) > 1})))
    return values


def is_registered(world: World, redirect_uri: str) -> bool:
    patterns = (p.replace("{provider}", world.provider.slug) for p in world.settings.redirect_uris)
    return any(re.fullmatch(re.escape(p).replace(r"\*", r"\d{1,5}"), redirect_uri) for p in patterns)


def read_asked(
    world: World,
    query: str,
    *,
    scopes: Sequence[str] = ("scope",),
    separator: str = " ",
    may_lead_to: Callable[[World, str], bool] = is_registered,
) -> Asked:
    """``scopes`` are the parameters that name scopes, the first one required; none where the provider has no scopes.
    Raises ConsentRefused."""
    try:
        given = single_values(query)
    except ValueError as error:
        raise ConsentRefused(f"These parameters cannot be read: {error}.") from error
    if given.get("client_id") != world.provider.client_id:
        raise ConsentRefused("No app is known by this client_id.")
    redirect_uri = given.get("redirect_uri", "")
    if not may_lead_to(world, redirect_uri):
        raise ConsentRefused("The redirect_uri is not one that the app has registered.")
    if given.get("response_type", "code") != "code":
        raise ConsentRefused("The response_type must be code.")
    names = [name for parameter in scopes for name in given.get(parameter, "").split(separator) if name]
    if scopes and not given.get(scopes[0], "").strip(separator):
        raise ConsentRefused("The app asks for no scope.")
    challenge = given.get("code_challenge")
    if challenge is not None and given.get("code_challenge_method") != "S256":
        raise ConsentRefused("The code_challenge_method must be S256.")
    return Asked(given["client_id"], redirect_uri, tuple(dict.fromkeys(names)), given.get("state"), challenge)


def consent_page(world: World, asked: Asked, accounts: Sequence[Account]) -> Response[str]:
    scopes = "".join(f"<li><code>{escape(scope)}</code></li>" for scope in asked.scopes)
    return question_page(
        world,
        asked,
        title="Connect",
        question=f"Connect <code>{escape(asked.client_id)}</code> to your account",
        choices=[(account.slug, account.title, account.id) for account in accounts],
        chosen=accounts[0].slug,
        details=f'<h2>It asks for</h2><ul class="scopes">{scopes}</ul>' if scopes else "",
        approve="Approve",
    )


def question_page(
    world: World,
    asked: Asked,
    *,
    title: str,
    question: str,
    choices: Iterable[tuple[str, str, str]],
    chosen: str | None,
    details: str,
    approve: str,
) -> Response[str]:
    """``question`` and ``details`` are HTML; a choice is the ``account`` that its form posts, a name and what stands
    beside it; ``approve`` is what the button says."""
    options = "".join(
        f'<label><input type="radio" name="account" value="{escape(value)}"{" checked" if value == chosen else ""}>'
        f"{escape(name)}<small>{escape(beside)}</small></label>"
        for value, name, beside in choices
    )
    body = (
        f"{brand(world)}<h1>{question}</h1>"
        f'<p class="quiet">This plays {escape(world.provider.title)} on your own machine. '
        f"Nobody is asked for a password, and all data is made up.</p>"
        f'<form method="post"><fieldset><legend>Account</legend>{options}</fieldset>{details}'
        f'<div class="buttons"><button name="decision" value="approve">{approve}</button>'
        f'<button name="decision" value="deny">Deny</button></div></form>'
    )
    return page(
        title=f"{title} · {world.provider.title} sandbox",
        accent=world.provider.accent,
        body=f'<div class="card">{body}</div>',
        form_action=_form_action(asked.redirect_uri),
        rules=world.provider.style,
    )


def refusal_page(
    world: World, message: str, *, title: str = "Not connected", heading: str = "This connection cannot be made"
) -> Response[str]:
    body = f'<div class="card">{brand(world)}<h1>{heading}</h1><p>{escape(message)}</p></div>'
    return page(
        title=f"{title} · {world.provider.title} sandbox",
        accent=world.provider.accent,
        body=body,
        status=400,
        rules=world.provider.style,
    )


async def posted_form(request: Request[Any, Any, State]) -> str:
    """The form of the page that we showed. Raises ConsentRefused."""
    if request.headers.get("origin", own := str(request.base_url).rstrip("/")) != own:
        raise ConsentRefused("This form was posted by another site.")
    if request.content_type[0] != "application/x-www-form-urlencoded":
        raise ConsentRefused("Approve or deny with the form.")
    return (await request.body()).decode(errors="replace")


def read_decision(form: str) -> str | None:
    """The ``account`` for which the person approves, None for a denial. Raises ConsentRefused."""
    try:
        given = single_values(form)
    except ValueError as error:
        raise ConsentRefused(f"This form cannot be read: {error}.") from error
    match given.get("decision"):
        case "deny":
            return None
        case "approve":
            return given.get("account", "")
        case _:
            raise ConsentRefused("Approve or deny.")


def decide(world: World, asked: Asked, form: str, accounts: Sequence[Account]) -> Response[None]:
    """Send the person back with a code, or with a denial. Raises ConsentRefused."""
    chosen = read_decision(form)
    if chosen is None:
        return sent_to(asked.leads_to(error="access_denied", error_description="The user denied the request."))
    if chosen not in {account.slug for account in accounts}:
        raise ConsentRefused("Choose one of the accounts.")
    code = world.grants.issue_code(
        client_id=asked.client_id,
        redirect_uri=asked.redirect_uri,
        account=chosen,
        scopes=list(asked.scopes),
        challenge=asked.challenge,
    )
    return sent_to(asked.leads_to(code=code))


def sent_to(location: str) -> Response[None]:
    return Response(None, status_code=302, headers={"Location": location, "Cache-Control": "no-store"})


def brand(world: World) -> str:
    name = f"{escape(world.provider.title)} sandbox"
    mark = world.provider.mark or '<span class="dot"></span>'
    return f'<div class="brand">{mark}{name}<span class="tag">SANDBOX</span></div>'


def _form_action(redirect_uri: str) -> str:
    # Chromium holds form-action against every redirect that follows; the app may move a visit between loopback names.
    parts = urlsplit(redirect_uri)
    origins = {f"{parts.scheme}://{parts.netloc}"}
    if parts.hostname in ("localhost", "127.0.0.1"):
        port = f":{parts.port}" if parts.port else ""
        origins |= {f"{parts.scheme}://{name}{port}" for name in ("localhost", "127.0.0.1")}
    return " ".join(["'self'", *sorted(origins)])
