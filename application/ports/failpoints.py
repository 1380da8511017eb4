from abc import abstractmethod
from typing import Protocol


class Failpoints(Protocol):
    """Places where a test may stop the process; they do nothing unless the setting FAILPOINTS names them."""

    @abstractmethod
    async def reach(self, name: str) -> None:
        """Return, or end the process, or return late, as the setting says."""
