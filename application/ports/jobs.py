from abc import abstractmethod
from typing import Protocol


class Jobs(Protocol):
    """The bell between whoever stores an effect and the workers. A lost ring costs a short delay, nothing else: workers
    look at the outbox at intervals anyway."""

    @abstractmethod
    async def ring(self) -> None:
        """Wake a waiting worker, or the next that waits: rings before a wait are heard by it, however many, as one or
        as several."""

    @abstractmethod
    async def wait(self, seconds: float) -> None:
        """Return when it rings, or after ``seconds``."""
