"""A signed-in device: a short access token, and a refresh token that changes at each use (RFC 9700 section 4.14.2)."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import NewType

from domain.errors import ReauthenticationRequired, SessionEnded
from domain.ids import SessionId, UserId

RefreshHash = NewType("RefreshHash", bytes)
"""SHA-256 of a refresh token; the token itself is known only to its browser."""


def refresh_hash(token: str) -> RefreshHash:
    return RefreshHash(sha256(token.encode()).digest())


_FRESH = timedelta(minutes=5)


class ProvenBy(StrEnum):
    """What opened a session."""

    PASSWORD = "password"
    IDENTITY = "identity"
    """An identity provider."""


@dataclass(frozen=True, slots=True)
class SessionLifetime:
    idle: timedelta
    """Without a renewal for so long, it ends."""
    absolute: timedelta
    """However often it is renewed, it ends."""
    grace: timedelta
    """How long a refresh token just replaced still yields the same successor: for parallel tabs and lost answers."""


@dataclass(frozen=True, slots=True)
class Session:
    id: SessionId
    user: UserId
    refresh: RefreshHash = field(repr=False)
    previous: RefreshHash | None = field(repr=False)
    renewed_at: datetime
    created_at: datetime
    expires_at: datetime
    device: str
    proven_by: ProvenBy = ProvenBy.PASSWORD

    def check_fresh(self, now: datetime) -> None:
        """Raises ReauthenticationRequired unless its person was proven in the last five minutes."""
        if now >= self.created_at + _FRESH:
            raise ReauthenticationRequired

    def is_live(self, now: datetime, lifetime: SessionLifetime) -> bool:
        return now < self.expires_at and now < self.renewed_at + lifetime.idle

    def renewed(
        self, presented: RefreshHash, successor: RefreshHash, now: datetime, lifetime: SessionLifetime
    ) -> "Session":
        """The session after ``presented`` was exchanged for ``successor``; itself, where that has been done already
        and the grace has not passed. Raises SessionEnded when ``presented`` is neither: somebody else holds a copy.
        """
        if compare_digest(presented, self.refresh):
            return replace(self, refresh=successor, previous=presented, renewed_at=now)
        replayed = self.previous is not None and compare_digest(presented, self.previous)
        if replayed and compare_digest(successor, self.refresh) and now < self.renewed_at + lifetime.grace:
            return self
        raise SessionEnded
