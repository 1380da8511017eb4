"""What a provider's module declares: addresses and rules as data, answers read by pure functions. No I/O."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import quote_plus

from application.ports.source_pages import SourcePage
from domain.connection import Account


class ClientAuth(Enum):
    """How the token endpoint wants to know who is calling (RFC 6749 section 2.3.1)."""

    BODY = "client_secret_post"
    BASIC = "client_secret_basic"


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are at a provider."""

    id: str
    secret: str = field(repr=False)

    def basic(self) -> str:
        """Credentials for HTTP Basic (RFC 6749 section 2.3.1: each part form-encoded first)."""
        return b64encode(f"{quote_plus(self.id)}:{quote_plus(self.secret)}".encode()).decode()


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """A call to a provider. ``url`` is the provider's own, whoever is going to answer it."""

    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    """Sent as application/x-www-form-urlencoded."""


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """A token endpoint's answer, decoded but not yet believed."""

    access_token: object = field(repr=False)
    refresh_token: object = field(repr=False)
    expires_in: object
    token_type: object
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """One kind of items."""

    kind: str
    request: Callable[[str | None], ProviderRequest]
    """The call for the page at a cursor (None: the first page)."""
    read: Callable[[bytes], SourcePage]
    """The page in an answer's body. Raises ListingRefused when it is none; an entry that cannot be read is skipped."""


@dataclass(frozen=True, slots=True)
class Declaration:
    slug: str
    """Also the name of its settings and routes: lower case letters."""
    name: str
    logo: str
    """An SVG document."""
    authorize_url: str
    token_url: str
    scopes: tuple[str, ...]
    client_auth: ClientAuth
    pkce: bool
    """Whether the provider documents S256 at its authorize address."""
    read_tokens: Callable[[Mapping[str, object]], TokenAnswer]
    account_request: Callable[[Client, str], ProviderRequest]
    """Asks which account an access token opens."""
    read_account: Callable[[bytes], Account]
    """Raises ValueError when the answer does not say."""
    revoke_request: Callable[[Client, str], ProviderRequest] | None
    """Gives a refresh token back; None where the provider has no revocation."""
    throttle_seconds: float
    """How long to wait after a 429 that does not say."""
    listings: tuple[Listing, ...]
    scope_separator: str = " "
    issuer: str | None = None
    """What the provider puts into ``iss`` of a callback (RFC 9207), if it does."""

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(listing.kind for listing in self.listings)

    @property
    def logo_uri(self) -> str:
        return "data:image/svg+xml;base64," + b64encode(self.logo.encode()).decode()

    def listing(self, kind: str) -> Listing:
        return next(listing for listing in self.listings if listing.kind == kind)
