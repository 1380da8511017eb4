from contextlib import suppress
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.ports.jobs import Jobs
from application.ports.outbox import Outbox
from application.ports.runs import Runs
from application.stop_run import StopRun
from domain.connection import Connection
from domain.effect import Effect, EffectKind
from domain.errors import CacheUnavailable
from domain.ids import EffectId, RunId
from domain.sync import Run, RunStatus


@dataclass(frozen=True, slots=True)
class RequestSync:
    """A sync is promised: a worker will do it."""

    runs: Runs
    stop_run: StopRun
    outbox: Outbox
    jobs: Jobs
    entropy: Entropy
    clock: Clock

    async def __call__(self, connection: Connection) -> Run:
        """The new run; the one that goes on already, if there is one that is of use."""
        now = self.clock.now()
        run = Run(
            id=RunId(self.entropy.identifier()),
            connection=connection.id,
            user=connection.user,
            provider=connection.provider,
            status=RunStatus.QUEUED,
            requested_at=now,
        )
        subject = {"user": run.user, "connection": run.connection, "run": run.id}
        effect = Effect(EffectId(run.id), EffectKind.SYNC, subject, created_at=now, due_at=now)
        # The effect first: a crash in between leaves one without a run, which a worker drops; the other way round it
        # would leave a run that nobody does and that keeps others from starting.
        await self.outbox.add(effect)
        opened = await self.runs.open(run)
        if opened.cancel_requested or _waits_since_before(connection, opened):
            # Whoever asks now wants what comes after it.
            await self.stop_run.at_once(opened)
            opened = await self.runs.open(run)
        if opened.id != run.id:
            await self.outbox.done(effect)
            return opened
        with suppress(CacheUnavailable):
            await self.jobs.ring()
        return opened


def _waits_since_before(connection: Connection, run: Run) -> bool:
    """Whether it waits for what may not have been there before the account was connected anew, such as new tokens."""
    return run.status is RunStatus.WAITING and run.requested_at < connection.connected_at
