"""What a product has stored, read past the product."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import urlsplit

from application.ports.storage import Storage
from domain.ids import ConnectionId
from domain.item import item_key
from domain.sync import Change, SyncState
from tests.e2e.product import Product

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Stored:
    """Of one connection."""

    changes: list[Change]
    """All that were ever appended, by number."""
    state: SyncState
    numbers: dict[str, int]
    """Outside id -> the number that its item carries."""


async def stored(product: Product, connection: str, kind: str = "contact") -> Stored:
    """An embedded product, which shares its file with nobody, is away meanwhile."""
    if product.profile == "embedded":
        product.stop_apis()
    try:
        async with _opened(product.storage_url) as storage:
            return await _read(storage, ConnectionId(connection), kind)
    finally:
        product.start()


async def _read(storage: Storage, connection: ConnectionId, kind: str) -> Stored:
    changes: list[Change] = []
    while page := await storage.changes.between(connection, after=len(changes), until=len(changes) + _AT_ONCE):
        changes += page
    numbers: dict[str, int] = {}
    after = None
    while items := await storage.items.page(connection, kind=kind, after=after, limit=_AT_ONCE):
        for item in items:
            assert item.key == item_key(kind, item.source.external_id)
            numbers[item.source.external_id] = item.number
        after = items[-1].key
    return Stored(changes, await storage.sync_states.find(connection), numbers)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Storage]:
    module = import_module(f"adapters.outbound.{urlsplit(url).scheme}.storage")
    storage: Storage = await module.open_storage(url, alone=False)
    try:
        yield storage
    finally:
        await storage.close()
