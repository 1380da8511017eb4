"""What a person may know of a provider."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceListing:
    """Something that a provider lists."""

    name: str
    kind: str
    """Of what it lists, singular."""
    under: str | None
    """The kind of those items under each of which there is one such listing; None: there is one in all."""
    detailed: bool = False
    """Whether a call of its own tells more of each item."""


@dataclass(frozen=True, slots=True)
class Provider:
    slug: str
    name: str
    logo: str
    """An SVG picture as a data URI."""
    listings: tuple[SourceListing, ...]
    """What is read from it, in the order of reading: parents before what lies under them."""
    scopes: tuple[str, ...]
    """What a person is asked to grant; empty where the provider has no scopes."""
    shares_grants: bool
    """Whether all who connect the same outside account there hold one and the same grant."""
    keep_alive_days: int | None
    """A grant that is not renewed for so long should be, or it ends; None: it does not end by itself."""
    configured: bool
    """Whether there is a client id and secret, real or the sandbox's."""
    sandbox: bool
    """Whether the sandbox plays it."""

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(listing.kind for listing in self.listings))

    def listing(self, name: str) -> SourceListing:
        return next(listing for listing in self.listings if listing.name == name)
