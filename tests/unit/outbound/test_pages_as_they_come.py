"""Pages as providers may send them: packed, large, or with odd values."""

import gzip
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from adapters.outbound.memory.rate_limits import MemoryRateLimits
from adapters.outbound.provider_budgets import ProviderBudgets
from adapters.outbound.provider_clients import ProviderClients, Registration
from adapters.outbound.provider_http import ProviderHttp
from adapters.outbound.provider_pages import ProviderPages
from adapters.outbound.providers._declaration import Client, Place
from adapters.outbound.providers.hubspot import PROVIDER
from application.ports.source_pages import SourcePage
from domain.errors import ProviderUnavailable
from domain.secret import Secret
from domain.sync import Stream
from tests.unit.builders import HeldClock, a_connection
from tests.unit.outbound.conftest import Wire

EMPTY = b'{"results":[]}'
CONTACTS = PROVIDER.listing("contact")


async def test_nothing_packed_is_asked_for_or_taken(pages: ProviderPages, wire: Wire) -> None:
    packed = gzip.compress(EMPTY)
    wire.answer = lambda _: httpx.Response(200, content=packed, headers={"Content-Encoding": "gzip"})
    with pytest.raises(ProviderUnavailable):
        await pages.read(a_connection(), Stream("contact"), None, Secret("a"))
    assert {request.headers["accept-encoding"] for request in wire.sent} == {"identity"}
    wire.answer = lambda _: httpx.Response(200, content=EMPTY, headers={"Content-Encoding": "Identity"})
    assert await pages.read(a_connection(), Stream("contact"), None, Secret("a")) == SourcePage((), "archived:")


@pytest.mark.parametrize(("size", "beside"), [(64 * 1024, False), (64 * 1024 + 1, True)])
async def test_a_large_page_is_read_beside_the_event_loop(wire: Wire, size: int, beside: bool) -> None:
    readers: list[int] = []

    def read(place: Place, body: bytes) -> SourcePage:
        readers.append(threading.get_ident())
        return CONTACTS.read(place, body)

    declared = replace(PROVIDER, listings=(replace(CONTACTS, read=read),))
    clients = ProviderClients([declared], {"hubspot": Registration(Client("id", "secret"), "https://x.example/")})
    wire.answer = lambda _: httpx.Response(200, content=EMPTY.ljust(size))
    async with httpx.AsyncClient(transport=httpx.MockTransport(wire)) as client:
        http = ProviderHttp(client, clients, HeldClock())
        pages = ProviderPages(http, clients, ProviderBudgets(MemoryRateLimits(HeldClock())))
        page = await pages.read(a_connection(), Stream("contact"), None, Secret("a"))
    assert page == SourcePage((), "archived:")
    assert [reader != threading.get_ident() for reader in readers] == [beside]


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("2026-01-10T10:00:00.5+02:00", datetime(2026, 1, 10, 8, 0, 0, 500_000, UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+01:00", None),
        ("9999-12-31T23:59:59-01:00", None),
        ("2026-01-10T10:00:00", None),
    ],
)
def test_a_time_is_in_utc_or_unknown(said: str, known: datetime | None) -> None:
    entry = {"id": "1", "properties": {}, "createdAt": said, "updatedAt": said}
    (item,) = CONTACTS.read(Place(), json.dumps({"results": [entry]}).encode()).items
    assert item.creation_time == item.last_modified_time == known
    assert item.creation_time is None or item.creation_time.tzinfo is UTC


@pytest.mark.parametrize(("after", "cursor"), [("", "archived:"), ("7", "7")])
def test_a_page_after_nothing_is_no_page(after: str, cursor: str | None) -> None:
    page = {"results": [], "paging": {"next": {"after": after}}}
    assert CONTACTS.read(Place(), json.dumps(page).encode()).cursor == cursor
