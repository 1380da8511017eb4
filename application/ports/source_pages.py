from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from domain.item import SourceItem
from domain.secret import Secret
from domain.sync import Stream


@dataclass(frozen=True, slots=True)
class SourcePage:
    items: tuple[SourceItem, ...]
    cursor: str | None
    """Where the next page begins; None after the last one."""
    skipped: int = 0
    """Entries that could not be read."""


class AccessRefused(Exception):
    """The provider does not accept the access token (any more)."""


class ListingRefused(Exception):
    """The provider answered something that is not a page of its listing; repeating would not help."""


class SourcePages(Protocol):
    """Reads a provider's listings, a page at a time."""

    @abstractmethod
    async def read(self, provider: str, stream: Stream, access: Secret) -> SourcePage:
        """The page at ``stream.cursor``. Raises AccessRefused, ListingRefused, ProviderThrottled (with the wait the
        provider asked for), ProviderUnavailable."""
