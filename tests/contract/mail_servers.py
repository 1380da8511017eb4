"""Mail servers on loopback: a real one with real certificates, and one that answers what it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from adapters.outbound.mail.location import Tls
from tests.services.process import free_port

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Certificate:
    server: ssl.SSLContext
    client: ssl.SSLContext
    """Trusts this certificate, and no other."""


def a_certificate(folder: Path, *, address: str = HOST) -> Certificate:
    """Signed by itself, for ``address``."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mail server")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
        .public_bytes(Encoding.PEM)
    )
    file = folder / f"{address}.pem"
    file.write_bytes(certificate + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(file)
    return Certificate(server, ssl.create_default_context(cadata=certificate.decode()))


@dataclass(frozen=True, slots=True)
class Delivered:
    sender: str
    recipients: list[str]
    content: bytes
    login: bytes | None

    @property
    def mime(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=SMTP_POLICY)


@dataclass(slots=True)
class Sink:
    """What aiosmtpd calls; it keeps every mail, and knows one login."""

    login: tuple[bytes, bytes] | None = None
    delivered: list[Delivered] = field(default_factory=list)

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content, data = cast(bytes, envelope.content), cast(LoginPassword | None, session.auth_data)
        self.delivered.append(Delivered(str(envelope.mail_from), envelope.rcpt_tos, content, data and data.login))
        return "250 kept"

    def authenticate(self, *about: Any) -> AuthResult:
        data = about[-1]
        known = isinstance(data, LoginPassword) and (data.login, data.password) == self.login
        return AuthResult(success=known, handled=False, auth_data=data)


@contextmanager
def smtp_sink(
    tls: Tls, certificate: Certificate, *, login: tuple[bytes, bytes] | None = None, utf8: bool = True
) -> Iterator[tuple[int, Sink]]:
    """A mail server's port, and what it keeps."""
    sink = Sink(login)
    controller = Controller(
        sink,
        hostname=HOST,
        port=free_port(),
        ssl_context=certificate.server if tls == "implicit" else None,
        tls_context=certificate.server if tls == "starttls" else None,
        require_starttls=tls == "starttls",
        # aiosmtpd knows of TLS by STARTTLS alone.
        auth_require_tls=tls == "starttls",
        authenticator=sink.authenticate if login else None,
        auth_exclude_mechanism=[] if login else ["LOGIN", "PLAIN"],
        enable_SMTPUTF8=utf8,
        server_hostname="localhost",
    )
    controller.start()
    try:
        yield controller.port, sink
    finally:
        controller.stop()


HANG_UP, STALL = "", "…"
_AT_BEST = {
    "hello": "220 localhost",
    "EHLO": "250 localhost",
    "MAIL": "250 yes",
    "RCPT": "250 yes",
    "DATA": "354 go on",
    ".": "250 kept",
    "QUIT": "221 goodbye",
}


@dataclass(slots=True)
class Script:
    """``answers`` by the first word of each line; ``hello`` is said first, ``.`` answers a whole mail."""

    answers: Mapping[str, str]
    port: int = 0
    lines: list[str] = field(default_factory=list)
    """Received, in their order; of a mail a full stop."""
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client has gone."""

    @property
    def heard(self) -> list[str]:
        """The first word of each line."""
        return [word for line in self.lines if (word := _first_word(line))]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, EOFError):
            word, in_mail = "hello", False
            while word and await self._answer(word, reader, writer):
                in_mail = word == "DATA"
                line = await (reader.readuntil(b"\r\n.\r\n") if in_mail else reader.readline())
                self.lines.append("." if in_mail else line.decode("latin-1").strip())
                word = _first_word(self.lines[-1])
        self.left.set()
        writer.close()

    async def _answer(self, word: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        answer = self.answers.get(word, _AT_BEST.get(word, "500 what?"))
        if answer == STALL:
            self.stalled.set()
            await reader.read()
        if answer in (HANG_UP, STALL):
            return False
        writer.write(f"{answer}\r\n".encode())
        # After anything but 354 no mail follows.
        return word != "DATA" or answer.startswith("354") or await self._after_refused_data(reader)

    async def _after_refused_data(self, reader: asyncio.StreamReader) -> bool:
        await reader.read()
        return False


def _first_word(line: str) -> str:
    return line.partition(" ")[0].upper()


@asynccontextmanager
async def scripted_server(**answers: str) -> AsyncIterator[Script]:
    """``kept`` names the answer to a whole mail."""
    script = Script({"." if word == "kept" else word: answer for word, answer in answers.items()})
    server = await asyncio.start_server(script.serve, HOST, 0)
    async with server:
        script.port = server.sockets[0].getsockname()[1]
        yield script
