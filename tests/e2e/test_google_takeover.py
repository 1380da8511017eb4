"""Where addresses must be proven: whose account a known address opens, and what becomes of what others have planted."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED, as_started, settled, with_settings
from tests.e2e.google_client import Google
from tests.e2e.mailbox import RESET, VERIFY, SandboxMailbox
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.e2e.signing_in import is_in, me, refused, sign_in, somebody, try_to_sign_in

pytestmark = EMBEDDED

KEEPS: dict[str, Any] = {"hd": "example.com"}
"""Google itself keeps the mailbox."""
NEW = "another horse, another battery"


@pytest.fixture
def product(running_product: Product) -> Product:
    """As it is where nothing must be proven: so an account may be of whoever was first to name the address."""
    return as_started(running_product)


@pytest.fixture
def google(product: Product) -> Google:
    google = Google(product.sandbox)
    google.control("POST", "/reset")
    return google


@pytest.fixture
def strict(product: Product) -> Iterator[Product]:
    """From then on, in a test that asks for it last, addresses must be proven."""
    with with_settings(product, EMAIL_VERIFICATION="required"):
        yield product


@pytest_asyncio.fixture
async def owner(product: Product) -> AsyncIterator[Person]:
    """Of the mailbox: somebody with a browser of their own."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        yield Person(product, http, "")


@pytest_asyncio.fixture
async def planted(product: Product) -> AsyncIterator[Person]:
    """Somebody who has named an address that is another's, and goes on using the account."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        person = await Person.registered(product, http)
        await person.connect("globex")
        await person.first_sync()
        yield person
        await settled([person])


async def is_locked_out(attacker: Person) -> None:
    assert not await is_in(attacker)
    problem(await attacker.by_cookie("/auth/refresh"), 401, "session_ended")
    problem(await attacker.try_to_log_in(PASSWORD), 401, "login_failed")


async def test_an_account_that_nobody_has_proven_becomes_the_owners(
    planted: Person, google: Google, owner: Person, strict: Product
) -> None:
    before, mailbox = await me(planted), SandboxMailbox(strict.sandbox)
    await planted.post("/auth/forgot-password", email=planted.email)
    token = await mailbox.token(planted.email, RESET)
    who = somebody(google, email=planted.email, **KEEPS)
    user = (await sign_in(owner, who))["user"]
    assert (user["id"], user["email_verified"], user["sign_in_methods"]) == (before["id"], True, ["google"])
    await is_locked_out(planted)
    assert await owner.connections() == []
    assert await owner.items() == []
    reset = await planted.post("/auth/reset-password", token=token, new_password=NEW)
    problem(reset, 400, "link_invalid")
    assert len((await owner.get("/auth/sessions"))["items"]) == 1


async def test_where_google_does_not_keep_the_mailbox_nothing_is_taken_over(
    planted: Person, google: Google, owner: Person, strict: Product
) -> None:
    for given in ({}, {"hd": "example.com", "email_verified": False}):
        who = somebody(google, email=planted.email, **given)
        code = "email_unverified" if given else "link_required"
        refused(await try_to_sign_in(owner, who), 409, code)
    assert (await me(planted))["sign_in_methods"] == ["password"]
    assert len(await planted.connections()) == 1


async def test_whoever_linked_an_identity_before_keeps_the_owner_out_until_the_mailbox_is_proven(
    planted: Person, google: Google, owner: Person, strict: Product
) -> None:
    mailbox, plant = SandboxMailbox(strict.sandbox), somebody(google)
    await sign_in(planted, plant, "link")
    who = somebody(google, email=planted.email, **KEEPS)
    refused(await try_to_sign_in(owner, who), 409, "link_required")
    await owner.post("/auth/forgot-password", email=planted.email)
    token = await mailbox.token(planted.email, RESET)
    assert (await owner.post("/auth/reset-password", token=token, new_password=NEW)).status_code == 204
    await is_locked_out(planted)
    assert (await sign_in(planted, plant))["user"]["email"] != (await sign_in(owner, who))["user"]["email"]
    assert await owner.connections() == []
    assert (await me(owner))["sign_in_methods"] == ["password", "google"]


async def test_an_account_of_its_owner_gets_a_further_way_in_and_keeps_all(
    product: Product, google: Google, owner: Person, stranger: Person, strict: Product
) -> None:
    mailbox = SandboxMailbox(strict.sandbox)
    assert (await stranger.register()).status_code == 202
    token = await mailbox.token(stranger.email, VERIFY)
    proven = await stranger.post("/auth/verify-email", token=token, password=PASSWORD)
    stranger.token = proven.json()["access_token"]
    await stranger.connect("globex")
    await stranger.first_sync()
    user = (await sign_in(owner, somebody(google, email=stranger.email, **KEEPS)))["user"]
    assert (user["id"], user["sign_in_methods"]) == (proven.json()["user"]["id"], ["password", "google"])
    assert not await is_in(stranger)
    assert len(await owner.items()) == 10
    assert (await stranger.try_to_log_in(PASSWORD)).status_code == 200


async def test_a_registration_that_waits_is_overtaken_by_google(
    product: Product, google: Google, owner: Person, stranger: Person, strict: Product
) -> None:
    mailbox = SandboxMailbox(strict.sandbox)
    assert (await stranger.register()).status_code == 202
    token = await mailbox.token(stranger.email, VERIFY)
    user = (await sign_in(owner, somebody(google, email=stranger.email)))["user"]
    assert (user["email_verified"], user["sign_in_methods"]) == (True, ["google"])
    late = await stranger.post("/auth/verify-email", token=token, password=PASSWORD)
    problem(late, 400, "link_invalid")
    problem(await stranger.try_to_log_in(PASSWORD), 401, "login_failed")
    assert (await me(owner)) == user
