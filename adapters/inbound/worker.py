"""Does what the outbox has promised, a few things at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from application.outcome import Again, Done, Outcome
from application.ports.clock import Clock
from application.ports.jobs import Jobs
from application.ports.outbox import Outbox
from application.ports.presence import Presence
from domain.effect import Effect, EffectKind
from domain.errors import CacheUnavailable, Unavailable
from domain.ids import EffectId

Handler = Callable[[Effect], Awaitable[Outcome]]

ROLE = "worker"
_AT_ONCE = 8
_LOOK_EVERY_SECONDS = 1.0
_LOOK_AT = 200
"""Effects in one look: many more than are done at once, for some of them are in other workers' hands."""
_SEEN_FOR_SECONDS = 15.0
_GRACE_SECONDS = 10.0
_log = structlog.get_logger("worker")


class Worker:
    def __init__(
        self,
        *,
        handlers: Mapping[EffectKind, Handler],
        outbox: Outbox,
        jobs: Jobs,
        presence: Presence,
        clock: Clock,
    ) -> None:
        self._handlers, self._outbox, self._jobs = handlers, outbox, jobs
        self._presence, self._clock = presence, clock
        self._running: dict[EffectId, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until it is cancelled; what it has begun is stopped too: its successor knows how to go on."""
        try:
            while True:
                await self._look()
                await self._rest()
        finally:
            await self._stop()

    async def _look(self) -> None:
        try:
            await self._presence.announce(ROLE, seconds=_SEEN_FOR_SECONDS)
        except CacheUnavailable as error:
            _log.warning("cache unavailable", detail=error.detail)
        try:
            due = await self._outbox.due(self._clock.now(), limit=_LOOK_AT)
        except Unavailable as error:
            _log.warning("storage unavailable", detail=error.detail)
            return
        for effect in due:
            if len(self._running) < _AT_ONCE and effect.id not in self._running:
                task = asyncio.create_task(self._do(effect))
                self._running[effect.id] = task
                task.add_done_callback(partial(self._forget, effect.id))

    def _forget(self, effect: EffectId, _: asyncio.Task[None]) -> None:
        del self._running[effect]

    async def _rest(self) -> None:
        try:
            await self._jobs.wait(_LOOK_EVERY_SECONDS)
        except CacheUnavailable:
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    async def _do(self, effect: Effect) -> None:
        with structlog.contextvars.bound_contextvars(effect=effect.id, kind=effect.kind):
            try:
                await self._settle(effect, await self._handlers[effect.kind](effect))
            except Unavailable as error:
                _log.warning("effect delayed", reason=error.code)
                await self._postpone(effect, 5)
            except Exception:  # noqa: BLE001 - whatever it was, the effect is kept and tried again
                _log.exception("effect failed")
                await self._postpone(effect, min(5 * 2**effect.attempts, 900))

    async def _settle(self, effect: Effect, outcome: Outcome) -> None:
        match outcome:
            case Done():
                await self._outbox.done(effect)
            case Again(seconds, progressed):
                attempts = 0 if progressed else effect.attempts + 1
                await self._outbox.postpone(effect, until=self._later(seconds), attempts=attempts)

    async def _postpone(self, effect: Effect, seconds: float) -> None:
        try:
            await self._outbox.postpone(effect, until=self._later(seconds), attempts=effect.attempts + 1)
        except Unavailable:
            # It stays due as it was; this process only must not spin on it.
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    def _later(self, seconds: float) -> datetime:
        return self._clock.now() + timedelta(seconds=seconds)

    async def _stop(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
