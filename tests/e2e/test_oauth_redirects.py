"""No answer of a provider can send the product, or what it carries, anywhere else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.e2e.conftest import EMBEDDED
from tests.e2e.connecting import ENDPOINTS, as_started, every_provider, exchange_fault, nothing_is_connected, refused
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox
from tests.e2e.token_answers import account, good_but_for

STATUSES = (301, 302, 303, 307, 308)
pytestmark = EMBEDDED


@pytest.fixture(autouse=True)
def sandbox(product: Product, provider: str) -> Sandbox:
    return as_started(product.sandbox, provider)


@asynccontextmanager
async def listener() -> AsyncIterator[str]:
    """An address on this machine, and what it hears; at the end it must have heard the test itself, and nobody else."""
    heard: list[bytes] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(65536))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(hear, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield url
        assert heard == []
        # Somebody was listening all the time.
        async with httpx.AsyncClient(trust_env=False) as http:
            await http.get(url)
        assert len(heard) == 1


@every_provider
async def test_a_code_is_redeemed_where_it_was_meant_to_be(sandbox: Sandbox, person: Person, provider: str) -> None:
    async with listener() as url:
        for status in STATUSES:
            moved = {"status": status, "headers": {"Location": f"{url}{ENDPOINTS[provider].token}"}}
            sandbox.control("POST", "/faults", [exchange_fault(provider) | moved], provider=provider)
            page = await person.visit(await person.approved("globex", provider))
            refused(page, 503, "provider_unavailable")
            assert url not in page.text
    await nothing_is_connected(person, provider)


@pytest.mark.parametrize("provider", [one for one, known in ENDPOINTS.items() if known.account])
async def test_a_token_is_shown_where_it_was_meant_to_be(sandbox: Sandbox, person: Person, provider: str) -> None:
    async with listener() as url:
        for status in STATUSES:
            moved = {"status": status, "headers": {"Location": f"{url}{ENDPOINTS[provider].account}"}}
            sandbox.control("POST", "/faults", account(provider, moved), provider=provider)
            refused(await person.visit(await person.approved("globex", provider)), 400, "grant_refused")
    await nothing_is_connected(person, provider)


@every_provider
async def test_addresses_in_an_answer_are_not_visited(sandbox: Sandbox, person: Person, provider: str) -> None:
    async with listener() as url:
        names = ("api_url", "instance_url", "workspace_icon", "hub_domain", "url", "token_endpoint", "issuer", "iss")
        sandbox.control("POST", "/faults", good_but_for(provider, **dict.fromkeys(names, url)), provider=provider)
        await person.connect("globex", provider)
        # With a token that the provider does not know, which is when a client might look for help elsewhere.
        await person.first_sync(provider)
