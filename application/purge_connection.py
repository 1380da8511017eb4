from dataclasses import dataclass

from application.outcome import DONE, Again, Outcome
from application.ports.changes import Changes
from application.ports.connections import Connections
from application.ports.items import Items
from application.ports.runs import Runs
from application.ports.sync_states import SyncStates
from domain.effect import Effect
from domain.errors import EpochSuperseded
from domain.ids import ConnectionId, RunId, UserId

_UNPUBLISHED = 1_000
"""How far a log can go beyond what is published."""
_LATE_WRITERS_SECONDS = 60


@dataclass(frozen=True, slots=True)
class PurgeConnection:
    """A worker clears away what came through a connection that is removed."""

    connections: Connections
    sync_states: SyncStates
    changes: Changes
    items: Items
    runs: Runs

    async def __call__(self, effect: Effect) -> Outcome:
        connection = ConnectionId(effect.subject["connection"])
        if not await self._is_removed(effect, connection):
            return DONE
        try:
            await self._clear(effect, connection)
        except EpochSuperseded:
            # A run was just taking the connection up; it will find that there is none.
            return Again(1, effect.attempts)
        # A run may have been writing one more page of items at this moment.
        return DONE if effect.attempts else Again(_LATE_WRITERS_SECONDS, 1)

    async def _clear(self, effect: Effect, connection: ConnectionId) -> None:
        # Under a higher epoch, so that a run that is still at it can publish and append nothing any more.
        state = await self.sync_states.begin(connection, RunId(effect.id))
        await self.changes.take_over(connection, state.epoch, published=state.sequence)
        await self.changes.clear(connection, until=state.sequence + _UNPUBLISHED)
        await self.items.clear(connection)
        await self.runs.clear(connection)

    async def _is_removed(self, effect: Effect, connection: ConnectionId) -> bool:
        """First of all: what is cleared must not be counted, or read, by anybody any more. False when whoever asked for
        it was stopped, and the account has been connected again since."""
        user = UserId(effect.subject.get("user", ""))
        found = await self.connections.find(user, connection)
        if found is not None and found.connected_at > effect.created_at:
            return False
        await self.connections.remove(user, connection)
        return True
