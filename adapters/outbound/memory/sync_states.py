from dataclasses import replace

from application.ports.sync_states import SyncStates
from domain.errors import EpochSuperseded
from domain.ids import ConnectionId, RunId
from domain.sync import RunCounts, SyncState


class MemorySyncStates(SyncStates):
    def __init__(self) -> None:
        self._states: dict[ConnectionId, SyncState] = {}

    async def find(self, connection: ConnectionId) -> SyncState:
        return self._states.get(connection) or SyncState(connection)

    async def begin(self, connection: ConnectionId, run: RunId) -> SyncState:
        state = await self.find(connection)
        if state.run != run:
            state = replace(state, run=run, streams=(), counts=RunCounts())
        self._states[connection] = state = replace(state, epoch=state.epoch + 1)
        return state

    async def advance(self, state: SyncState) -> None:
        stored = self._states.get(state.connection)
        if stored is None or stored.epoch != state.epoch:
            raise EpochSuperseded
        self._states[state.connection] = state
