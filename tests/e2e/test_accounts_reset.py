"""A forgotten password: the mailed link, who it lets in, and all that it ends."""

import asyncio
import time

import httpx

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED, NewPerson
from tests.e2e.connecting import nothing_is_connected, revoked
from tests.e2e.mailbox import CHANGED, RESET, Mailbox
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.e2e.store import stored
from tests.e2e.test_sessions import refreshed_with, refused_everywhere

NEW = "another horse, another battery"
SAME_ANSWERS = {"date", "x-request-id"}
"""Headers that differ from one answer to the next."""


async def forgot(person: Person, email: str | None = None) -> httpx.Response:
    return await person.post("/auth/forgot-password", email=person.email if email is None else email)


async def reset(person: Person, token: str, password: str) -> httpx.Response:
    return await person.post("/auth/reset-password", token=token, new_password=password)


async def reset_token(person: Person, mailbox: Mailbox, count: int = 1) -> str:
    """Of the ``count``-th link that the person asks for."""
    assert (await forgot(person)).status_code == 202
    return await mailbox.token(person.email, RESET, count)


async def logs_in_with(person: Person, *passwords: str) -> list[str]:
    """Those of them that are the account's."""
    answers = await asyncio.gather(*(person.try_to_log_in(password) for password in passwords))
    for answer in answers:
        if answer.status_code != 200:
            problem(answer, 401, "login_failed")
    return [password for password, answer in zip(passwords, answers, strict=True) if answer.status_code == 200]


def shown(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """What a stranger could tell answers apart by."""
    return answer.status_code, answer.content, {k: v for k, v in answer.headers.items() if k not in SAME_ANSWERS}


async def test_a_link_sets_a_new_password_once(person: Person, mailbox: Mailbox) -> None:
    token = await reset_token(person, mailbox)
    done = await reset(person, token, NEW)
    assert (done.status_code, done.content) == (204, b"")
    assert not done.headers.get_list("set-cookie")
    person.password = NEW
    assert await logs_in_with(person, PASSWORD, NEW) == [NEW]
    problem(await reset(person, token, "a third horse, a third battery"), 400, "link_invalid")
    assert await logs_in_with(person, "a third horse, a third battery", NEW) == [NEW]
    await mailbox.settled(person.email, CHANGED)
    assert [mail.subject for mail in mailbox.of(person.email)] == [RESET, CHANGED]
    for mail in mailbox.of(person.email, CHANGED):
        assert NEW not in mail.text
        assert token not in mail.text


async def test_a_reset_ends_every_session_and_logs_nobody_in(
    person: Person, visitor: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    other = Person(person.product, visitor, person.email)
    await other.log_in()
    refresh_tokens = [one.http.cookies["vs_refresh"] for one in (person, other)]
    assert (await reset(person, await reset_token(person, mailbox), NEW)).status_code == 204
    person.password = NEW
    for one in (person, other):
        await refused_everywhere(one, one.token)
    for token in refresh_tokens:
        problem(await refreshed_with(person, token), 401, "session_ended")
    await person.log_in()
    assert [one["current"] for one in (await person.get("/auth/sessions"))["items"]] == [True]


async def test_of_twenty_resets_at_once_one_sets_its_password(person: Person, mailbox: Mailbox) -> None:
    token = await reset_token(person, mailbox)
    passwords = [f"{NEW} {number}" for number in range(20)]
    answers = await asyncio.gather(*(reset(person, token, password) for password in passwords))
    won = [password for password, answer in zip(passwords, answers, strict=True) if answer.status_code == 204]
    for answer in answers:
        if answer.status_code != 204:
            problem(answer, 400, "link_invalid")
    assert len(won) == 1
    person.password = won[0]
    assert await logs_in_with(person, PASSWORD, *passwords) == won
    await reset_token(person, mailbox, count=2)
    await mailbox.settled(person.email, CHANGED)
    assert len(mailbox.of(person.email, CHANGED)) == 1


async def test_the_newest_link_is_the_only_one(person: Person, mailbox: Mailbox) -> None:
    tokens = [await reset_token(person, mailbox, count) for count in (1, 2, 3)]
    assert len(set(tokens)) == 3
    for token in tokens[:2]:
        problem(await reset(person, token, NEW), 400, "link_invalid")
    assert (await reset(person, tokens[2], NEW)).status_code == 204
    person.password = NEW


async def test_a_changed_password_makes_the_link_worthless(person: Person, mailbox: Mailbox) -> None:
    token = await reset_token(person, mailbox)
    body = {"current_password": PASSWORD, "new_password": NEW}
    changed = await person.call("POST", "/auth/change-password", json=body)
    assert changed.status_code == 200, changed.text
    person.password = NEW
    problem(await reset(person, token, "a third horse, a third battery"), 400, "link_invalid")
    assert await logs_in_with(person, "a third horse, a third battery", NEW) == [NEW]


@EMBEDDED
async def test_a_link_is_of_one_account(
    product: Product, person: Person, new_person: NewPerson, mailbox: Mailbox
) -> None:
    other = await new_person(product)
    token = await reset_token(other, mailbox)
    body = {"token": token, "new_password": NEW, "email": person.email}
    problem(await person.post("/auth/reset-password", **body), 400, "invalid_input")
    assert (await reset(person, token, NEW)).status_code == 204
    other.password = NEW
    assert await logs_in_with(person, PASSWORD, NEW) == [PASSWORD]
    assert await logs_in_with(other, PASSWORD, NEW) == [NEW]


@EMBEDDED
async def test_a_password_that_breaks_a_rule_leaves_the_link_as_it_is(person: Person, mailbox: Mailbox) -> None:
    token = await reset_token(person, mailbox)
    for typed in ("", "too short", "x" * 257, "passwordpassword", "vectorshift2026", person.email):
        body = problem(await reset(person, token, typed), 400)
        assert body["code"] in ("invalid_input", "password_common")
        assert [entry["field"] for entry in body["errors"]] == ["new_password"]
    assert await logs_in_with(person, PASSWORD) == [PASSWORD]
    assert (await person.call("GET", "/auth/me")).status_code == 200
    assert (await reset(person, token, NEW)).status_code == 204
    person.password = NEW


@EMBEDDED
async def test_who_has_an_account_cannot_be_asked(person: Person, stranger: Person, mailbox: Mailbox) -> None:
    answers = [await forgot(stranger), await forgot(stranger, f" {stranger.email.upper()} "), await forgot(person)]
    await mailbox.awaited(person.email, RESET)
    answers.append(await forgot(person, f" {person.email.upper()} "))
    assert answers[0].status_code == 202
    assert len({str(shown(answer)) for answer in answers}) == 1
    await mailbox.settled(person.email, RESET, 2)
    assert mailbox.of(stranger.email) == []


@EMBEDDED
async def test_looking_at_a_link_uses_nothing_up(person: Person, mailbox: Mailbox) -> None:
    """Programs that look for malware open every link in a mail."""
    await forgot(person)
    (mail,) = await mailbox.awaited(person.email, RESET)
    for path in ("/app/reset-password", "/app/reset-password/", f"/app/reset-password?token={mail.token}"):
        for method in ("GET", "HEAD"):
            assert (await person.call(method, path, bearer="")).status_code < 500
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        answer = await person.call(method, "/auth/reset-password", params={"token": mail.token}, bearer="")
        assert answer.status_code == 405
    assert (await reset(person, mail.token, NEW)).status_code == 204
    person.password = NEW


@EMBEDDED
async def test_links_cannot_be_guessed(product: Product, new_person: NewPerson, mailbox: Mailbox) -> None:
    people = [await new_person(product) for _ in range(3)]
    tokens = [await reset_token(one, mailbox, count) for one in people for count in (1, 2)]
    # 22 characters of this alphabet are 128 bits.
    assert all(len(token) >= 22 and token.replace("-", "").replace("_", "").isalnum() for token in tokens)
    assert len({token[:8] for token in tokens}) == len(tokens)
    for guess in (
        "",
        "x",
        tokens[1][:-1],
        tokens[1] + "A",
        tokens[1].swapcase(),
        tokens[1][::-1],
        "A" * len(tokens[1]),
    ):
        problem(await reset(people[0], guess, NEW), 400, "link_invalid")
    assert await logs_in_with(people[0], NEW, PASSWORD) == [PASSWORD]


async def test_the_first_proof_removes_what_somebody_else_may_have_planted(
    product: Product, person: Person, mailbox: Mailbox
) -> None:
    """The account was made without a proof of its address: until now it may have been anybody's."""
    connection = await person.connect("globex")
    assert (await person.first_sync())["counts"]["added"] == 10
    item = (await person.items())[0]["id"]
    product.sandbox.control("DELETE", "/requests")
    assert (await reset(person, await reset_token(person, mailbox), NEW)).status_code == 204
    person.password = NEW
    await person.log_in()
    assert (await person.get("/auth/me"))["email_verified"] is True
    await nothing_is_connected(person)
    assert await person.items() == []
    problem(await person.call("GET", f"/items/{item}"), 404, "not_found")
    problem(await person.call("GET", "/integrations/hubspot/status", params={"connection_id": connection}), 404)
    await revoked(product.sandbox)
    await purged(product, connection)


async def purged(product: Product, connection: str) -> None:
    """Return when nothing of the connection is stored any more."""
    deadline = time.monotonic() + 30
    while (found := await stored(product, connection)).changes or found.numbers:
        assert time.monotonic() < deadline, "what came through the connection is still stored"
        await asyncio.sleep(0.5)


async def test_a_later_reset_leaves_the_connections(person: Person, mailbox: Mailbox) -> None:
    assert (await reset(person, await reset_token(person, mailbox), NEW)).status_code == 204
    person.password = NEW
    await person.log_in()
    connection = await person.connect("globex")
    await person.first_sync()
    assert (await reset(person, await reset_token(person, mailbox, 2), PASSWORD)).status_code == 204
    person.password = PASSWORD
    await person.log_in()
    status = await person.status()
    assert (status["connection_id"], status["status"]) == (connection, "active")
    assert len(await person.items()) == 10
