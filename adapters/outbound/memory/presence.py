from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.presence import Presence


class MemoryPresence(Presence):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, datetime] = {}

    async def announce(self, role: str, *, seconds: float) -> None:
        self._until[role] = self._clock.now() + timedelta(seconds=seconds)

    async def seen(self, role: str) -> bool:
        until = self._until.get(role)
        return until is not None and self._clock.now() < until
