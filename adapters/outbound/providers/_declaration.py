"""What a provider's module declares: addresses and rules as data, answers read by pure functions. No I/O."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import quote_plus, urlsplit

from application.ports.source_pages import SourcePage
from domain.connection import Account
from domain.item import SourceItem
from domain.rate_limit import Rate


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
class Budget:
    """A rate that the provider sets, for each ``of``; all processes share it."""

    rate: Rate
    of: str = ""
    """What it is counted by within one outside account: a base, a method."""
    for_all: bool = False
    """Whether it is counted for all outside accounts together, by ``of`` alone."""
    evenly: bool = False
    """Whether calls must be spread over its time: for a provider that counts each second for itself, and punishes."""


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """A call to a provider. ``url`` is the provider's own, whoever is going to answer it."""

    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    """Sent as application/x-www-form-urlencoded."""
    json: Mapping[str, object] | None = field(default=None, repr=False)
    """Sent as application/json."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    budget: Budget | None = None
    """Of the outside account that it is made for."""


class Verdict(Enum):
    """What an answer of a listing means."""

    GOOD = "good"
    ACCESS_REFUSED = "access_refused"
    """The access token is not taken (any more)."""
    FORBIDDEN = "forbidden"
    """The account, or its grant, may not read this."""
    GONE = "gone"
    """What was asked about is not there, or not for us."""
    CURSOR_EXPIRED = "cursor_expired"
    THROTTLED = "throttled"
    BLOCKED = "blocked"
    """A quota is used up that does not come back in minutes."""
    LATER = "later"
    UNEXPECTED = "unexpected"


_PASSING = frozenset({408, 409, 423, 425, 477})
"""Statuses below 500 that say "later" (477: the account is being moved)."""


def by_status(status: int, body: bytes) -> Verdict:
    """What most providers mean by a status, whatever the body says."""
    del body
    if status in _PASSING or status >= 500:
        return Verdict.LATER
    meant = {200: Verdict.GOOD, 401: Verdict.ACCESS_REFUSED, 403: Verdict.FORBIDDEN, 404: Verdict.GONE}
    return Verdict.THROTTLED if status == 429 else meant.get(status, Verdict.UNEXPECTED)


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """A token endpoint's answer, decoded but not yet believed."""

    access_token: object = field(repr=False)
    refresh_token: object = field(repr=False)
    expires_in: object
    token_type: object
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TokenErrors:
    """The words of a token endpoint that says no; all others mean: not now."""

    dead: tuple[str, ...] = ("invalid_grant",)
    """The code or the grant is not taken, and never will be."""
    client: tuple[str, ...] = ("invalid_client", "unauthorized_client")
    """Our id or secret is not taken: the operator's fault, not the person's."""
    fields: tuple[str, ...] = ("error",)
    """Where in the answer they stand."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a listing a page is."""

    cursor: str | None = None
    parent: SourceItem | None = None
    """What it lies under, as it was read; None where the listing is under nothing."""


@dataclass(frozen=True, slots=True)
class Detail:
    """What only a call of its own tells of an item; made for those that are new or have changed."""

    request: Callable[[SourceItem], ProviderRequest]
    read: Callable[[SourceItem, bytes], SourceItem]
    """The item with what a good answer tells. Raises ListingRefused when that cannot be read."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One kind of items, or a part of it."""

    name: str
    """That of the kind, for one of its listings: an item that has not changed is counted there, and not where else it
    is shown. Where two show an item they make the same of it."""
    kind: str
    request: Callable[[Place], ProviderRequest]
    read: Callable[[Place, bytes], SourcePage]
    """The page in a good answer. Raises ListingRefused when it is none; an entry that cannot be read is skipped."""
    under: str | None = None
    """The kind of the items under each of which there is one such listing."""
    is_under: Callable[[SourceItem], bool] = lambda _: True
    """Whether there is one under this item, as far as the item tells."""
    detail: Detail | None = None


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
    """The fewest that its listings need; none where the provider has no scopes."""
    client_auth: ClientAuth
    pkce: bool
    """Whether the provider documents S256 at its authorize address."""
    read_tokens: Callable[[Mapping[str, object]], TokenAnswer]
    account_request: Callable[[Client, str], ProviderRequest] | None
    """Asks which account an access token opens; None where the token answer says it."""
    read_account: Callable[[bytes], Account]
    """From that answer. Raises ValueError or msgspec's errors when it does not say."""
    revoke_request: Callable[[Client, str, str | None], ProviderRequest | None] | None
    """Gives an access token and its refresh token back; None where there is no revocation, or none for these."""
    throttle_seconds: float
    """How long to wait after a refusal for too many calls that does not say."""
    listings: tuple[Listing, ...]
    """Parents before what lies under them."""
    api_hosts: tuple[str, ...] = ()
    """Hosts of its API besides that of the token endpoint: nothing is sent anywhere else."""
    scope_separator: str = " "
    authorize_params: Mapping[str, str] = field(default_factory=dict)
    """What else it wants at its authorize address."""
    token_json: bool = False
    """Whether its token endpoint takes JSON instead of a form."""
    token_headers: Mapping[str, str] = field(default_factory=dict)
    token_errors: TokenErrors = field(default_factory=TokenErrors)
    is_token_answer: Callable[[int, Mapping[str, object]], bool] = lambda status, _: status == 200
    judge: Callable[[int, bytes], Verdict] = by_status
    revokes_by_bearer: bool = False
    """Whether it is the access token itself that must be alive to be given back."""
    shares_grants: bool = False
    """Whether all who connect the same outside account hold one and the same grant."""
    keep_alive_days: int | None = None
    """So long after it was last renewed a grant should be renewed again, lest it ends; None: it does not."""
    issuer: str | None = None
    """What the provider puts into ``iss`` of a callback (RFC 9207), if it does."""

    def may_call(self, url: str) -> bool:
        """Whether ``url`` is the provider's: whatever an answer has put into it."""
        parts = urlsplit(url)
        hosts = {urlsplit(self.token_url).netloc, *self.api_hosts}
        return parts.scheme == "https" and parts.netloc in hosts and not {".", ".."} & set(parts.path.split("/"))

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(listing.kind for listing in self.listings))

    @property
    def logo_uri(self) -> str:
        return "data:image/svg+xml;base64," + b64encode(self.logo.encode()).decode()

    def listing(self, name: str) -> Listing:
        return next(listing for listing in self.listings if listing.name == name)
