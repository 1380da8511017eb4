import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass

from application.ports.source_pages import ListingRefused
from application.read_stream import ReadStream, StreamedPage
from domain.connection import Connection
from domain.errors import Refused
from domain.sync import Stream


@dataclass(frozen=True, slots=True)
class ReadAhead:
    """Reads a stream; while one page is being stored the next is on its way."""

    read_stream: ReadStream

    async def __call__(self, connection: Connection, stream: Stream) -> AsyncGenerator[StreamedPage]:
        """As ``ReadStream``."""
        async with aclosing(self.read_stream(connection, stream)) as pages:
            following = asyncio.create_task(_next(pages))
            try:
                while (found := await following) is not None:
                    following = asyncio.create_task(_next(pages))
                    yield found
            finally:
                following.cancel()
                with suppress(asyncio.CancelledError, ListingRefused, Refused):
                    await following


async def _next(pages: AsyncGenerator[StreamedPage]) -> StreamedPage | None:
    return await anext(pages, None)
