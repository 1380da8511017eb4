import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, replace

from application.ports.items import Items
from application.ports.providers import Providers
from application.ports.source_pages import (
    QUOTA_EXCEEDED,
    CursorExpired,
    ListingRefused,
    ParentRefused,
    SourcePage,
    SourcePages,
)
from application.read_source import ReadSource
from domain.connection import Connection
from domain.item import Item, key_at
from domain.sync import Stream

_MOST_PAGES = 100_000
"""A listing with more pages than that does not end at all: 10 million items at a hundred a page."""
_LONGEST_CURSOR = 16 * 1024
"""Characters; it is stored with every page."""
_MOST_RESTARTS = 3
"""How often one listing is begun anew because its cursor has expired."""
_MOST_REFUSALS = 10
"""In a row, of listings under one item each: then the others will be refused too."""
_PARENTS_AT_ONCE = 25
"""They are held, whole, while what lies under them is read; an item may have two million characters."""

StreamedPage = tuple[SourcePage, Stream]


@dataclass(frozen=True, slots=True)
class ReadStream:
    """Reads a stream to its end: a listing, or the listings under each item of another kind, one after the other."""

    items: Items
    providers: Providers
    source_pages: SourcePages
    read_source: ReadSource

    async def __call__(self, connection: Connection, stream: Stream) -> AsyncGenerator[StreamedPage]:
        """Pages, each with the stream as it is behind it. Raises NeedsReauth, ListingRefused, ProviderUnavailable."""
        under = self.providers.get(connection.provider).listing(stream.listing).under
        if under is None:
            async for page, behind in self._listing(connection, stream, None):
                yield page, behind.at_end() if behind.cursor is None else behind
            return
        refusals = 0
        async for parent in self._parents(connection, stream, under):
            stream = stream.under(parent.key.hex())
            try:
                async for page, behind in self._listing(connection, stream, parent):
                    yield page, behind
                    stream = behind
                refusals = 0
            except ParentRefused:
                stream = replace(stream, cursor=None)
                yield SourcePage(skipped=1), stream
            except ListingRefused as refusal:
                refusals += 1
                if str(refusal) == QUOTA_EXCEEDED or refusals == _MOST_REFUSALS:
                    raise
                # What spoils one of them must not keep the others from being read, now and with every sync to come.
                stream = replace(stream, cursor=None, refused=str(refusal))
                yield SourcePage(skipped=1), stream
        yield SourcePage(), stream.at_end()

    async def _parents(self, connection: Connection, stream: Stream, kind: str) -> AsyncIterator[Item]:
        """Those whose listings are not read to their end yet."""
        after = key_at(stream.parent) if stream.parent else None
        if after is not None and stream.cursor is not None:
            begun = await self.items.find(connection.id, after)
            if begun is not None and begun.deleted_at is None:
                yield begun
        while True:
            found = await self.items.page(connection.id, kind=kind, after=after, limit=_PARENTS_AT_ONCE)
            for parent in found:
                if self.source_pages.is_under(connection.provider, stream.listing, parent.source):
                    yield parent
            if len(found) < _PARENTS_AT_ONCE:
                return
            after = found[-1].key
            # Most may have nothing under them, and a store may answer without waiting: requests get their turn.
            await asyncio.sleep(0)

    async def _listing(
        self, connection: Connection, stream: Stream, parent: Item | None
    ) -> AsyncIterator[StreamedPage]:
        # A circle without a wait in it is noticed here, in its first round; after any wait the stream itself tells.
        seen = {hash(stream.cursor)}
        while True:
            try:
                page = await self.read_source.page(connection, stream, parent.source if parent else None)
            except CursorExpired as expired:
                if stream.restarts == _MOST_RESTARTS or stream.cursor is None:
                    raise ListingRefused("cursor_expired") from expired
                stream, seen = stream.anew(), {hash(None)}
                continue
            refused = stream.refused if page.whole else "listing_incomplete"
            behind = replace(stream.behind(page.cursor), refused=refused)
            if page.cursor is not None:
                if len(page.cursor) > _LONGEST_CURSOR or not _can_be_sent(page.cursor):
                    raise ListingRefused("unreadable_answer")
                circular = hash(page.cursor) in seen or stream.has_been_at(page.cursor)
                if circular or behind.pages >= _MOST_PAGES:
                    raise ListingRefused("cursor_loop")
                seen.add(hash(page.cursor))
            stream = behind
            yield page, stream
            if stream.cursor is None:
                return


def _can_be_sent(cursor: str) -> bool:
    """Whether it has no half of a surrogate pair in it."""
    try:
        cursor.encode()
    except UnicodeEncodeError:
        return False
    return True
