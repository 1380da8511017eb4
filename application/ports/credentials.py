from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from domain.credential import Credential
from domain.ids import ConnectionId


class Credentials(Protocol):
    """Sealed tokens, at most one credential for each connection. What was removed never comes back by a late write."""

    @abstractmethod
    async def put(self, credential: Credential) -> None:
        """Keep it instead of whatever was there (a person has reconnected: the newest grant wins)."""

    @abstractmethod
    async def find(self, connection: ConnectionId) -> Credential | None:
        """The credential of ``connection``."""

    @abstractmethod
    async def claim(self, credential: Credential, *, until: datetime, now: datetime) -> bool:
        """Claim the right to spend its refresh token, until ``until``: True if the stored revision is still
        ``credential.revision`` and no claim is in force at ``now``. Of n callers at once one gets True."""

    @abstractmethod
    async def release(self, credential: Credential, *, claimed: datetime) -> None:
        """Give back the claim that lasts until ``claimed``, if it is still the one on ``credential.revision``; a claim
        that somebody else has taken since stays."""

    @abstractmethod
    async def replace(self, credential: Credential, *, expected: str) -> bool:
        """Store ``credential``, free of any claim, if the stored revision is still ``expected``; False when it is
        another or the credential is gone. Durable when it returns: the new pair may be used from then on."""

    @abstractmethod
    async def remove(self, connection: ConnectionId, *, revision: str) -> None:
        """Remove it if its revision is still ``revision``; otherwise, or when it is gone, do nothing."""
