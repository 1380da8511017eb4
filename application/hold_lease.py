import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from application.ports.entropy import Entropy
from application.ports.leases import Leases
from domain.errors import CacheUnavailable

_LOOK_EVERY_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class HoldLease:
    """Keeps a lease for as long as a piece of work takes."""

    leases: Leases
    entropy: Entropy
    seconds: float

    @asynccontextmanager
    async def patiently(self, name: str, *, seconds: float) -> AsyncGenerator[None]:
        """Waits for the lease, but for no longer than so many seconds: then the block goes on without it. Raises
        CacheUnavailable."""
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        while True:
            async with self(name) as held:
                if held or clock() > until:
                    yield
                    return
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    @asynccontextmanager
    async def __call__(self, name: str) -> AsyncGenerator[bool]:
        """Yields whether the lease was free; if so it is renewed until the block ends. Raises CacheUnavailable."""
        owner = self.entropy.identifier()
        if not await self.leases.acquire(name, owner, seconds=self.seconds):
            yield False
            return
        renewal = asyncio.create_task(self._renew(name, owner))
        try:
            yield True
        finally:
            renewal.cancel()
            with suppress(asyncio.CancelledError):
                await renewal
            with suppress(CacheUnavailable):
                await self.leases.release(name, owner)

    async def _renew(self, name: str, owner: str) -> None:
        while True:
            await asyncio.sleep(self.seconds / 3)
            # A lease only saves effort: with the cache away the work goes on, guarded by its epoch.
            with suppress(CacheUnavailable):
                await self.leases.acquire(name, owner, seconds=self.seconds)
