from dataclasses import dataclass, replace

from application.ports.runs import Runs
from application.ports.sync_states import SyncStates
from domain.errors import NotFound
from domain.ids import RunId, UserId
from domain.sync import Run


@dataclass(frozen=True, slots=True)
class ShowRun:
    """A person looks at one of their runs."""

    runs: Runs
    sync_states: SyncStates

    async def __call__(self, user: UserId, run: RunId) -> Run:
        """With its counts as they are now. Raises NotFound."""
        found = await self.runs.find(run)
        if found is None or found.user != user:
            raise NotFound
        state = await self.sync_states.find(found.connection)
        return found if found.status.is_final or state.run != run else replace(found, counts=state.counts)
