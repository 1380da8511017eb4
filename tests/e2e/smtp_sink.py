"""A mail server on a real socket that can be told to fail."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import SMTP as SMTP_POLICY
from typing import Literal, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.e2e.mailbox import Mail, Mailbox
from tests.services.process import free_port

Mode = Literal["take", "refuse", "stall", "drop"]
HOST = "127.0.0.1"
STALL_SECONDS = 3600.0
"""Longer than anybody waits; the wait ends with the connection."""


class SmtpSink(Mailbox):
    """What aiosmtpd calls; it keeps every mail that reached its end.

    ``mode`` of new mails: ``refuse`` asks to come again later, ``stall`` never answers, ``drop`` takes the mail and
    hangs up before it says so. ``shut`` listens no more, ``open`` does again.
    """

    def __init__(self) -> None:
        self.mode: Mode = "take"
        self.port = free_port(HOST)
        self.failed = 0
        """How often somebody was refused, left waiting, or cut off."""
        self._mails: list[Mail] = []
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}?tls=none"

    def received(self) -> Sequence[Mail]:
        return list(self._mails)

    def open(self) -> None:
        self._controller = Controller(
            self,
            hostname=HOST,
            port=self.port,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
            server_hostname="localhost",
            ready_timeout=60,
        )
        self._controller.start()

    def shut(self) -> None:
        if self._controller:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.mode in ("refuse", "stall"):
            self.failed += 1
        if self.mode == "stall":
            await asyncio.sleep(STALL_SECONDS)
        if self.mode == "refuse":
            return "451 come again later"
        envelope.rcpt_tos.append(address)
        return "250 yes"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        mime = message_from_bytes(cast(bytes, envelope.content), policy=SMTP_POLICY)
        text = mime.get_body(("plain",))
        assert text is not None
        body = str(text.get_content()).replace("\r\n", "\n")
        self._mails += [Mail(mime["Message-ID"], to, mime["Subject"], body) for to in envelope.rcpt_tos]
        if self.mode == "drop":
            self.failed += 1
            cast(asyncio.WriteTransport, server.transport).abort()
        return "250 kept"


@contextmanager
def smtp_sink() -> Iterator[SmtpSink]:
    sink = SmtpSink()
    sink.open()
    try:
        yield sink
    finally:
        sink.mode = "take"
        sink.shut()
