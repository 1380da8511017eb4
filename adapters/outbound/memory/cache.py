from adapters.outbound.memory.authorizations import MemoryAuthorizations
from adapters.outbound.memory.guesses import MemoryGuesses
from adapters.outbound.memory.jobs import MemoryJobs
from adapters.outbound.memory.leases import MemoryLeases
from adapters.outbound.memory.presence import MemoryPresence
from adapters.outbound.memory.rate_limits import MemoryRateLimits
from adapters.outbound.memory.sign_ins import MemorySignIns
from application.ports.cache import Cache
from application.ports.clock import Clock


class MemoryCache(Cache):
    """For one process and one event loop. No method awaits between looking and writing, so each is atomic."""

    def __init__(self, clock: Clock) -> None:
        self.authorizations = MemoryAuthorizations(clock)
        self.sign_ins = MemorySignIns(clock)
        self.leases = MemoryLeases(clock)
        self.jobs = MemoryJobs()
        self.presence = MemoryPresence(clock)
        self.rate_limits = MemoryRateLimits(clock)
        self.guesses = MemoryGuesses(clock)

    async def ping(self) -> None:
        pass

    async def close(self) -> None:
        pass


async def open_cache(url: str, clock: Clock) -> MemoryCache:
    """A new, empty cache at each call, whatever ``url`` says."""
    del url
    return MemoryCache(clock)
