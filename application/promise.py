from contextlib import suppress
from dataclasses import dataclass

from application.ports.jobs import Jobs
from application.ports.outbox import Outbox
from domain.effect import Effect
from domain.errors import CacheUnavailable


@dataclass(frozen=True, slots=True)
class Promise:
    """From now on an effect is promised, and a worker knows of it."""

    outbox: Outbox
    jobs: Jobs

    async def __call__(self, effect: Effect) -> None:
        await self.outbox.add(effect)
        with suppress(CacheUnavailable):
            await self.jobs.ring()
