"""To whom the product says a token: nobody who cannot prove to be the provider (RFC 9110 section 4.3.4)."""

import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from adapters.outbound.oauth2 import OAuth2
from adapters.outbound.provider_clients import ProviderClients, Registration
from adapters.outbound.provider_http import ProviderHttp, open_client
from adapters.outbound.providers import declarations
from adapters.outbound.providers._declaration import Client, ProviderRequest
from adapters.outbound.system_clock import SystemClock
from domain.errors import ProviderUnavailable
from domain.secret import Secret

HOST, OTHER_HOST = "localhost", "provider.example"
TOKEN = "a-token-that-is-nobody-elses-business"
DECLARED = declarations()
PATIENCE_SECONDS = 10
DAY = timedelta(days=1)


@dataclass(slots=True)
class Authority:
    """Who signs certificates; its own is what a machine trusts or does not."""

    name: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def subject(self) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])

    def certificate(self) -> x509.Certificate:
        return self.signed(self.subject, self.key.public_key(), x509.BasicConstraints(ca=True, path_length=0))

    def signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        *extensions: x509.ExtensionType,
        until: datetime | None = None,
    ) -> x509.Certificate:
        """A certificate that begins ten days ago."""
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.subject).public_key(key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - 10 * DAY).not_valid_after(until or now + DAY)
        own = x509.SubjectKeyIdentifier.from_public_key(key)
        signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        for extension in (own, signer, *extensions):
            critical = isinstance(extension, x509.BasicConstraints)
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(self.key, SHA256())

    def server(self, folder: Path, *, host: str = HOST, until: datetime | None = None) -> ssl.SSLContext:
        """For a server that says it is ``host``."""
        own = Authority(host)
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        certificate = self.signed(own.subject, own.key.public_key(), names, until=until)
        return _served(folder, certificate, own)


def self_signed(folder: Path) -> ssl.SSLContext:
    own = Authority(HOST)
    names = x509.SubjectAlternativeName([x509.DNSName(HOST)])
    constraint = x509.BasicConstraints(ca=True, path_length=None)
    return _served(folder, own.signed(own.subject, own.key.public_key(), names, constraint), own)


def _served(folder: Path, certificate: x509.Certificate, own: Authority) -> ssl.SSLContext:
    file = folder / "server.pem"
    key = own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(certificate.public_bytes(Encoding.PEM) + key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


@dataclass(slots=True)
class Served:
    port: int
    calls: int = 0
    heard: bytes = b""
    """What callers said once they had agreed on TLS."""


@contextmanager
def serving(context: ssl.SSLContext) -> Iterator[Served]:
    """A server on loopback that hears what it is told, and answers every call with an empty object."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Served(listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, context, served))
        thread.start()
        try:
            yield served
        finally:
            # Wakes the thread, which otherwise waits for the next caller.
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()


def _serve(listener: socket.socket, context: ssl.SSLContext, served: Served) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            served.calls += 1
            connection.settimeout(PATIENCE_SECONDS)
            with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
                served.heard += secure.recv(65_536)
                secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("An authority that this machine trusts")


@pytest.fixture
def trusted(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is all that the client trusts: the list of authorities is the one of the package certifi."""
    file = tmp_path / "authorities.pem"
    file.write_bytes(authority.certificate().public_bytes(Encoding.PEM))
    monkeypatch.setattr("certifi.where", lambda: str(file))


@dataclass(frozen=True, slots=True)
class Calling:
    http: ProviderHttp
    grants: OAuth2


@pytest_asyncio.fixture
async def calling(trusted: None, served: Served) -> AsyncIterator[Calling]:
    """Our own client, for providers that are all at ``served``."""
    registration = Registration(Client("an id", TOKEN), "https://app.example/callback", f"https://{HOST}:{served.port}")
    clients = ProviderClients(DECLARED, {one.slug: registration for one in DECLARED})
    async with open_client() as client:
        http = ProviderHttp(client, clients, SystemClock())
        yield Calling(http, OAuth2(http, clients, SystemClock()))


@pytest.fixture(params=["self-signed", "of nobody we know", "of another name", "expired"])
def impostor(request: pytest.FixtureRequest, authority: Authority, tmp_path: Path) -> ssl.SSLContext:
    match request.param:
        case "self-signed":
            return self_signed(tmp_path)
        case "of nobody we know":
            return Authority("An authority that nobody trusts").server(tmp_path)
        case "of another name":
            return authority.server(tmp_path, host=OTHER_HOST)
        case _:
            return authority.server(tmp_path, until=datetime.now(UTC) - DAY)


class TestAnImpostor:
    @pytest.fixture
    def served(self, impostor: ssl.SSLContext) -> Iterator[Served]:
        with serving(impostor) as served:
            yield served

    @pytest.mark.parametrize("provider", [one.slug for one in DECLARED])
    async def test_is_told_no_refresh_token_and_no_client_secret(
        self, calling: Calling, served: Served, provider: str
    ) -> None:
        with pytest.raises(ProviderUnavailable) as refusal:
            await calling.grants.refresh(provider, Secret(TOKEN))
        assert (served.calls, served.heard) == (1, b"")
        assert TOKEN not in repr(refusal.value)
        assert refusal.value.__suppress_context__

    @pytest.mark.parametrize("provider", [one.slug for one in DECLARED])
    async def test_is_told_no_access_token(self, calling: Calling, served: Served, provider: str) -> None:
        with pytest.raises(ProviderUnavailable) as refusal:
            await calling.http.call(provider, _a_listing(provider), {"Authorization": f"Bearer {TOKEN}"}, urgent=True)
        assert (served.calls, served.heard) == (1, b"")
        assert TOKEN not in repr(refusal.value)


class TestTheProvider:
    @pytest.fixture
    def served(self, authority: Authority, tmp_path: Path) -> Iterator[Served]:
        with serving(authority.server(tmp_path)) as served:
            yield served

    async def test_is_told_the_token(self, calling: Calling, served: Served) -> None:
        provider = DECLARED[0].slug
        answer = await calling.http.call(provider, _a_listing(provider), {"Authorization": f"Bearer {TOKEN}"})
        assert (answer.status, answer.body) == (200, b"{}")
        assert f"Bearer {TOKEN}".encode() in served.heard


def _a_listing(provider: str) -> ProviderRequest:
    """A call to an address that is the provider's own."""
    declared = next(one for one in DECLARED if one.slug == provider)
    return ProviderRequest("GET", declared.token_url)
