"""Mail servers that fail: whoever asks for a mail is answered all the same, and the mail arrives."""

import asyncio
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED, SHARED, as_started, with_settings
from tests.e2e.mailbox import RESET
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.e2e.smtp_sink import SmtpSink, smtp_sink
from tests.e2e.test_accounts_reset import forgot, logs_in_with, reset
from tests.e2e.test_sync_crashes import EXIT_OF_A_FAILPOINT
from tests.e2e.traces import promises_kept

NEW = "another horse, another battery"
SOON_SECONDS = 10.0
"""Longer than a mail waits after a few failures, and much shorter than the mail server is waited for."""


@pytest.fixture(scope="module")
def mail_server() -> Iterator[SmtpSink]:
    with smtp_sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def with_mail_server(running_product: Product, mail_server: SmtpSink) -> Iterator[Product]:
    with with_settings(running_product, SMTP_URL=mail_server.url) as product:
        yield product


@pytest.fixture
def product(with_mail_server: Product) -> Product:
    return as_started(with_mail_server)


@pytest.fixture
def sink(mail_server: SmtpSink) -> Iterator[SmtpSink]:
    """Takes every mail, again at the end."""
    mail_server.failed = 0
    yield mail_server
    mail_server.mode = "take"
    mail_server.shut()
    mail_server.open()


async def failed(sink: SmtpSink, times: int = 1) -> None:
    deadline = time.monotonic() + 20
    while sink.failed < times:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def answered(person: Person, email: str | None = None) -> None:
    """At once, whatever the mail server does."""
    begun = time.monotonic()
    answer = await forgot(person, email)
    assert (answer.status_code, time.monotonic() - begun < SOON_SECONDS) == (202, True), answer.text


async def sets_a_password(person: Person, sink: SmtpSink) -> None:
    assert (await reset(person, sink.of(person.email, RESET)[-1].token, NEW)).status_code == 204
    person.password = NEW
    assert await logs_in_with(person, PASSWORD, NEW) == [NEW]


async def test_a_mail_arrives_by_smtp(person: Person, sink: SmtpSink) -> None:
    await answered(person)
    (mail,) = await sink.awaited(person.email, RESET)
    assert mail.link.startswith(f"{person.product.public_url}/app/reset-password#token=")
    assert mail.message_id.startswith("<")
    await sets_a_password(person, sink)


@EMBEDDED
async def test_a_server_that_refuses_for_a_while_gets_the_mail_once(person: Person, sink: SmtpSink) -> None:
    sink.mode = "refuse"
    await answered(person)
    await failed(sink, 2)
    await answered(person, email="nobody@example.com")
    sink.mode = "take"
    await sink.awaited(person.email, RESET)
    await asyncio.sleep(SOON_SECONDS / 2)
    assert len(sink.of(person.email)) == 1
    await sets_a_password(person, sink)


@EMBEDDED
async def test_a_server_that_is_down_for_a_while_gets_the_mail_once(person: Person, sink: SmtpSink) -> None:
    sink.shut()
    await answered(person)
    await asyncio.sleep(2)
    assert sink.of(person.email) == []
    sink.open()
    await sink.awaited(person.email, RESET)
    await asyncio.sleep(SOON_SECONDS / 4)
    assert len(sink.of(person.email, RESET)) == 1
    await sets_a_password(person, sink)


@EMBEDDED
async def test_a_mail_whose_taking_was_not_told_comes_again_as_the_same(person: Person, sink: SmtpSink) -> None:
    sink.mode = "drop"
    await answered(person)
    await failed(sink)
    sink.mode = "take"
    mails = await sink.awaited(person.email, RESET, 2)
    assert len({mail.message_id for mail in mails}) == 1
    assert len({mail.token for mail in mails}) == 1
    await sets_a_password(person, sink)


async def test_a_crash_after_the_sending_loses_nothing(product: Product, person: Person, sink: SmtpSink) -> None:
    # It is to be the next one that is sent.
    await promises_kept(product, ["mail_"], seconds=60)
    working = product.working
    working.kill()
    product.start_one(working, FAILPOINTS="mail.after_send=exit")
    if product.worker is None:
        product.await_ready()
    await answered(person)
    assert working.ended(60) == EXIT_OF_A_FAILPOINT
    (first,) = sink.of(person.email, RESET)
    product.start()
    (_, again) = await sink.awaited(person.email, RESET, 2)
    assert again == first
    await sets_a_password(person, sink)
    problem(await reset(person, first.token, PASSWORD), 400, "link_invalid")


@EMBEDDED
async def test_a_server_that_stalls_holds_up_nothing_else(
    product: Product, person: Person, visitor: httpx.AsyncClient, sink: SmtpSink
) -> None:
    other = Person(product, visitor, f"other-{person.email}")
    await other.register()
    sink.mode = "stall"
    await answered(person)
    await failed(sink)
    sink.mode = "take"
    await answered(other)
    await sink.awaited(other.email, RESET)
    assert sink.of(person.email) == []
    assert (await person.call("GET", "/auth/me")).status_code == 200
    await sink.awaited(person.email, RESET, seconds=60)
    await sets_a_password(person, sink)
    assert len(sink.of(person.email, RESET)) == 1


@SHARED
async def test_mail_waits_for_a_worker(product: Product, person: Person, sink: SmtpSink) -> None:
    product.working.kill()
    await answered(person)
    product.start()
    await sink.awaited(person.email, RESET)
    await sets_a_password(person, sink)
