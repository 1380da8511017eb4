from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from domain.credential import GrantId
from domain.ids import ConnectionId


class SharedGrants(Protocol):
    """Grants that several connections hold together, since the provider gives all who connect an outside account the
    same one: who holds each, and who may renew it now."""

    @abstractmethod
    async def join(self, grant: GrantId, connection: ConnectionId) -> None:
        """``connection`` holds it from now on; repeating is harmless."""

    @abstractmethod
    async def leave(self, grant: GrantId, connection: ConnectionId) -> None:
        """It no longer does; one that did not is no error."""

    @abstractmethod
    async def holders(self, grant: GrantId) -> tuple[ConnectionId, ...]:
        """Who holds it, in the order of their ids."""

    @abstractmethod
    async def claim(self, grant: GrantId, claim: str, *, until: datetime, now: datetime) -> bool:
        """Let ``claim`` have the right to renew it, until ``until``: True if no claim is in force at ``now``. Of n
        callers at once one gets True."""

    @abstractmethod
    async def release(self, grant: GrantId, claim: str) -> None:
        """Nobody has that right any more, if ``claim`` had it; another's stays."""
