"""HTTP as no client library would send it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class RawAnswer:
    status: int | None
    """None when the connection was closed without a word."""
    text: str
    """Status line, headers and body."""


async def spoken(url: str, request: bytes, more: AsyncIterator[bytes] | None = None) -> RawAnswer:
    """What comes back for these bytes until the server closes, or has said all that it announced."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection("127.0.0.1", address.port)
    sending = asyncio.create_task(_send(writer, request, more))
    try:
        async with asyncio.timeout(SECONDS):
            received = await _answer(reader)
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError, ConnectionError):
            await sending
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    text = received.decode("latin-1")
    return RawAnswer(int(text.split(" ", 2)[1]) if text else None, text)


async def _send(writer: asyncio.StreamWriter, request: bytes, more: AsyncIterator[bytes] | None) -> None:
    with suppress(ConnectionError):
        writer.write(request)
        await writer.drain()
        if more:
            async for chunk in more:
                writer.write(chunk)
                await writer.drain()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    received = b""
    with suppress(ConnectionError):
        while not _complete(received) and (chunk := await reader.read(65536)):
            received += chunk
    return received


def _complete(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    bodiless = head.startswith(b"HTTP/1.1 204 ")
    return bool(end) and (bodiless or (bool(lengths) and len(body) >= int(lengths[0])))
