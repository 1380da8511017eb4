from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.effect import Effect


class Outbox(Protocol):
    """Promised effects, kept until they are done. It is the truth of what is left to do; ``Jobs`` only wakes."""

    @abstractmethod
    async def add(self, effect: Effect) -> None:
        """Keep it; adding one with the same id and ``due_at`` again is harmless."""

    @abstractmethod
    async def due(self, now: datetime, *, limit: int) -> Sequence[Effect]:
        """At most ``limit`` effects with ``due_at`` <= ``now``, the longest due first, each id once. Several callers
        may be given the same one. Costs what it returns, not what has been done before."""

    @abstractmethod
    async def postpone(self, effect: Effect, *, until: datetime, attempts: int) -> None:
        """Let it be due at ``until`` with so many attempts behind it. Stopped in the middle it is due at one of the
        two times, or at both; never at none. One that was done meanwhile may come back: effects can be repeated."""

    @abstractmethod
    async def done(self, effect: Effect) -> None:
        """Forget it; one that is gone already is no error."""
