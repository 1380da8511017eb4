"""Google as a further way into an account: added, shown once more, taken away."""

import asyncio

import httpx
import pytest

from tests.e2e.aging import age
from tests.e2e.claims import problem
from tests.e2e.conftest import NewPerson
from tests.e2e.google_client import Google
from tests.e2e.mailbox import Mailbox
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.signing_in import (
    LINK,
    URL,
    address,
    back,
    finish,
    is_in,
    me,
    refused,
    sign_in,
    somebody,
    token_calls,
    try_to_sign_in,
)

LINKED, UNLINKED = "A new way to sign in was added", "A way to sign in was removed"


@pytest.fixture
def google(product: Product) -> Google:
    google = Google(product.sandbox)
    google.control("POST", "/reset")
    return google


async def unlink(person: Person) -> httpx.Response:
    answer = await person.call("DELETE", LINK)
    if answer.status_code == 200:
        person.token = answer.json()["access_token"]
    return answer


async def test_linking_adds_a_way_in_ends_every_session_and_tells_the_owner(
    google: Google, person: Person, mailbox: Mailbox
) -> None:
    who, owner = somebody(google), person.email
    before, refresh = person.token, person.http.cookies["vs_refresh"]
    await person.log_in()
    other = person.token
    linked = await sign_in(person, who, "link")
    assert (linked["user"]["email"], linked["user"]["sign_in_methods"]) == (owner, ["password", "google"])
    assert [await is_in(person, token) for token in (before, other, linked["access_token"])] == [False, False, True]
    assert person.http.cookies["vs_refresh"] != refresh
    assert (await me(person))["email"] == owner
    assert (await sign_in(person, who))["user"]["id"] == linked["user"]["id"]
    await person.log_in()
    (mail,) = await mailbox.awaited(owner, LINKED)
    assert "http" not in mail.text.replace(person.product.public_url, "")
    assert mailbox.of(address(who)) == []


async def test_linking_again_is_harmless(google: Google, person: Person) -> None:
    who = somebody(google)
    first = await sign_in(person, who, "link")
    again = await sign_in(person, who, "link")
    assert first["user"]["id"] == again["user"]["id"]
    assert not await is_in(person, first["access_token"])


async def test_an_identity_opens_one_account(
    google: Google, product: Product, person: Person, new_person: NewPerson
) -> None:
    who, other = somebody(google), await new_person(product)
    await sign_in(person, who, "link")
    refused(await try_to_sign_in(other, who, "link"), 409, "identity_taken")
    assert await is_in(other)
    assert (await me(other))["sign_in_methods"] == ["password"]


async def test_of_two_who_link_one_identity_at_once_one_gets_it(
    google: Google, product: Product, person: Person, new_person: NewPerson
) -> None:
    for _ in range(3):
        who, rivals = somebody(google), [await new_person(product) for _ in range(4)]
        came = [await back(rival, who, "link") for rival in rivals]
        answers = await asyncio.gather(*map(finish, rivals, came))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200, 409, 409, 409]
        (winner,) = (answer.json()["user"]["id"] for answer in answers if answer.status_code == 200)
        assert (await sign_in(person, who))["user"]["id"] == winner


@pytest.mark.parametrize("purpose", ["link", "reauth"])
async def test_only_who_is_logged_in_links_or_proves_again(google: Google, person: Person, purpose: str) -> None:
    for bearer in ("", "nonsense", person.token[:-4]):
        answer = await person.call("POST", URL, json={"purpose": purpose}, bearer=bearer)
        problem(answer, 401, "not_authenticated")
        assert answer.headers.get_list("set-cookie") == []


async def test_linking_ends_with_the_session_that_began_it(
    google: Google, product: Product, person: Person, new_person: NewPerson
) -> None:
    who, other = somebody(google), await new_person(product)
    came = await back(person, who, "link")
    person.http.cookies.set("vs_refresh", other.http.cookies["vs_refresh"], domain="localhost.local", path="/")
    refused(await finish(person, came), 409, "wrong_user")
    await person.log_in()
    came = await back(person, who, "link")
    assert (await person.by_cookie("/auth/logout")).status_code == 204
    refused(await finish(person, came), 409, "session_ended")
    await person.log_in()
    came = await back(person, who, "link")
    await person.log_in()
    assert (await person.by_cookie("/auth/logout-all")).status_code == 204
    refused(await finish(person, came), 409, "session_ended")
    assert token_calls(google) == []
    await person.log_in()
    assert (await me(person))["sign_in_methods"] == ["password"]


async def test_proving_again_takes_the_same_identity(google: Google, stranger: Person) -> None:
    who, other = somebody(google), somebody(google)
    user = (await sign_in(stranger, who))["user"]
    before = stranger.token
    refused(await try_to_sign_in(stranger, other, "reauth"), 409, "wrong_user")
    assert await is_in(stranger, before)
    assert (await sign_in(stranger, who, "reauth"))["user"] == user
    assert [await is_in(stranger, token) for token in (before, stranger.token)] == [False, True]


async def test_unlinking_leaves_the_password_and_never_nothing(
    google: Google, person: Person, stranger: Person, mailbox: Mailbox
) -> None:
    who, owner = somebody(google), person.email
    problem(await unlink(person), 404, "not_found")
    await sign_in(person, who, "link")
    before = person.token
    answer = await unlink(person)
    assert answer.status_code == 200, answer.text
    assert answer.json()["user"]["sign_in_methods"] == ["password"]
    assert [await is_in(person, token) for token in (before, person.token)] == [False, True]
    await person.log_in()
    await mailbox.awaited(owner, UNLINKED)
    fresh = (await sign_in(stranger, who))["user"]
    assert (fresh["email"], fresh["id"] != (await me(person))["id"]) == (address(who), True)
    problem(await unlink(stranger), 409, "last_sign_in_method")
    assert (await sign_in(stranger, who))["user"]["id"] == fresh["id"]


async def test_linking_and_unlinking_take_a_session_of_the_last_minutes(google: Google, person: Person) -> None:
    who = somebody(google)
    came = await back(person, who, "link")
    await age(person)
    refused(await finish(person, came), 403, "reauthentication_required")
    assert (await me(person))["sign_in_methods"] == ["password"]
    await person.log_in()
    await sign_in(person, who, "link")
    await age(person)
    problem(await unlink(person), 403, "reauthentication_required")
    assert (await me(person))["sign_in_methods"] == ["password", "google"]
    await sign_in(person, who, "reauth")
    assert (await unlink(person)).status_code == 200
