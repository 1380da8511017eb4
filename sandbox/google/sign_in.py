"""The page on which a person chooses who signs in, and what follows from it (OpenID Connect Core section 3.1.2)."""

import re
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from litestar import Request, Response
from litestar.datastructures import State

from sandbox.core.consent import Asked, ConsentRefused, question_page, read_asked, read_decision, sent_to, single_values
from sandbox.core.grants import s256
from sandbox.core.world import World
from sandbox.google.people import SCOPE_NAMES, People, Person

# https, or http on this machine; no bare IP address, no user, no fragment. Google knows each app's addresses one by
# one, a sandbox whose callers choose theirs by a setting cannot.
_REDIRECT_URI = re.compile(
    r"(http://(localhost|127\.0\.0\.1)|https://(?=[^/?:]*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)*)"
    r"(:\d{1,5})?"
    r'([/?][!"$-~]*)?'
)


@dataclass(frozen=True, slots=True)
class SignIn:
    asked: Asked
    nonce: str
    offline: bool
    """Whether a refresh token is given out."""
    silent: bool
    """No page may be shown."""
    hint: str
    """The address or the sub of who is expected to sign in."""


def read_sign_in(request: Request[Any, Any, State], world: World) -> SignIn:
    """Raises ConsentRefused."""
    query = request.scope["query_string"].decode("latin-1")
    asked = read_asked(world, query, may_lead_to=may_lead_to)
    given = single_values(query)
    if "response_type" not in given:
        raise ConsentRefused("The response_type must be code.")
    if "openid" not in asked.scopes:
        raise ConsentRefused("The scope must name openid.")
    if not given.get("nonce"):
        raise ConsentRefused("The nonce is missing.")
    prompts = given.get("prompt", "").split()
    return SignIn(
        replace(asked, scopes=tuple(SCOPE_NAMES.get(name, name) for name in asked.scopes)),
        nonce=given["nonce"],
        offline=given.get("access_type") == "offline" and "consent" in prompts,
        silent="none" in prompts,
        hint=given.get("login_hint", ""),
    )


def may_lead_to(_: World, redirect_uri: str) -> bool:
    return _REDIRECT_URI.fullmatch(redirect_uri) is not None


def sign_in_page(world: World, sign_in: SignIn, people: People) -> Response[str]:
    expected = people.find(sign_in.hint) or people.all[0]
    return question_page(
        world,
        sign_in.asked,
        title="Sign in",
        question=f"Sign in to <code>{escape(sign_in.asked.client_id)}</code>",
        choices=[(person.key, person.name, _beside(person)) for person in people.all],
        chosen=expected.key,
        details="",
        approve="Continue",
    )


def decide(world: World, sign_in: SignIn, form: str, people: People) -> Response[None]:
    """Raises ConsentRefused."""
    asked, chosen = sign_in.asked, read_decision(form)
    if chosen is None:
        return sent_to(asked.leads_to(error="access_denied"))
    person = people.find(chosen)
    if person is None:
        raise ConsentRefused("Choose one of the people.")
    code = world.grants.issue_code(
        client_id=asked.client_id,
        redirect_uri=asked.redirect_uri,
        account=person.key,
        scopes=list(asked.scopes),
        # Where no challenge came no verifier may come: Google refuses one, and who strips challenges gains nothing.
        challenge=asked.challenge or s256(""),
        note={"nonce": sign_in.nonce, "offline": "yes" if sign_in.offline else "no"},
    )
    extras = {"scope": " ".join(asked.scopes), "authuser": "0", "prompt": "consent" if sign_in.offline else "none"}
    return sent_to(asked.leads_to(code=code, **extras, **({"hd": person.hd} if person.hd else {})))


def silent_refusal(sign_in: SignIn) -> Response[None]:
    """Nobody is ever signed in here already, so that nothing goes without a page."""
    return sent_to(sign_in.asked.leads_to(error="interaction_required"))


def _beside(person: Person) -> str:
    return person.email if person.email_verified is True else f"{person.email} (not verified)"
