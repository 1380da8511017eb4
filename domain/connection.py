"""A person's account at a provider, connected."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.ids import ConnectionId, UserId


class ConnectionStatus(StrEnum):
    ACTIVE = "active"
    NEEDS_REAUTH = "needs_reauth"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class Account:
    """The outside account: what a grant opens at the provider, a team or a workspace for example."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SyncError:
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Connection:
    """One for each (user, provider, outside account), whatever happens to it in between."""

    id: ConnectionId
    user: UserId
    provider: str
    account: Account
    status: ConnectionStatus
    scopes: tuple[str, ...]
    created_at: datetime
    connected_at: datetime
    """When the account was last connected or reconnected."""
    last_sync_at: datetime | None = None
    """End of the last complete sync."""
    last_error: SyncError | None = None
    version: int = field(default=1)

    @property
    def is_live(self) -> bool:
        return self.status is not ConnectionStatus.DISCONNECTED

    @property
    def is_new(self) -> bool:
        """Whether it was never connected before."""
        return self.created_at == self.connected_at

    def not_before(self, now: datetime) -> datetime:
        """``now``, or when it was connected, if the clock of whoever did that was ahead: whatever ends it comes after
        that."""
        return max(now, self.connected_at)
