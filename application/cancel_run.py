from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.runs import Runs
from application.show_run import ShowRun
from domain.ids import RunId, UserId
from domain.sync import Run, RunStatus


@dataclass(frozen=True, slots=True)
class CancelRun:
    """A person has a run stopped; what it has published stays."""

    runs: Runs
    show_run: ShowRun
    clock: Clock

    async def __call__(self, user: UserId, run: RunId) -> Run:
        """The run as it is then: one that is being worked on stops at its next page. Raises NotFound."""
        found = await self.show_run(user, run)
        await self.runs.request_cancel(run)
        if found.status in (RunStatus.QUEUED, RunStatus.WAITING):
            # Nobody is at it, so nobody would notice the request soon.
            await self.runs.finish(run, RunStatus.CANCELLED, at=self.clock.now(), counts=found.counts)
        return await self.show_run(user, run)
