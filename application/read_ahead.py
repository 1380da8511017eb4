import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, replace

from application.access_tokens import AccessTokens
from application.ports.source_pages import AccessRefused, ListingRefused, SourcePage, SourcePages
from domain.connection import Connection
from domain.errors import NeedsReauth, ProviderUnavailable
from domain.sync import Stream

_MOST_PAGES = 100_000
"""A listing with more pages than that does not end at all: 10 million items at a hundred a page."""


@dataclass(frozen=True, slots=True)
class ReadAhead:
    """Reads a stream to its end; while one page is being stored the next is on its way."""

    source_pages: SourcePages
    access_tokens: AccessTokens

    async def __call__(self, connection: Connection, stream: Stream) -> AsyncGenerator[tuple[SourcePage, Stream]]:
        """Pages, each with the stream as it is behind it. Raises NeedsReauth, ListingRefused, ProviderUnavailable."""
        next_page = asyncio.create_task(self._read(connection, stream))
        seen = {stream.cursor}
        try:
            while True:
                page = await next_page
                stream = replace(stream, cursor=page.cursor, done=page.cursor is None)
                if not stream.done:
                    if stream.cursor in seen or len(seen) == _MOST_PAGES:
                        raise ListingRefused("cursor_loop")
                    seen.add(stream.cursor)
                    next_page = asyncio.create_task(self._read(connection, stream))
                yield page, stream
                if stream.done:
                    return
        finally:
            next_page.cancel()
            with suppress(asyncio.CancelledError, NeedsReauth, ListingRefused, ProviderUnavailable):
                await next_page

    async def _read(self, connection: Connection, stream: Stream) -> SourcePage:
        access = await self.access_tokens(connection)
        try:
            return await self.source_pages.read(connection.provider, stream, access)
        except AccessRefused:
            fresh = await self.access_tokens(connection, refused=access)
        try:
            return await self.source_pages.read(connection.provider, stream, fresh)
        except AccessRefused as refusal:
            raise NeedsReauth from refusal
