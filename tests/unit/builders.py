"""The product's parts for unit tests: real ones, held still where they would be the clock's or chance's."""

import base64
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from uuid import UUID

import httpx
from dependency_injector import providers

from adapters.outbound.argon2_passwords import Argon2Passwords
from application.ports.cache import Cache
from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.ports.storage import Storage
from bootstrap.container import Container
from bootstrap.environment import Environment
from bootstrap.settings import Settings, load
from domain.caller import Caller
from domain.connection import Account, Connection, ConnectionStatus
from domain.ids import ConnectionId, UserId

A_TIME = datetime(2026, 2, 3, 4, 5, 6, 789_013, UTC)
ENCRYPTION_KEY = base64.b64encode(bytes(range(32))).decode()
SETTINGS = {
    "STORAGE_URL": "memory://",
    "CACHE_URL": "memory://",
    "JWT_KEYS": "first:8dJZ0lD3oWq5vXn1RtYc7BfGhK2mPsUe4aNy6",
    "ENCRYPTION_KEYS": f"first:{ENCRYPTION_KEY}",
    # All tests call from one address.
    "RATE_LIMIT_SCALE": "1000",
    "HUBSPOT_CLIENT_ID": "our-client",
    "HUBSPOT_CLIENT_SECRET": "our-client-secret",
}


CALLER = Caller(address="192.0.2.1", network="192.0.2.1", device="Firefox", request_id="a-request")


def a_connection(**changed: object) -> Connection:
    ours: dict[str, object] = {
        "id": ConnectionId(str(UUID(int=7))),
        "user": UserId(str(UUID(int=8))),
        "provider": "hubspot",
        "account": Account("62515", "acme.example"),
        "status": ConnectionStatus.ACTIVE,
        "scopes": ("oauth",),
        "created_at": A_TIME,
        "connected_at": A_TIME,
    }
    return Connection(**ours | changed)  # type: ignore[arg-type]


class HeldClock(Clock):
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self._now = A_TIME

    def now(self) -> datetime:
        return self._now

    def advance(self, step: timedelta) -> None:
        self._now += step


class CountedEntropy(Entropy):
    """Never the same twice, always the same in the next run of the test."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def identifier(self) -> str:
        return str(UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + next(self._numbers)))

    def token(self) -> str:
        return base64.urlsafe_b64encode(sha256(str(next(self._numbers)).encode()).digest()).rstrip(b"=").decode()


def some_settings(**changed: str) -> Settings:
    """Those of ``SETTINGS``, changed, are all that the environment has; no file is read or made."""
    given = {name: text for name, text in (SETTINGS | changed).items() if text}
    return load(Environment(given, {}), slugs=("hubspot",), directory=Path("/nonexistent"))


def a_house(
    storage: Storage,
    cache: Cache,
    client: httpx.AsyncClient,
    clock: Clock,
    entropy: Entropy,
    settings: Settings | None = None,
) -> Container:
    """The product's own wiring over these parts."""
    container = Container(settings=settings or some_settings())
    opened = {"storage": storage, "cache": cache, "http_client": client, "clock": clock, "entropy": entropy}
    cheap = Argon2Passwords(memory_kib=8, iterations=1, threads=2)
    for name, part in (opened | {"passwords": cheap}).items():
        getattr(container, name).override(providers.Object(part))
    return container
