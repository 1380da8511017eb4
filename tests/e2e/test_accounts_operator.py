"""What an operator does to accounts, beside the product that goes on serving them."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from urllib.parse import urlsplit
from uuid import uuid4

import bcrypt
import httpx

from application.ports.storage import Storage
from domain.email import EmailAddress
from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED, NewPerson
from tests.e2e.mailbox import RESET, Mailbox
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import COMMAND, Product, clean_environment
from tests.e2e.test_accounts_reset import forgot, logs_in_with, reset
from tests.e2e.test_sessions import refreshed_with

NEW = "another horse, another battery"


def users(product: Product, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """``vectorshift users …`` to its end."""
    return subprocess.run(
        [str(COMMAND), "users", *arguments],
        cwd=product.home,
        env=clean_environment(product.home, product.settings),
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def done(product: Product, *arguments: str, typed: str = "") -> str:
    ended = users(product, *arguments, typed=typed)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def refused(product: Product, *arguments: str, typed: str = "") -> str:
    """The one line that says why."""
    ended = users(product, *arguments, typed=typed)
    assert (ended.returncode, ended.stdout) == (1, ""), ended
    (line,) = ended.stderr.splitlines()
    assert line.startswith("vectorshift: ")
    return line


def row(listed: str, email: str) -> list[str]:
    """Id, address, verified, enabled, made at."""
    (found,) = (line.split("\t") for line in listed.splitlines() if email in line)
    return found


async def stored_hash(product: Product, email: str) -> str | None:
    """Read past the product, beside it."""
    module = import_module(f"adapters.outbound.{urlsplit(product.storage_url).scheme}.storage")
    storage: Storage = await module.open_storage(product.storage_url, alone=None)
    try:
        user = await storage.users.by_email(EmailAddress(email))
    finally:
        await storage.close()
    assert user is not None
    return user.password_hash


async def test_an_account_made_by_an_operator_logs_in(product: Product, stranger: Person) -> None:
    made = done(product, "create", f" {stranger.email.upper()}", "--full-name", "Ada Lovelace", typed=f"{PASSWORD}\n")
    await stranger.log_in()
    me = await stranger.get("/auth/me")
    assert (me["id"], me["email"], me["email_verified"]) == (made.strip(), stranger.email, True)
    assert me["profile"]["full_name"] == "Ada Lovelace"
    assert row(done(product, "list"), stranger.email)[:4] == [me["id"], stranger.email, "verified", "enabled"]


@EMBEDDED
async def test_an_operator_is_told_why_an_account_is_not_made(product: Product, stranger: Person) -> None:
    done(product, "create", stranger.email, "--unverified", typed=f"{PASSWORD}\n")
    new = f"new-{stranger.email}"
    refusals = [
        (["create", stranger.email], NEW),
        (["create", new], "vectorshift2026"),
        (["create", new, "--password-hash", "5f4dcc3b5aa765d61d8327deb882cf99"], ""),
        (["disable", new], ""),
    ]
    with ThreadPoolExecutor(2) as pool:
        for line in pool.map(lambda given: refused(product, *given[0], typed=f"{given[1]}\n"), refusals):
            assert PASSWORD not in line
            assert NEW not in line
    listed = done(product, "list")
    assert new not in listed
    assert row(listed, stranger.email)[2:4] == ["unverified", "enabled"]
    assert await logs_in_with(stranger, PASSWORD, NEW) == [PASSWORD]
    await stranger.log_in()
    assert (await stranger.get("/auth/me"))["email_verified"] is False


async def test_a_hash_of_another_system_is_hashed_anew_at_the_first_login(product: Product, stranger: Person) -> None:
    given = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    done(product, "create", stranger.email, "--password-hash", given)
    assert await stored_hash(product, stranger.email) == given
    assert await logs_in_with(stranger, NEW, PASSWORD + "x") == []
    await stranger.log_in()
    hashed = await stored_hash(product, stranger.email)
    assert hashed is not None
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,")
    assert await logs_in_with(stranger, PASSWORD, NEW) == [PASSWORD]


async def test_whoever_is_disabled_is_out_at_once_and_everywhere(
    product: Product, person: Person, new_person: NewPerson, visitor: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    other, nobody = await new_person(product), Person(product, visitor, f"{uuid4().hex}@example.com")
    await forgot(person)
    token, refresh = await mailbox.token(person.email, RESET), person.http.cookies["vs_refresh"]
    for url in product.urls:
        assert (await person.call("GET", "/auth/me", base=url)).status_code == 200
    done(product, "disable", person.email)
    try:
        for url in product.urls:
            problem(await person.call("GET", "/auth/me", base=url), 401, "not_authenticated")
        problem(await refreshed_with(person, refresh), 401, "session_ended")
        refusals = [await person.try_to_log_in(), await person.try_to_log_in(NEW), await nobody.try_to_log_in()]
        bodies = [problem(answer, 401, "login_failed") | {"request_id": ""} for answer in refusals]
        assert bodies == [bodies[0]] * 3
        problem(await reset(person, token, NEW), 400, "link_invalid")
        await forgot(person)
        await forgot(other)
        await mailbox.settled(other.email, RESET)
        assert len(mailbox.of(person.email, RESET)) == 1
        assert row(done(product, "list"), person.email)[3] == "disabled"
        assert (await other.call("GET", "/auth/me")).status_code == 200
    finally:
        done(product, "enable", person.email)
    problem(await person.call("GET", "/auth/me"), 401, "not_authenticated")
    problem(await reset(person, token, NEW), 400, "link_invalid")
    assert await logs_in_with(person, PASSWORD, NEW) == [PASSWORD]
