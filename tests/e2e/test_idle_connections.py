"""A connection that nobody uses is not closed by the server first, which might happen just as a request is sent."""

import asyncio
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import EMBEDDED
from tests.e2e.product import Product

pytestmark = EMBEDDED


@pytest.mark.parametrize("path", ["/health", "/"])
async def test_it_is_there_when_it_is_used_again(product: Product, path: str) -> None:
    url = urlsplit(product.public_url if path == "/health" else product.sandbox.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    try:
        for pause in (7.0, 0.0):
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            await asyncio.sleep(pause)
    finally:
        writer.close()
