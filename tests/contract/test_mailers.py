"""What every adapter of the port Mailer promises."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import httpx
import pytest
import pytest_asyncio

from adapters.outbound.mail.console_mailer import ConsoleMailer
from adapters.outbound.mail.location import SmtpLocation, Tls
from adapters.outbound.mail.memory_mailer import MemoryMailer
from adapters.outbound.mail.message import MessageRenderer
from adapters.outbound.mail.sandbox_mailer import SandboxMailer
from adapters.outbound.mail.smtp_mailer import SmtpMailer
from adapters.outbound.provider_http import open_client
from application.ports.mailer import Mailer
from domain.email import EmailAddress
from domain.errors import MailerUnavailable
from domain.mail import Mail, MailKind
from domain.secret import Secret
from sandbox.settings import SandboxSettings
from tests.contract.mail_servers import HOST, Certificate, Delivered, a_certificate, smtp_sink
from tests.e2e.sandbox_server import Sandbox, sandbox_in_thread
from tests.services.process import free_port

LINK = "https://app.example.com/app/verify-email#token=" + "a_b-" * 15
AT = datetime(2026, 5, 3, 10, 15, tzinfo=UTC)
RENDERER = MessageRenderer(sender="VectorShift <mail@example.com>", web_url="https://app.example.com")

DELIVERERS = ["smtp none", "smtp starttls", "smtp implicit", "sandbox"]
"""Those that carry a whole message to somewhere else."""


@dataclass(frozen=True, slots=True)
class Arrived:
    to: list[str]
    text: str
    """At least the link."""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A mailer, and what has arrived where it delivers to, oldest first."""

    mailer: Mailer
    arrived: Callable[[], list[Arrived]]


def a_mail(
    number: int = 1, *, kind: MailKind = MailKind.VERIFY_EMAIL, to: str = "ann@example.org", link: str | None = LINK
) -> Mail:
    return Mail(f"mail-{number}", kind, EmailAddress(to), AT, None if link is None else Secret(link))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return a_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with sandbox_in_thread(SandboxSettings(contacts=1)) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with open_client() as opened:
        yield opened


@contextmanager
def an_smtp_post(tls: Tls, certificate: Certificate) -> Iterator[Post]:
    with smtp_sink(tls, certificate) as (port, sink):
        mailer = SmtpMailer(SmtpLocation(HOST, port, tls), RENDERER, tls_context=certificate.client)
        yield Post(mailer, lambda: [_from_smtp(delivered) for delivered in sink.delivered])


def _from_smtp(delivered: Delivered) -> Arrived:
    assert [delivered.mime["To"]] == delivered.recipients
    text = delivered.mime.get_body(("plain",))
    assert text is not None
    return Arrived(delivered.recipients, text.get_content(), delivered.mime["Message-ID"])


@pytest.fixture(params=["memory", "console", *DELIVERERS])
def post(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[Post]:
    if request.param == "memory":
        memory = MemoryMailer()
        yield Post(
            memory, lambda: [Arrived([mail.to], mail.link.reveal() if mail.link else "") for mail in memory.mails]
        )
    elif request.param == "console":
        printed = ""

        def blocks() -> list[Arrived]:
            nonlocal printed
            printed += capsys.readouterr().out
            return [Arrived([block.split()[2].rstrip(":")], block) for block in printed.split("\n\n") if block]

        yield Post(ConsoleMailer(RENDERER), blocks)
    else:
        yield from _deliverers(request)


@pytest.fixture(params=DELIVERERS)
def deliverer(request: pytest.FixtureRequest) -> Iterator[Post]:
    yield from _deliverers(request)


def _deliverers(request: pytest.FixtureRequest) -> Iterator[Post]:
    name, _, tls = request.param.partition(" ")
    if name == "smtp":
        with an_smtp_post(tls, request.getfixturevalue("certificate")) as post:
            yield post
        return
    sandbox, client = request.getfixturevalue("sandbox"), request.getfixturevalue("client")
    sandbox.http.delete(f"{sandbox.url}/_control/mail").raise_for_status()

    def items() -> list[Arrived]:
        kept: list[dict[str, Any]] = sandbox.http.get(f"{sandbox.url}/_control/mail").json()["items"]
        return [Arrived([mail["to"]], mail["text"], mail["message_id"]) for mail in kept]

    yield Post(SandboxMailer(client, sandbox.url, RENDERER), items)


@pytest.mark.parametrize("kind", MailKind)
async def test_every_kind_arrives_at_its_address_alone_with_its_link_whole(post: Post, kind: MailKind) -> None:
    await post.mailer.send(a_mail(kind=kind))
    [arrived] = post.arrived()
    assert arrived.to == ["ann@example.org"]
    assert LINK in arrived.text.split() or arrived.text == LINK


@pytest.mark.parametrize("kind", sorted(set(MailKind) - {MailKind.VERIFY_EMAIL, MailKind.RESET_PASSWORD}))
async def test_a_notice_needs_no_link(post: Post, kind: MailKind) -> None:
    await post.mailer.send(a_mail(kind=kind, link=None))
    [arrived] = post.arrived()
    assert "://" not in arrived.text


async def test_mails_arrive_in_the_order_of_their_sending(post: Post) -> None:
    for number in range(3):
        await post.mailer.send(a_mail(number, to=f"person{number}@example.org"))
    assert [arrived.to for arrived in post.arrived()] == [[f"person{number}@example.org"] for number in range(3)]


async def test_mails_that_are_sent_at_once_all_arrive_and_none_twice(post: Post) -> None:
    links = [f"{LINK}{number:03}" for number in range(20)]
    await asyncio.gather(*(post.mailer.send(a_mail(n, link=link)) for n, link in enumerate(links)))
    arrived = post.arrived()
    assert len(arrived) == len(links)
    assert all(any(link in one.text for one in arrived) for link in links)


async def test_an_address_of_another_script_is_an_address(post: Post) -> None:
    await post.mailer.send(a_mail(to="zoë.日本@xn--bcher-kva.example"))
    assert [arrived.to for arrived in post.arrived()] == [["zoë.日本@xn--bcher-kva.example"]]


async def test_a_repetition_has_the_same_message_id(deliverer: Post) -> None:
    for number in (1, 1, 2):
        await deliverer.mailer.send(a_mail(number))
    ids = [arrived.id for arrived in deliverer.arrived()]
    assert ids == ["<mail-1@app.example.com>", "<mail-1@app.example.com>", "<mail-2@app.example.com>"]


@pytest.fixture(params=["console", "smtp none", "smtp starttls", "smtp implicit", "sandbox"])
def away(request: pytest.FixtureRequest, client: httpx.AsyncClient) -> Mailer:
    """A mailer that nobody takes anything from, once standard output is closed."""
    name, _, tls = request.param.partition(" ")
    if name == "console":
        return ConsoleMailer(RENDERER)
    port = free_port()
    if name == "sandbox":
        return SandboxMailer(client, f"http://{HOST}:{port}", RENDERER)
    return SmtpMailer(SmtpLocation(HOST, port, tls), RENDERER)


async def test_where_nobody_takes_it_the_sender_learns_that_it_may_try_again(away: Mailer) -> None:
    closed = StringIO()
    closed.close()
    with redirect_stdout(closed), pytest.raises(MailerUnavailable) as refusal:
        await away.send(a_mail())
    assert "ann@" not in refusal.value.detail
    assert "token" not in refusal.value.detail


@pytest.mark.parametrize("path", ["/hubspot", "/nowhere", "/_control/mail"])
async def test_an_address_that_is_no_mailbox_takes_nothing(
    sandbox: Sandbox, client: httpx.AsyncClient, path: str
) -> None:
    with pytest.raises(MailerUnavailable):
        await SandboxMailer(client, f"{sandbox.url}{path}", RENDERER).send(a_mail())
