from adapters.outbound.redis.authorizations import RedisAuthorizations
from adapters.outbound.redis.client import Client
from adapters.outbound.redis.guesses import RedisGuesses
from adapters.outbound.redis.jobs import RedisJobs
from adapters.outbound.redis.leases import RedisLeases
from adapters.outbound.redis.presence import RedisPresence
from adapters.outbound.redis.rate_limits import RedisRateLimits
from adapters.outbound.redis.sign_ins import RedisSignIns
from application.ports.cache import Cache
from application.ports.clock import Clock


class RedisCache(Cache):
    """Redis 6.2 or later. Every key has a lifetime; all begin with ``vectorshift:``, and installations that share a
    server take a database each."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self.authorizations = RedisAuthorizations(client, clock)
        self.sign_ins = RedisSignIns(client, clock)
        self.leases = RedisLeases(client)
        self.jobs = RedisJobs(client)
        self.presence = RedisPresence(client)
        self.rate_limits = RedisRateLimits(client)
        self.guesses = RedisGuesses(client)

    async def ping(self) -> None:
        await self._client.execute_command("PING")

    async def close(self) -> None:
        await self._client.aclose(close_connection_pool=True)


async def open_cache(url: str, clock: Clock) -> Cache:
    """A Redis that is away does not keep the product from starting: it is asked when it is needed, and may come later.
    Raises ValueError when ``url`` makes no sense."""
    return RedisCache(Client(url), clock)
