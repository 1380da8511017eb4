from dataclasses import dataclass

from application.outcome import DONE, Again, Outcome
from application.ports.changes import Changes
from application.ports.items import Items
from application.ports.runs import Runs
from application.ports.sync_states import SyncStates
from domain.effect import Effect
from domain.ids import ConnectionId, RunId

_UNPUBLISHED = 1_000
"""How far a log can go beyond what is published."""
_LATE_WRITERS_SECONDS = 60


@dataclass(frozen=True, slots=True)
class PurgeConnection:
    """A worker clears away what came through a connection that was removed."""

    sync_states: SyncStates
    changes: Changes
    items: Items
    runs: Runs

    async def __call__(self, effect: Effect) -> Outcome:
        connection = ConnectionId(effect.subject["connection"])
        # Under a higher epoch, so that a run that is still at it can publish and append nothing any more.
        state = await self.sync_states.begin(connection, RunId(effect.id))
        await self.changes.take_over(connection, state.epoch, published=state.sequence)
        await self.changes.clear(connection, until=state.sequence + _UNPUBLISHED)
        await self.items.clear(connection)
        await self.runs.clear(connection)
        # That run may have been writing one more page of items at this moment.
        return DONE if effect.attempts else Again(_LATE_WRITERS_SECONDS, 1)
