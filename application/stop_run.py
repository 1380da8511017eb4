from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.runs import Runs
from application.ports.sync_states import SyncStates
from domain.sync import Run, RunStatus


@dataclass(frozen=True, slots=True)
class StopRun:
    """A run is no longer wanted; what it has published stays."""

    runs: Runs
    sync_states: SyncStates
    clock: Clock

    async def __call__(self, run: Run) -> None:
        """One that is being worked on stops at its next page; one that waits ends at once, for nobody is at it who
        would notice."""
        asked = await self.runs.request_cancel(run.id)
        if asked and asked.status in (RunStatus.QUEUED, RunStatus.WAITING):
            await self.at_once(asked)

    async def at_once(self, run: Run) -> None:
        """End it without asking whoever is at it: they find it ended, and can publish nothing under the next epoch."""
        state = await self.sync_states.find(run.connection)
        counts = state.counts if state.run == run.id else run.counts
        await self.runs.finish(run.id, RunStatus.CANCELLED, at=self.clock.now(), counts=counts)
