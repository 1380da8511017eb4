from abc import abstractmethod
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time."""

    @abstractmethod
    def now(self) -> datetime:
        """Aware, in UTC, in whole microseconds."""
