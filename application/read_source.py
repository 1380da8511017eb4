from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from application.access_tokens import AccessTokens
from application.break_connection import BreakConnection
from application.ports.source_pages import AccessRefused, SourcePage, SourcePages
from domain.connection import Connection
from domain.errors import NeedsReauth
from domain.item import SourceItem
from domain.secret import Secret
from domain.sync import Stream

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ReadSource:
    """Reads with an access token that works: one that is refused is renewed, once."""

    source_pages: SourcePages
    access_tokens: AccessTokens
    break_connection: BreakConnection

    async def page(self, connection: Connection, stream: Stream, parent: SourceItem | None) -> SourcePage:
        """Raises NeedsReauth, and what ``SourcePages.read`` raises."""
        return await self._with_access(
            connection, lambda access: self.source_pages.read(connection, stream, parent, access)
        )

    async def complete(self, connection: Connection, listing: str, item: SourceItem) -> SourceItem | None:
        """Raises NeedsReauth, and what ``SourcePages.complete`` raises."""
        return await self._with_access(
            connection, lambda access: self.source_pages.complete(connection, listing, item, access)
        )

    async def _with_access(self, connection: Connection, call: Callable[[Secret], Awaitable[_T]]) -> _T:
        _, tokens = await self.access_tokens.credential(connection)
        try:
            return await call(tokens.access)
        except AccessRefused:
            credential, fresh = await self.access_tokens.credential(connection, refused=tokens.access)
        try:
            return await call(fresh.access)
        except AccessRefused as refusal:
            # The grant gives out tokens that open nothing. Once that may be a passing fault of the provider.
            if connection.last_error and connection.last_error.code == NeedsReauth.code:
                await self.break_connection(connection, credential)
            raise NeedsReauth from refusal
