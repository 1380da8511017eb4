"""What a provider granted: open for the moment of its use, sealed wherever it rests."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import NewType
from zlib import crc32

from domain.connection import Account
from domain.ids import ConnectionId
from domain.secret import Secret

GrantId = NewType("GrantId", str)
"""Names a grant that several connections hold together."""

_MARGIN_SECONDS, _SPREAD_SECONDS = 60.0, 30.0


def shared_grant(provider: str, account: str) -> GrantId:
    """The grant of an outside account, as a hash of it."""
    return GrantId(blake2b(f"{provider}\0{account}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest())


class CredentialField(StrEnum):
    """The fields that are sealed; each name is part of the associated data, so one cannot stand in for the other."""

    ACCESS_TOKEN = "access_token"
    REFRESH_TOKEN = "refresh_token"


def sealed_place(connection: ConnectionId, name: CredentialField) -> str:
    """The associated data of a sealed token: it opens in its own connection and field only."""
    return f"credential|{connection}|{name}"


@dataclass(frozen=True, slots=True)
class Tokens:
    """A token answer (RFC 6749 section 5.1)."""

    access: Secret
    refresh: Secret | None
    expires_at: datetime | None
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """Tokens, and whose account they open."""

    tokens: Tokens
    account: Account


@dataclass(frozen=True, slots=True)
class Credential:
    """Tokens at rest. ``revision`` is new at each write, so that a late writer can be told from the last one."""

    connection: ConnectionId
    access: bytes = field(repr=False)
    refresh: bytes | None = field(repr=False)
    expires_at: datetime | None
    scopes: tuple[str, ...]
    obtained_at: datetime
    revision: str
    claimed_until: datetime | None = None
    """Until then one process alone may spend the refresh token."""

    def is_ending(self, now: datetime) -> bool:
        """Whether it should be refreshed before it is used: in its last minute or minute and a half (so that those
        obtained together are not all refreshed together), or in the second half of a life shorter than that."""
        if self.expires_at is None:
            return False
        life = (self.expires_at - self.obtained_at).total_seconds()
        margin = _MARGIN_SECONDS + _SPREAD_SECONDS * crc32(self.revision.encode()) / 2**32
        return (self.expires_at - now).total_seconds() < min(margin, life / 2)
