"""Does what the outbox has promised, a few things at a time."""

import asyncio
import time
from collections import Counter
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
"""Effects of one kind: a mail does not wait for eight long syncs."""
_LOOK_EVERY_SECONDS = 1.0
_LOOK_AT, _LOOK_AT_MOST = 200, 3200
"""Effects in one look: many more than are done at once, for some of them are in other workers' hands, or of a kind that
is all at work; more still as long as the oldest are nothing but those."""
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
        self._running: dict[EffectId, tuple[str, asyncio.Task[None]]] = {}
        self._left: dict[EffectId, float] = {}
        self._look_at = _LOOK_AT

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
        at_work = self._at_work()
        due = await self._outbox.due(self._clock.now(), limit=self._look_at)
        begun = 0
        for effect in due:
            if at_work[effect.kind] < _AT_ONCE and effect.id not in self._running and effect.id not in self._left:
                at_work[effect.kind] += 1
                begun += 1
                self._begin(effect)
        looked_in_vain = len(due) == self._look_at and not begun
        self._look_at = min(self._look_at * 2, _LOOK_AT_MOST) if looked_in_vain else _LOOK_AT

    def _at_work(self) -> Counter[str]:
        return Counter(kind for kind, _ in self._running.values())

    def _begin(self, effect: Effect) -> None:
        task = asyncio.create_task(self._do(effect))
        self._running[effect.id] = effect.kind, task
        task.add_done_callback(partial(self._forget, effect.id))

    def _forget(self, effect: EffectId, _: asyncio.Task[None]) -> None:
        del self._running[effect]

    async def _rest(self) -> None:
        at_work = self._at_work()
        full = [task for kind, task in self._running.values() if at_work[kind] == _AT_ONCE]
        if full:
            # A place that becomes free is a reason to look too, and no bell rings for it.
            await asyncio.wait(full, timeout=_LOOK_EVERY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            return
        try:
            await self._jobs.wait(_LOOK_EVERY_SECONDS)
        except CacheUnavailable:
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    async def _do(self, effect: Effect) -> None:
        traced = {name: effect.subject[name] for name in ("request_id",) if name in effect.subject}
        with structlog.contextvars.bound_contextvars(effect=effect.id, kind=effect.kind, **traced):
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
        tasks = [task for _, task in self._running.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
