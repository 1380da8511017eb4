"""What a mail server may do to a mail, and what its sender then learns."""

import asyncio
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from adapters.outbound.mail.location import SmtpLocation, Tls
from adapters.outbound.mail.message import MessageRenderer
from adapters.outbound.mail.smtp_mailer import SmtpMailer
from application.ports.mailer import MailRefused
from domain.email import EmailAddress
from domain.errors import MailerUnavailable
from domain.mail import Mail, MailKind
from tests.contract.mail_servers import (
    HANG_UP,
    HOST,
    STALL,
    Certificate,
    Script,
    Sink,
    a_certificate,
    scripted_server,
    smtp_sink,
)

TO = "ann@example.org"
RENDERER = MessageRenderer(sender="VectorShift <mail@example.com>", web_url="https://app.example.com")
MAIL = Mail("mail-1", MailKind.PASSWORD_CHANGED, EmailAddress(TO), datetime(2026, 5, 3, 10, 15, tzinfo=UTC))
PATIENCE = 0.3
"""Seconds that a stalled server is given."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return a_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def logging_in(certificate: Certificate) -> Iterator[tuple[int, Sink]]:
    with smtp_sink("starttls", certificate, login=(b"someone", b"p\xc3\xa4ss word")) as running:
        yield running


def a_mailer(script: Script, *, tls: Tls = "none", timeout: float = 10) -> SmtpMailer:
    return SmtpMailer(SmtpLocation(HOST, script.port, tls), RENDERER, timeout=timeout)


@pytest.mark.parametrize(
    "answers",
    [
        {"hello": f"421 busy, {TO}"},
        {"hello": f"554 no mail for {TO}"},
        {"hello": "how do you do"},
        {"hello": HANG_UP},
        {"EHLO": f"421 busy, {TO}"},
        {"EHLO": f"550 not you, {TO}", "HELO": f"550 not you, {TO}"},
        {"EHLO": HANG_UP},
        {"MAIL": f"451 later, {TO}"},
        {"MAIL": f"530 log in first, {TO}"},
        {"MAIL": f"550 not from you to {TO}"},
        {"RCPT": f"421 busy, {TO}"},
        {"RCPT": f"450 later, {TO}"},
        {"RCPT": f"530 log in first, {TO}"},
        {"RCPT": f"nonsense for {TO}"},
        {"RCPT": HANG_UP},
        {"DATA": f"451 later, {TO}"},
        {"DATA": f"250 what mail for {TO}?"},
        {"kept": f"452 full, {TO}"},
        {"kept": HANG_UP},
    ],
    ids=str,
)
async def test_what_may_pass_can_be_tried_again(answers: dict[str, str]) -> None:
    async with scripted_server(**answers) as script:
        with pytest.raises(MailerUnavailable) as refusal:
            await a_mailer(script).send(MAIL)
        await script.left.wait()
    assert TO not in refusal.value.detail
    assert refusal.value.detail
    assert refusal.value.__suppress_context__


@pytest.mark.parametrize("word", ["hello", "EHLO", "MAIL", "RCPT", "DATA", "kept"])
async def test_nobody_waits_for_a_stalled_server(word: str) -> None:
    async with scripted_server(**{word: STALL}) as script:
        with pytest.raises(MailerUnavailable):
            await a_mailer(script, timeout=PATIENCE).send(MAIL)
        await script.left.wait()


@pytest.mark.parametrize(
    "answers",
    [
        {"RCPT": f"550 nobody called {TO}"},
        {"RCPT": f"553 what is {TO}?"},
        {"DATA": f"554 not for {TO}"},
        {"kept": f"552 too much for {TO}"},
        {"kept": "554 5.7.1 spam"},
    ],
    ids=str,
)
async def test_a_no_to_the_recipient_or_to_the_mail_is_for_good(answers: dict[str, str]) -> None:
    async with scripted_server(**answers) as script:
        with pytest.raises(MailRefused) as refusal:
            await a_mailer(script).send(MAIL)
        await script.left.wait()
    assert TO not in str(refusal.value)


@pytest.mark.parametrize("farewell", [HANG_UP, "500 no", "421 busy", "goodbye"])
async def test_what_was_taken_stays_taken_however_the_server_parts(farewell: str) -> None:
    async with scripted_server(QUIT=farewell) as script:
        await a_mailer(script).send(MAIL)
        await script.left.wait()
    assert script.heard == ["EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT"]


async def test_a_send_that_is_cancelled_leaves_no_connection() -> None:
    async with scripted_server(RCPT=STALL) as script:
        sending = asyncio.create_task(a_mailer(script).send(MAIL))
        await script.stalled.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await script.left.wait()


class TestTls:
    async def test_without_an_offer_of_starttls_nothing_is_said_in_the_clear(self) -> None:
        async with scripted_server() as script:
            with pytest.raises(MailerUnavailable):
                await a_mailer(script, tls="starttls").send(MAIL)
            await script.left.wait()
        assert script.heard == ["EHLO"]

    @pytest.mark.parametrize("answer", ["454 not now", "220 come in", HANG_UP, STALL])
    async def test_a_starttls_that_leads_to_no_tls_ends_it(self, answer: str) -> None:
        async with scripted_server(EHLO="250-localhost\r\n250 STARTTLS", STARTTLS=answer) as script:
            with pytest.raises(MailerUnavailable):
                await a_mailer(script, tls="starttls", timeout=PATIENCE).send(MAIL)
            await script.left.wait()
        assert "MAIL" not in script.heard

    @pytest.mark.parametrize("tls", ["starttls", "implicit"])
    async def test_a_certificate_that_nobody_vouches_for_is_refused(self, tls: Tls, certificate: Certificate) -> None:
        with smtp_sink(tls, certificate) as (port, sink), pytest.raises(MailerUnavailable):
            await SmtpMailer(SmtpLocation(HOST, port, tls), RENDERER).send(MAIL)
        assert sink.delivered == []

    @pytest.mark.parametrize("tls", ["starttls", "implicit"])
    async def test_a_certificate_of_another_name_is_refused(
        self, tls: Tls, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        elsewhere = a_certificate(tmp_path_factory.mktemp("elsewhere"), address="127.0.0.2")
        with smtp_sink(tls, elsewhere) as (port, sink):
            mailer = SmtpMailer(SmtpLocation(HOST, port, tls), RENDERER, tls_context=elsewhere.client)
            with pytest.raises(MailerUnavailable):
                await mailer.send(MAIL)
        assert sink.delivered == []

    @pytest.mark.parametrize(("ours", "theirs"), [("implicit", "none"), ("none", "implicit"), ("none", "starttls")])
    async def test_two_that_do_not_agree_on_tls_exchange_no_mail(
        self, ours: Tls, theirs: Tls, certificate: Certificate
    ) -> None:
        with smtp_sink(theirs, certificate) as (port, sink):
            location = SmtpLocation(HOST, port, ours)
            with pytest.raises(MailerUnavailable):
                await SmtpMailer(location, RENDERER, tls_context=certificate.client, timeout=PATIENCE).send(MAIL)
        assert sink.delivered == []

    def test_a_context_that_takes_any_certificate_is_refused(self) -> None:
        for_anybody, for_any_name = ssl.create_default_context(), ssl.create_default_context()
        for_anybody.check_hostname = for_any_name.check_hostname = False
        for_anybody.verify_mode = ssl.CERT_NONE
        for context in (for_anybody, for_any_name):
            with pytest.raises(ValueError, match="verify"):
                SmtpMailer(SmtpLocation(HOST, 587), RENDERER, tls_context=context)


class TestLogin:
    async def test_with_the_right_password_a_mail_is_taken(
        self, logging_in: tuple[int, Sink], certificate: Certificate
    ) -> None:
        port, sink = logging_in
        location = SmtpLocation(HOST, port, "starttls", "someone", "päss word")
        await SmtpMailer(location, RENDERER, tls_context=certificate.client).send(MAIL)
        assert sink.delivered[-1].login == b"someone"

    async def test_with_a_wrong_one_it_is_not_and_the_password_is_not_told(
        self, logging_in: tuple[int, Sink], certificate: Certificate
    ) -> None:
        port, sink = logging_in
        before = len(sink.delivered)
        location = SmtpLocation(HOST, port, "starttls", "someone", "a wrong password")
        with pytest.raises(MailerUnavailable) as refusal:
            await SmtpMailer(location, RENDERER, tls_context=certificate.client).send(MAIL)
        assert "535" in refusal.value.detail
        assert "wrong password" not in refusal.value.detail
        assert len(sink.delivered) == before

    async def test_a_server_that_knows_no_logins_gets_no_mail(self, certificate: Certificate) -> None:
        with smtp_sink("implicit", certificate) as (port, sink):
            location = SmtpLocation(HOST, port, "implicit", "someone", "a password")
            with pytest.raises(MailerUnavailable):
                await SmtpMailer(location, RENDERER, tls_context=certificate.client).send(MAIL)
        assert sink.delivered == []


class TestOtherScripts:
    MAIL = Mail("mail-2", MailKind.PASSWORD_CHANGED, EmailAddress("zoë@example.org"), MAIL.at)

    async def test_a_server_that_knows_smtputf8_gets_the_address_as_it_is(self, certificate: Certificate) -> None:
        with smtp_sink("none", certificate) as (port, sink):
            await SmtpMailer(SmtpLocation(HOST, port, "none"), RENDERER).send(self.MAIL)
        [delivered] = sink.delivered
        assert delivered.recipients == ["zoë@example.org"]
        assert "\r\nTo: zoë@example.org\r\n".encode() in delivered.content

    async def test_one_that_does_not_will_never_take_it(self, certificate: Certificate) -> None:
        with smtp_sink("none", certificate, utf8=False) as (port, sink), pytest.raises(MailRefused):
            await SmtpMailer(SmtpLocation(HOST, port, "none"), RENDERER).send(self.MAIL)
        assert sink.delivered == []


async def test_the_server_learns_the_products_name_and_not_the_machines() -> None:
    async with scripted_server() as script:
        await a_mailer(script).send(MAIL)
    assert script.lines[:3] == ["EHLO app.example.com", "MAIL FROM:<mail@example.com>", f"RCPT TO:<{TO}>"]
