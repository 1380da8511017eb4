"""The product's own application over memory, called without a socket."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from adapters.outbound.provider_http import open_client
from bootstrap import resources
from bootstrap.http import api
from tests.unit.builders import some_settings
from tests.unit.played_hubspot import PlayedHubSpot

PUBLIC = "http://localhost:8000"
PASSWORD = "correct horse battery"
_people = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a module share an application, and so its event loop: making one takes a fifth of a second."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@dataclass
class Site:
    """A running application, and a browser that keeps its cookies."""

    visitor: httpx.AsyncClient

    async def person(self) -> Mapping[str, str]:
        """Somebody new: the header that shows who is asking. The browser has the refresh cookie."""
        account = {"email": f"ann-{next(_people)}@example.org", "password": PASSWORD}
        assert (await self.visitor.post("/auth/register", json=account)).status_code == 201
        answer = await self.visitor.post("/auth/token", json=account)
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


Opens = Callable[[Mapping[str, str]], Any]


@pytest.fixture(scope="module")
def hubspot() -> Iterator[PlayedHubSpot]:
    """Answers what the product sends outside."""
    played = PlayedHubSpot(contacts=3)

    def open_played() -> httpx.AsyncClient:
        client = open_client()
        client._transport = httpx.MockTransport(played)
        return client

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resources, "open_client", open_played)
        yield played


@asynccontextmanager
async def running(settings: Mapping[str, str]) -> AsyncIterator[Callable[[], httpx.AsyncClient]]:
    """The application with these settings, and what makes browsers for it. An error of its own is answered."""
    chosen = some_settings(**settings)
    app: Any
    app, litestar, _ = api(chosen)
    up, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        try:
            async with litestar.lifespan():
                up.set()
                await over.wait()
        finally:
            up.set()

    # A task of its own: a fixture begins and ends in different ones, and a lifespan may not.
    life = asyncio.create_task(live())
    await up.wait()
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    origin = {"Origin": chosen.public_url}
    yield lambda: httpx.AsyncClient(transport=transport, base_url=chosen.public_url, headers=origin)
    over.set()
    await life


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browsers(hubspot: PlayedHubSpot) -> AsyncIterator[Callable[[], httpx.AsyncClient]]:
    async with running({}) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def site(browsers: Callable[[], httpx.AsyncClient]) -> AsyncIterator[Site]:
    async with browsers() as visitor:
        yield Site(visitor)


@pytest.fixture
def visitor(site: Site) -> httpx.AsyncClient:
    return site.visitor


@pytest_asyncio.fixture(loop_scope="module")
async def opened(hubspot: PlayedHubSpot) -> AsyncIterator[Opens]:
    """Opens another application, with other settings; it is closed at the end."""
    async with AsyncExitStack() as stack:

        async def open_site(settings: Mapping[str, str]) -> Site:
            made = await stack.enter_async_context(running(settings))
            return Site(await stack.enter_async_context(made()))

        yield open_site
