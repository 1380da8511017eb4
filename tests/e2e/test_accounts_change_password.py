"""A new password in place of the present one: whoever was logged in before no longer is."""

import asyncio

import httpx

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED, NewPerson
from tests.e2e.mailbox import CHANGED, RESET, Mailbox
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.e2e.test_accounts_reset import forgot, logs_in_with
from tests.e2e.test_sessions import refresh_token, refreshed_with, refused_everywhere

NEW = "another horse, another battery"


async def change(person: Person, new: str, current: str | None = None) -> httpx.Response:
    body = {"current_password": person.password if current is None else current, "new_password": new}
    return await person.call("POST", "/auth/change-password", json=body)


async def test_every_earlier_session_ends_and_a_new_one_begins(
    product: Product, person: Person, visitor: httpx.AsyncClient
) -> None:
    other = Person(product, visitor, person.email)
    await other.log_in()
    earlier = [(one, one.token, one.http.cookies["vs_refresh"]) for one in (person, other)]
    changed = await change(person, NEW)
    assert changed.status_code == 200, changed.text
    assert set(changed.json()) == {"access_token", "token_type", "expires_in", "user"}
    person.token, person.password = changed.json()["access_token"], NEW
    assert refresh_token(changed) != earlier[0][2]
    for one, token, refresh in earlier:
        await refused_everywhere(one, token)
        problem(await refreshed_with(one, refresh), 401, "session_ended")
    for url in product.urls:
        assert (await person.call("GET", "/auth/me", base=url)).status_code == 200
    assert (await person.by_cookie("/auth/refresh")).status_code == 200
    assert len((await person.get("/auth/sessions"))["items"]) == 1
    assert await logs_in_with(person, PASSWORD, NEW) == [NEW]


async def test_the_present_password_must_be_given(person: Person, mailbox: Mailbox) -> None:
    for wrong in (NEW, PASSWORD.upper(), f"{PASSWORD} ", "", "x" * 300):
        body = problem(await change(person, NEW, current=wrong), 400, "wrong_password")
        assert [entry["field"] for entry in body["errors"]] == ["current_password"]
    assert (await person.call("GET", "/auth/me")).status_code == 200
    assert (await person.by_cookie("/auth/refresh")).status_code == 200
    assert await logs_in_with(person, PASSWORD, NEW) == [PASSWORD]
    await forgot(person)
    await mailbox.settled(person.email, RESET)
    assert mailbox.of(person.email, CHANGED) == []


@EMBEDDED
async def test_nobody_who_is_not_logged_in_changes_a_password(person: Person) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW}
    for bearer in ("", person.http.cookies["vs_refresh"], "x"):
        answer = await person.call("POST", "/auth/change-password", json=body, bearer=bearer)
        problem(answer, 401, "not_authenticated")
    assert await logs_in_with(person, PASSWORD, NEW) == [PASSWORD]


@EMBEDDED
async def test_the_owner_is_told_once(person: Person, mailbox: Mailbox) -> None:
    person.token = (await change(person, NEW)).json()["access_token"]
    person.password = NEW
    (mail,) = await mailbox.awaited(person.email, CHANGED)
    assert NEW not in mail.text
    assert "token=" not in mail.text
    await forgot(person)
    await mailbox.settled(person.email, RESET)
    assert len(mailbox.of(person.email, CHANGED)) == 1


async def test_of_ten_changes_at_once_one_is_made(person: Person, mailbox: Mailbox) -> None:
    passwords = [f"{NEW} {number}" for number in range(10)]
    answers = await asyncio.gather(*(change(person, password) for password in passwords))
    changed = [(one, answer) for one, answer in zip(passwords, answers, strict=True) if answer.status_code == 200]
    for answer in answers:
        if answer.status_code != 200:
            # Either its session was over already, or the password was no longer the present one.
            assert problem(answer, answer.status_code)["code"] in ("not_authenticated", "wrong_password")
    ((password, answer),) = changed
    person.password = password
    assert await logs_in_with(person, PASSWORD, *passwords) == [password]
    await forgot(person)
    await mailbox.settled(person.email, RESET)
    assert len(mailbox.of(person.email, CHANGED)) == 1


async def test_who_changes_it_first_stays_logged_in(person: Person) -> None:
    """Those who come second with the password of before must not end the session that the change has begun."""
    for turn in range(5):
        await person.log_in()
        passwords = [f"{NEW} {turn} {number}" for number in range(4)]
        answers = await asyncio.gather(*(change(person, password) for password in passwords))
        ((password, token),) = [
            (one, answer.json()["access_token"])
            for one, answer in zip(passwords, answers, strict=True)
            if answer.status_code == 200
        ]
        person.password = password
        assert (await person.call("GET", "/auth/me", bearer=token)).status_code == 200


@EMBEDDED
async def test_the_new_one_may_be_the_old_one(product: Product, person: Person, new_person: NewPerson) -> None:
    """Sessions end all the same; and nobody else notices anything."""
    bystander = await new_person(product)
    before = person.token
    changed = await change(person, PASSWORD)
    assert changed.status_code == 200
    await refused_everywhere(person, before)
    for one, token in ((person, changed.json()["access_token"]), (bystander, bystander.token)):
        assert (await one.call("GET", "/auth/me", bearer=token)).status_code == 200
