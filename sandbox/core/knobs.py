"""What can be turned while a provider is played."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

RefreshReuse = Literal["allow", "grace", "revoke_family"]

Milliseconds = Annotated[int, Meta(ge=0, le=600_000)]
Lifetime = Annotated[int, Meta(ge=1, le=10 * 365 * 24 * 3600)]
Count = Annotated[int, Meta(ge=0, le=10_000_000)]


class Knobs(Struct):
    latency_ms: Milliseconds = 0
    access_token_ttl_s: Lifetime = 1800
    """Of access tokens issued from now on."""
    refresh_reuse: RefreshReuse = "allow"
    """``allow``: refresh tokens stay as they are. ``grace``: each renewal replaces it, the old one is taken for another
    minute. ``revoke_family``: each renewal replaces it, an old one that comes again ends the whole grant, at Airtable
    not in the first moments."""
    limits: bool = True


class KnobsPatch(Struct, forbid_unknown_fields=True):
    latency_ms: Milliseconds | UnsetType = UNSET
    access_token_ttl_s: Lifetime | UnsetType = UNSET
    refresh_reuse: RefreshReuse | UnsetType = UNSET
    limits: bool | UnsetType = UNSET
    records: dict[str, Count] | UnsetType = UNSET
    """Kind to number of seeded records, of the account ``acme``."""
