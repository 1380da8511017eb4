from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from domain.connection import Connection
from domain.item import SourceItem
from domain.secret import Secret
from domain.sync import Stream

QUOTA_EXCEEDED = "quota_exceeded"
"""The code of a listing that is refused since the account may make no more calls for a long time."""


@dataclass(frozen=True, slots=True)
class SourcePage:
    items: tuple[SourceItem, ...] = ()
    cursor: str | None = None
    """Where the next page begins; None after the last one."""
    skipped: int = 0
    """Entries that could not be read."""
    whole: bool = True
    """False where the provider says that its listing ends before its end."""


class AccessRefused(Exception):
    """The provider does not accept the access token (any more)."""


class CursorExpired(Exception):
    """The provider does not know the cursor any more; its listing must be read from the beginning."""


class ParentRefused(Exception):
    """What lies under this one parent cannot be read: it is gone, or not for us; under others it may well be."""


class ListingRefused(Exception):
    """This listing cannot be read, and repeating would not help; the message is a stable code."""


class SourcePages(Protocol):
    """Reads a provider's listings, a page at a time, at no higher rate than the provider allows."""

    @abstractmethod
    def is_under(self, provider: str, listing: str, parent: SourceItem) -> bool:
        """Whether there is such a listing under ``parent``, as far as its own reading tells."""

    @abstractmethod
    async def read(
        self, connection: Connection, stream: Stream, parent: SourceItem | None, access: Secret
    ) -> SourcePage:
        """The page at ``stream.cursor``, under ``parent`` where the listing has one. Raises AccessRefused,
        CursorExpired, ParentRefused, ListingRefused, ProviderThrottled (with the wait that the provider, or its
        budget, asks for), ProviderUnavailable."""

    @abstractmethod
    async def complete(
        self, connection: Connection, listing: str, item: SourceItem, access: Secret
    ) -> SourceItem | None:
        """``item`` with what only a call of its own tells; unchanged where there is no such call, or it tells nothing;
        None when its answer makes no sense, so that it should be asked again another time. Raises AccessRefused,
        ListingRefused when the account may make no more calls, ProviderThrottled, ProviderUnavailable."""
