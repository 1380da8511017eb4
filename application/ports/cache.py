from abc import abstractmethod
from typing import Protocol

from application.ports.authorizations import Authorizations
from application.ports.guesses import Guesses
from application.ports.jobs import Jobs
from application.ports.leases import Leases
from application.ports.presence import Presence
from application.ports.rate_limits import RateLimits
from application.ports.sign_ins import SignIns


class Cache(Protocol):
    """What may be lost. Its ports are opened, swapped and closed together; losing everything in it breaks no promise.
    One out of reach raises CacheUnavailable from every method."""

    authorizations: Authorizations
    sign_ins: SignIns
    leases: Leases
    jobs: Jobs
    presence: Presence
    rate_limits: RateLimits
    guesses: Guesses

    @abstractmethod
    async def ping(self) -> None:
        """Raises CacheUnavailable unless it answers, within two seconds."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of its sockets; called once."""
