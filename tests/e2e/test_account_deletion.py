"""Who leaves proves who they are, and is nobody here from then on, at every process."""

import asyncio

import httpx
import pytest

from tests.e2e.aging import age
from tests.e2e.claims import data_code, problem
from tests.e2e.conftest import EMBEDDED, Newcomer
from tests.e2e.connecting import revoked
from tests.e2e.google_client import Google
from tests.e2e.mailbox import RESET, Mailbox
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.e2e.signing_in import back, finish, is_in, me, refused, sign_in, somebody, try_to_sign_in
from tests.e2e.test_accounts_events import events, told
from tests.e2e.test_sessions import refreshed_with

FAREWELL = "Your account was deleted"
NEW = "another horse, another battery"


@pytest.fixture
def google(product: Product) -> Google:
    google = Google(product.sandbox)
    google.control("POST", "/reset")
    return google


@pytest.fixture
def product(product: Product) -> Product:
    product.sandbox.control("DELETE", "/requests")
    return product


async def leave(person: Person, **body: object) -> httpx.Response:
    return await person.call("DELETE", "/auth/me", json=body)


async def left(person: Person) -> None:
    answer = await leave(person, current_password=person.password)
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})


async def is_locked_out(person: Person, *tokens: str) -> None:
    for token in tokens:
        assert not await is_in(person, token)
    for url in person.product.urls:
        problem(await person.try_to_log_in(base=url), 401, "login_failed")


async def test_at_once_nobody_gets_in_and_the_address_is_free(
    product: Product, newcomer: Newcomer, mailbox: Mailbox
) -> None:
    person = await newcomer()
    await person.connect("globex")
    await person.first_sync()
    await person.call("PATCH", "/auth/me", json={"company": "Acme", "full_name": "Ann Example"})
    before, first, phone = await me(person), person.token, person.http.cookies["vs_refresh"]
    await person.log_in()
    laptop = person.http.cookies["vs_refresh"]
    answer = await leave(person, current_password=PASSWORD)
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith('vs_refresh=""; ')
    assert "vs_refresh" not in person.http.cookies
    await is_locked_out(person, first, person.token)
    for refresh in (phone, laptop):
        problem(await refreshed_with(person, refresh), 401, "session_ended")
    problem(await leave(person, current_password=PASSWORD), 401, "not_authenticated")
    registered = await person.register(NEW, full_name=None)
    assert registered.status_code == 201, registered.text
    person.password = NEW
    await person.log_in()
    after = await me(person)
    assert (after["id"] != before["id"], after["profile"]["company"], after["sign_in_methods"]) == (
        True,
        None,
        ["password"],
    )
    assert (await person.connections(), await person.items()) == ([], [])
    assert [event["action"] for event in await events(person)] == ["register", "login"]
    assert len((await person.get("/auth/sessions"))["items"]) == 1
    problem(await person.try_to_log_in(PASSWORD), 401, "login_failed")
    await revoked(product.sandbox)
    (mail,) = await mailbox.awaited(person.email, FAREWELL)
    assert before["id"] not in mail.text
    assert await is_in(person)


async def test_it_takes_the_password(newcomer: Newcomer) -> None:
    person = await newcomer()
    for wrong in (NEW, "", PASSWORD.upper(), f"{PASSWORD} ", "x" * 10_000):
        body = problem(await leave(person, current_password=wrong), 400, "wrong_password")
        assert [entry["field"] for entry in body["errors"]] == ["current_password"]
    for nothing in (
        await person.call("DELETE", "/auth/me"),
        await leave(person),
        await leave(person, current_password=None),
        await leave(person, user_id="somebody else"),
    ):
        problem(nothing, 403, "reauthentication_required")
    for odd in ({"password": PASSWORD}, {"current_password": 7}, {"current_password": PASSWORD, "force": True}):
        problem(await leave(person, **odd), 400, "invalid_input")
    problem(await person.call("DELETE", "/auth/me", bearer=""), 401, "not_authenticated")
    assert await is_in(person)
    await person.log_in()


async def test_a_sign_in_of_the_last_minutes_will_do(google: Google, newcomer: Newcomer) -> None:
    person, who = await newcomer(account=False), somebody(google)
    before = await sign_in(person, who)
    assert (await leave(person)).status_code == 202
    assert not await is_in(person)
    after = await sign_in(person, who)
    assert after["user"]["id"] != before["user"]["id"]
    assert after["user"]["sign_in_methods"] == ["google"]
    assert [event["action"] for event in await events(person)] == ["register", "login"]
    await age(person)
    problem(await leave(person), 403, "reauthentication_required")
    problem(await leave(person, current_password=PASSWORD), 400, "wrong_password")
    await sign_in(person, who, "reauth")
    assert (await leave(person)).status_code == 202
    assert not await is_in(person)


async def test_a_session_by_password_is_no_proof_of_a_sign_in(google: Google, newcomer: Newcomer) -> None:
    person, who = await newcomer(), somebody(google)
    await sign_in(person, who, "link")
    await person.log_in()
    problem(await leave(person), 403, "reauthentication_required")
    await sign_in(person, who)
    assert (await leave(person)).status_code == 202
    anew = await try_to_sign_in(person, who)
    assert (anew.status_code, anew.json()["user"]["sign_in_methods"]) == (200, ["google"])


async def test_several_times_at_once_is_once(newcomer: Newcomer, mailbox: Mailbox) -> None:
    person = await newcomer()
    answers = await asyncio.gather(*(leave(person, current_password=PASSWORD) for _ in range(6)))
    assert {answer.status_code for answer in answers} <= {202, 401}
    assert 202 in {answer.status_code for answer in answers}
    assert not await is_in(person)
    last = await newcomer()
    await left(last)
    await mailbox.settled(last.email, FAREWELL)
    assert [mail.subject for mail in mailbox.of(person.email)] == [FAREWELL]


async def test_a_login_at_the_same_moment_opens_nothing_that_lasts(newcomer: Newcomer) -> None:
    for _ in range(3):
        person = await newcomer()
        leaving = asyncio.create_task(leave(person, current_password=PASSWORD))
        logins = await asyncio.gather(*(person.try_to_log_in() for _ in range(6)))
        assert (await leaving).status_code == 202
        tokens = [answer.json()["access_token"] for answer in logins if answer.status_code == 200]
        assert [token for token in tokens if await is_in(person, token)] == []
        assert {answer.status_code for answer in logins} <= {200, 401}


async def test_what_was_begun_before_leads_nowhere(
    google: Google, product: Product, newcomer: Newcomer, mailbox: Mailbox
) -> None:
    person = await newcomer()
    connecting = await person.approved("globex")
    linking = await back(person, somebody(google), "link")
    assert (await person.post("/auth/forgot-password", email=person.email)).status_code == 202
    token = await mailbox.token(person.email, RESET)
    await left(person)
    page = await person.visit(connecting)
    assert (page.status_code, data_code(page)) == (409, "session_ended")
    refused(await finish(person, linking), 409, "session_ended")
    reset = await person.post("/auth/reset-password", token=token, new_password=NEW)
    problem(reset, 400, "link_invalid")
    assert (await person.post("/auth/forgot-password", email=person.email)).status_code == 202
    assert (await person.register(NEW)).status_code == 201
    problem(await person.post("/auth/reset-password", token=token, new_password=PASSWORD), 400, "link_invalid")
    assert (await person.try_to_log_in(NEW)).status_code == 200
    assert len(mailbox.of(person.email, RESET)) == 1


async def test_nobody_else_is_touched(product: Product, newcomer: Newcomer) -> None:
    """Not who shares the outside account, and so its grant, either."""
    person, other = await newcomer(), await newcomer()
    for one in (person, other):
        await one.connect("globex")
        await one.first_sync()
    before = await me(other), await other.items(), await events(other)
    given_back = product.sandbox.given_back()
    await left(person)
    await asyncio.sleep(2)  # so long a worker may have taken to give back what is still needed
    assert product.sandbox.given_back() == given_back
    assert (await me(other), await other.items(), await events(other)) == before
    assert (await other.synced())["status"] == "succeeded"


async def test_it_is_told_to_the_owner_while_there_is_one(product: Product, newcomer: Newcomer) -> None:
    person = await newcomer()
    before = await events(person)
    failed = await leave(person, current_password=NEW)
    unproven = await leave(person)
    found = [(one["action"], one["outcome"], one["reason"], one["request_id"]) for one in await events(person)]
    assert found[len(before) :] == [
        told("account_delete", failed, "wrong_password"),
        told("account_delete", unproven, "reauthentication_required"),
    ]
    done = await leave(person, current_password=PASSWORD)
    lines = "".join(process.output() for process in product.apis).splitlines()
    request = done.headers["x-request-id"]
    (line,) = (line for line in lines if request in line and "action=account_delete" in line)
    assert "outcome=success" in line
    assert PASSWORD not in "".join(lines)
    assert person.email not in line


@EMBEDDED
async def test_guessing_is_limited(product: Product, newcomer: Newcomer) -> None:
    product.stop_apis()
    product.start(RATE_LIMIT_SCALE="1")
    try:
        person = await newcomer()
        answers = [await leave(person, current_password=NEW) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [400] * 5 + [429]
        limited = await leave(person, current_password=PASSWORD)
        problem(limited, 429, "rate_limited")
        assert int(limited.headers["retry-after"]) >= 1
        assert await is_in(person)
    finally:
        product.restore()
