"""Does what the outbox has promised, a few things at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from application.outcome import Again, Done, Left, Outcome
from application.ports.clock import Clock
from application.ports.jobs import Jobs
from application.ports.outbox import Outbox
from application.ports.presence import Presence
from domain.effect import Effect
from domain.errors import CacheUnavailable, Unavailable
from domain.ids import EffectId

Handler = Callable[[Effect], Awaitable[Outcome]]

ROLE = "worker"
_AT_ONCE = 8
_LOOK_EVERY_SECONDS = 1.0
_LOOK_AT = 200
"""Effects in one look: many more than are done at once, for some of them are in other workers' hands."""
_SEEN_FOR_SECONDS = 15.0
_LEAVE_SECONDS = 2.0
_LONGEST_WAIT_SECONDS = 900.0
_GRACE_SECONDS = 10.0
_log = structlog.get_logger("worker")


class Worker:
    def __init__(
        self,
        *,
        handlers: Mapping[str, Handler],
        outbox: Outbox,
        jobs: Jobs,
        presence: Presence,
        clock: Clock,
    ) -> None:
        self._handlers, self._outbox, self._jobs = handlers, outbox, jobs
        self._presence, self._clock = presence, clock
        self._running: dict[EffectId, asyncio.Task[None]] = {}
        self._left: dict[EffectId, float] = {}

    async def run(self) -> None:
        """Until it is cancelled; what it has begun is stopped too: its successor knows how to go on."""
        try:
            while True:
                await self._announce()
                try:
                    await self._look()
                except Unavailable as error:
                    _log.warning("storage unavailable", detail=error.detail)
                except Exception:  # noqa: BLE001 - whatever it was, the other effects must not wait for a restart
                    _log.exception("the outbox could not be read")
                await self._rest()
        finally:
            await self._stop()

    async def _announce(self) -> None:
        try:
            await self._presence.announce(ROLE, seconds=_SEEN_FOR_SECONDS)
        except CacheUnavailable as error:
            _log.warning("cache unavailable", detail=error.detail)

    async def _look(self) -> None:
        now = time.monotonic()
        self._left = {effect: until for effect, until in self._left.items() if until > now}
        for effect in await self._outbox.due(self._clock.now(), limit=_LOOK_AT):
            if len(self._running) == _AT_ONCE:
                return
            if effect.id not in self._running and effect.id not in self._left:
                task = asyncio.create_task(self._do(effect))
                self._running[effect.id] = task
                task.add_done_callback(partial(self._forget, effect.id))

    def _forget(self, effect: EffectId, _: asyncio.Task[None]) -> None:
        del self._running[effect]

    async def _rest(self) -> None:
        if len(self._running) == _AT_ONCE:
            # No bell could make it do more; a free place can.
            running = self._running.values()
            await asyncio.wait(running, timeout=_LOOK_EVERY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            return
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
                await self._postpone(effect, 5, effect.attempts)
            except Exception:  # noqa: BLE001 - whatever it was, the effect is kept and tried again
                _log.exception("effect failed")
                await self._postpone(effect, min(5 * 2**effect.attempts, _LONGEST_WAIT_SECONDS), effect.attempts + 1)

    async def _settle(self, effect: Effect, outcome: Outcome) -> None:
        match outcome:
            case Done(regret):
                if regret:
                    _log.warning("effect given up", reason=regret)
                await self._outbox.done(effect)
            case Again(seconds, attempts):
                await self._outbox.postpone(effect, until=self._later(seconds), attempts=attempts)
            case Left():
                # Still due, and still the oldest: passed over for a while, so that others get their turn.
                self._left[effect.id] = time.monotonic() + _LEAVE_SECONDS

    async def _postpone(self, effect: Effect, seconds: float, attempts: int) -> None:
        try:
            await self._outbox.postpone(effect, until=self._later(seconds), attempts=attempts)
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
