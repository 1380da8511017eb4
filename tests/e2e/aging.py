"""Sessions that were opened a while ago, for tests that will not wait for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from urllib.parse import urlsplit

from application.ports.storage import Storage
from domain.ids import UserId
from tests.e2e.person import Person
from tests.e2e.product import Product

_SIX_MINUTES = timedelta(minutes=6)


async def age(person: Person) -> None:
    """All sessions of this person were opened six minutes earlier than they were."""
    user = UserId((await person.get("/auth/me"))["id"])
    async with _visited(person.product) as storage:
        for session in await storage.sessions.of_user(user):
            older = replace(session, created_at=session.created_at - _SIX_MINUTES)
            assert await storage.sessions.renew(older, expected=session.refresh)


@asynccontextmanager
async def _visited(product: Product) -> AsyncIterator[Storage]:
    """For a moment, while its processes have it open."""
    module = import_module(f"adapters.outbound.{urlsplit(product.storage_url).scheme}.storage")
    storage: Storage = await module.open_storage(product.storage_url, alone=None)
    try:
        yield storage
    finally:
        await storage.close()
