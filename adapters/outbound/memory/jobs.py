import asyncio
from contextlib import suppress

from application.ports.jobs import Jobs


class MemoryJobs(Jobs):
    def __init__(self) -> None:
        self._rung = asyncio.Event()

    async def ring(self) -> None:
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
                self._rung.clear()
