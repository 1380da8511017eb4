"""What a person can read of it: each sign-in, link and proof leaves one event, done or refused."""

from typing import Any

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import NewPerson
from tests.e2e.google_client import Google
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.signing_in import LINK, back, finish, sign_in, somebody, try_to_sign_in
from tests.e2e.test_accounts_events import Told, awaited_events, events, told


@pytest.fixture
def google(product: Product) -> Google:
    google = Google(product.sandbox)
    google.control("POST", "/reset")
    return google


async def done(person: Person, who: str, purpose: str | None = None) -> httpx.Response:
    answer = await try_to_sign_in(person, who, purpose)
    assert answer.status_code == 200, answer.text
    person.token = answer.json()["access_token"]
    return answer


def read(found: list[dict[str, Any]]) -> list[Told]:
    return sorted((one["action"], one["outcome"], one["reason"] or "", one["request_id"]) for one in found)


def wanted(acts: list[Told]) -> list[Told]:
    return sorted((action, outcome, reason or "", request) for action, outcome, reason, request in acts)


async def test_each_act_leaves_one_event(google: Google, stranger: Person) -> None:
    who, other, acts = somebody(google), somebody(google), list[Told]()
    first = await done(stranger, who)
    acts += [told("register", first), told("login", first)]
    acts.append(told("login", await done(stranger, who)))
    acts.append(told("reauthentication", await done(stranger, who, "reauth")))
    acts.append(told("reauthentication", await try_to_sign_in(stranger, other, "reauth"), "wrong_user"))
    acts.append(told("identity_link", await done(stranger, other, "link")))
    google.control("POST", "/id_token", {"sign": "unknown", "times": 1})
    acts.append(told("identity_link", await try_to_sign_in(stranger, other, "link"), "identity_refused"))
    assert read(await awaited_events(stranger, len(acts))) == wanted(acts)


async def test_linking_and_unlinking_are_told(google: Google, person: Person) -> None:
    before = await events(person)
    acts = [told("identity_link", await done(person, somebody(google), "link"))]
    unlinked = await person.call("DELETE", LINK)
    acts.append(told("identity_unlink", unlinked))
    person.token = unlinked.json()["access_token"]
    found = await awaited_events(person, len(before) + 2)
    assert read(found[len(before) :]) == wanted(acts)


async def test_an_unlinking_that_was_refused_is_told_too(google: Google, stranger: Person) -> None:
    await sign_in(stranger, somebody(google))
    before = await events(stranger)
    refused = await stranger.call("DELETE", LINK)
    problem(refused, 409, "last_sign_in_method")
    found = await awaited_events(stranger, len(before) + 1)
    assert read(found[len(before) :]) == [("identity_unlink", "failure", "last_sign_in_method", told("", refused)[3])]


async def test_who_began_a_link_hears_of_the_browser_in_which_it_was_tried(
    google: Google, product: Product, person: Person, new_person: NewPerson
) -> None:
    victim, before = await new_person(product), await events(person)
    answer = await finish(victim, await back(person, somebody(google), "link"))
    problem(answer, 400, "wrong_browser")
    found = await awaited_events(person, len(before) + 1)
    assert read(found[len(before) :]) == [("identity_link", "failure", "wrong_browser", told("", answer)[3])]
    assert len(await events(victim)) == 2


async def test_what_opens_no_account_is_told_to_operators_alone(
    google: Google, product: Product, person: Person, stranger: Person
) -> None:
    before = await events(person)
    own = {"X-Request-Id": f"refused-{person.email.partition('@')[0]}"}
    came = await back(stranger, somebody(google, email=person.email))
    headers = own | {"Origin": product.public_url}
    problem(await finish(stranger, came, headers=headers), 409, "link_required")
    assert await events(person) == before
    lines = "".join(process.output() for process in product.apis).splitlines()
    (line,) = (line for line in lines if own["X-Request-Id"] in line and "action=login" in line)
    assert "outcome=failure" in line
    assert "reason=link_required" in line
    assert person.email not in line
