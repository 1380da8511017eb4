"""Where an address must be proven first: a registration is nothing yet, and its link together with its password all."""

import asyncio
import unicodedata
from collections import Counter
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED, as_started, with_settings
from tests.e2e.mailbox import ALREADY, RESET, VERIFY, Mailbox
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.e2e.test_accounts_reset import forgot, logs_in_with, reset, shown

DOTLESS_I, CYRILLIC_I, CYRILLIC_K, KELVIN_SIGN = "\u0131", "\u0456", "\u043a", "\u212a"
OTHER = "another horse, another battery"


@pytest.fixture(scope="module")
def strict(running_product: Product) -> Iterator[Product]:
    with with_settings(running_product, EMAIL_VERIFICATION="required") as product:
        yield product


@pytest.fixture
def product(strict: Product) -> Product:
    return as_started(strict)


async def registered(person: Person, password: str = PASSWORD) -> None:
    answer = await person.register(password)
    assert answer.status_code == 202, answer.text


async def verify(person: Person, token: str, password: str = PASSWORD) -> httpx.Response:
    return await person.post("/auth/verify-email", token=token, password=password)


async def proven(person: Person, mailbox: Mailbox) -> None:
    """With an account by now, and logged in."""
    await registered(person)
    answer = await verify(person, await mailbox.token(person.email, VERIFY))
    assert answer.status_code == 200, answer.text
    person.token = answer.json()["access_token"]


def another(person: Person, email: str | None = None) -> Person:
    """In the same browser."""
    return Person(person.product, person.http, email or f"{uuid4().hex}@example.com")


async def settled(person: Person, mailbox: Mailbox) -> None:
    """Return when every mail has come that was asked for before."""
    last = another(person)
    await registered(last)
    await mailbox.settled(last.email, VERIFY)


async def test_a_proof_of_the_address_makes_the_account_and_logs_in(stranger: Person, mailbox: Mailbox) -> None:
    answer = await stranger.register(full_name="Ada Lovelace")
    assert (answer.status_code, answer.headers.get_list("set-cookie")) == (202, [])
    assert stranger.email not in answer.text
    (mail,) = await mailbox.awaited(stranger.email, VERIFY)
    assert mail.link.startswith(f"{stranger.product.public_url}/app/verify-email#token=")
    assert PASSWORD not in mail.text
    done = await verify(stranger, mail.token)
    assert done.status_code == 200, done.text
    assert set(done.json()) == {"access_token", "token_type", "expires_in", "user"}
    assert (done.json()["user"]["email"], done.json()["user"]["email_verified"]) == (stranger.email, True)
    assert done.json()["user"]["profile"]["full_name"] == "Ada Lovelace"
    stranger.token = done.json()["access_token"]
    for url in stranger.product.urls:
        assert (await stranger.call("GET", "/auth/me", base=url)).status_code == 200
    assert (await stranger.by_cookie("/auth/refresh")).status_code == 200
    await stranger.log_in()


async def test_before_the_proof_there_is_no_account(stranger: Person, mailbox: Mailbox) -> None:
    nobody = await another(stranger).try_to_log_in()
    await registered(stranger)
    token = await mailbox.token(stranger.email, VERIFY)
    refused = [await stranger.try_to_log_in(), await stranger.try_to_log_in(OTHER), nobody]
    bodies = [problem(answer, 401, "login_failed") | {"request_id": ""} for answer in refused]
    assert bodies == [bodies[0]] * 3
    assert len({tuple(sorted(answer.headers.keys())) for answer in refused}) == 1
    await forgot(stranger)
    await settled(stranger, mailbox)
    assert mailbox.of(stranger.email, RESET) == []
    assert (await verify(stranger, token)).status_code == 200


async def test_registering_tells_nothing_about_an_address(stranger: Person, mailbox: Mailbox) -> None:
    await proven(stranger, mailbox)
    answers = [await stranger.register(OTHER), await another(stranger).register(OTHER)]
    assert answers[0].status_code == 202
    assert shown(answers[0]) == shown(answers[1])
    (told,) = await mailbox.awaited(stranger.email, ALREADY)
    assert "#token=" not in told.text
    assert OTHER not in told.text
    await settled(stranger, mailbox)
    assert [mail.subject for mail in mailbox.of(stranger.email)] == [VERIFY, ALREADY]
    assert await logs_in_with(stranger, PASSWORD, OTHER) == [PASSWORD]
    assert (await stranger.call("GET", "/auth/me")).status_code == 200


async def test_a_link_needs_its_password_and_works_once(stranger: Person, mailbox: Mailbox) -> None:
    await registered(stranger)
    token = await mailbox.token(stranger.email, VERIFY)
    for wrong in (OTHER, PASSWORD.upper(), f"{PASSWORD} ", "", "x" * 300):
        body = problem(await verify(stranger, token, wrong), 400, "wrong_password")
        assert [entry["field"] for entry in body["errors"]] == ["password"]
    assert (await verify(stranger, token)).status_code == 200
    for password in (PASSWORD, OTHER):
        problem(await verify(stranger, token, password), 400, "link_invalid")


async def test_the_first_proof_drops_the_registrations_of_others(stranger: Person, mailbox: Mailbox) -> None:
    """Somebody who does not own the address may have registered it before its owner, or after."""
    passwords = [PASSWORD, OTHER]
    tokens = []
    for count, password in enumerate(passwords, 1):
        await registered(stranger, password)
        tokens.append(await mailbox.token(stranger.email, VERIFY, count))
    for token, password in zip(tokens, reversed(passwords), strict=True):
        problem(await verify(stranger, token, password), 400, "wrong_password")
    assert (await verify(stranger, tokens[0], passwords[0])).status_code == 200
    for password in passwords:
        problem(await verify(stranger, tokens[1], password), 400, "link_invalid")
    assert await logs_in_with(stranger, *passwords) == [passwords[0]]


async def test_a_mail_sent_again_replaces_the_link(stranger: Person, mailbox: Mailbox) -> None:
    await registered(stranger)
    older = await mailbox.token(stranger.email, VERIFY)
    again = await stranger.post("/auth/resend-verification", email=f" {stranger.email.upper()}")
    nobody = another(stranger)
    assert again.status_code == 202
    assert shown(again) == shown(await nobody.post("/auth/resend-verification", email=nobody.email))
    newer = await mailbox.token(stranger.email, VERIFY, 2)
    problem(await verify(stranger, older), 400, "link_invalid")
    answer = await verify(stranger, newer)
    assert answer.status_code == 200
    # There is nothing left to prove, and nothing to be sent to whoever has not registered.
    await stranger.post("/auth/resend-verification", email=stranger.email)
    await settled(stranger, mailbox)
    assert len(mailbox.of(stranger.email)) == 2
    assert mailbox.of(nobody.email) == []


async def test_thirty_registrations_of_one_address_at_once_make_one_account(stranger: Person, mailbox: Mailbox) -> None:
    local = uuid4().hex
    stored = f"jörg.{local}@xn--bcher-kva.example"
    spellings = [
        stored,
        f"jörg.{local}@bücher.example",
        f"  Jörg.{local.upper()}@BÜCHER.Example\t",
        unicodedata.normalize("NFD", f"jörg.{local}@bücher.example"),
        f"JÖRG.{local}@XN--BCHER-KVA.EXAMPLE",
    ]
    passwords = [f"{OTHER} {number}" for number in range(30)]
    people = [another(stranger, spellings[number % 5]) for number in range(30)]
    answers = await asyncio.gather(*(one.register(password) for one, password in zip(people, passwords, strict=True)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({str(shown(answer)) for answer in answers}) == 1
    mails = await mailbox.awaited(stored, VERIFY, 30)
    await first_proof(stranger, [mail.token for mail in reversed(mails)], passwords)
    account = another(stranger, stored)
    (password,) = await logs_in_with(account, *passwords)
    logins = [await another(stranger, spelling).try_to_log_in(password) for spelling in spellings]
    users = [answer.json()["user"] for answer in logins]
    assert {user["email"] for user in users} == {stored}
    assert len({user["id"] for user in users}) == 1
    for mail in mails:
        problem(await verify(stranger, mail.token, password), 400, "link_invalid")


async def first_proof(person: Person, tokens: list[str], passwords: list[str]) -> None:
    """With the first of the links that is good; which password belongs to it no mail tells."""
    for token in tokens:
        answers = await asyncio.gather(*(verify(person, token, password) for password in passwords))
        codes = Counter(problem(answer, 400)["code"] for answer in answers if answer.status_code != 200)
        if codes["link_invalid"] < len(passwords):
            assert codes.total() == len(passwords) - 1
            return
    pytest.fail("none of the links is good")


async def test_of_twenty_proofs_at_once_one_makes_the_account(stranger: Person, mailbox: Mailbox) -> None:
    tokens = []
    for count, password in enumerate((PASSWORD, OTHER), 1):
        await registered(stranger, password)
        tokens.append(await mailbox.token(stranger.email, VERIFY, count))
    proofs = [verify(stranger, tokens[number % 2], (PASSWORD, OTHER)[number % 2]) for number in range(20)]
    answers = await asyncio.gather(*proofs)
    (winner,) = (number for number, answer in enumerate(answers) if answer.status_code == 200)
    for number, answer in enumerate(answers):
        if number != winner:
            problem(answer, 400, "link_invalid")
    assert await logs_in_with(stranger, PASSWORD, OTHER) == [(PASSWORD, OTHER)[winner % 2]]
    access = answers[winner].json()["access_token"]
    assert (await stranger.call("GET", "/auth/me", bearer=access)).status_code == 200


@EMBEDDED
async def test_a_letter_that_looks_like_another_is_another(stranger: Person, mailbox: Mailbox) -> None:
    """Mail goes to the address that is stored, never to what was typed (CVE-2019-19844)."""
    name = f"kim.{uuid4().hex}"
    victim = another(stranger, f"{name}@example.org")
    await proven(victim, mailbox)
    alike = [name.replace("i", DOTLESS_I), name.replace("i", CYRILLIC_I), name.replace("k", CYRILLIC_K)]
    same = f"{name.replace('k', KELVIN_SIGN)}@example.org"
    for typed in (*(f"{one}@example.org" for one in alike), same):
        await forgot(stranger, typed)
        await another(stranger, typed).register(OTHER)
    await mailbox.awaited(victim.email, RESET)
    await settled(stranger, mailbox)
    assert same not in {mail.to for mail in mailbox.received()}
    for typed in alike:
        assert {mail.subject for mail in mailbox.of(f"{typed}@example.org")} <= {VERIFY}
    assert await logs_in_with(victim, PASSWORD, OTHER) == [PASSWORD]


@EMBEDDED
async def test_a_token_is_good_for_one_purpose(stranger: Person, mailbox: Mailbox) -> None:
    await proven(stranger, mailbox)
    waiting = another(stranger)
    await registered(waiting)
    await forgot(stranger)
    verify_token = await mailbox.token(waiting.email, VERIFY)
    reset_token = await mailbox.token(stranger.email, RESET)
    refresh_token = stranger.http.cookies["vs_refresh"]
    for token in (reset_token, refresh_token):
        problem(await verify(stranger, token), 400, "link_invalid")
    for token in (verify_token, refresh_token):
        problem(await reset(stranger, token, OTHER), 400, "link_invalid")
    for answer in (await verify(stranger, stranger.token), await reset(stranger, stranger.token, OTHER)):
        problem(answer, 400)
    for token in (verify_token, reset_token):
        problem(await stranger.call("GET", "/auth/me", bearer=token), 401, "not_authenticated")
    assert (await verify(waiting, verify_token)).status_code == 200
    assert (await reset(stranger, reset_token, OTHER)).status_code == 204


@EMBEDDED
async def test_looking_at_a_link_proves_nothing(stranger: Person, mailbox: Mailbox) -> None:
    await registered(stranger)
    token = await mailbox.token(stranger.email, VERIFY)
    for method in ("GET", "HEAD"):
        assert (await stranger.call(method, f"/app/verify-email?token={token}", bearer="")).status_code < 500
        answer = await stranger.call(method, "/auth/verify-email", params={"token": token}, bearer="")
        assert answer.status_code == 405
    problem(await stranger.try_to_log_in(), 401, "login_failed")
    assert (await verify(stranger, token)).status_code == 200
