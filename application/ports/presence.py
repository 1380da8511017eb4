from abc import abstractmethod
from typing import Protocol


class Presence(Protocol):
    """Which parts of the product have lately been seen alive."""

    @abstractmethod
    async def announce(self, role: str, *, seconds: float) -> None:
        """``role`` is alive, and counts as such for ``seconds``."""

    @abstractmethod
    async def seen(self, role: str) -> bool:
        """Whether anybody of this role is alive."""
