from application.ports.sync_states import SyncStates
from domain.errors import EpochSuperseded
from domain.ids import ConnectionId, RunId
from domain.sync import SyncState


class MemorySyncStates(SyncStates):
    def __init__(self) -> None:
        self._states: dict[ConnectionId, SyncState] = {}

    async def find(self, connection: ConnectionId) -> SyncState:
        return self._states.get(connection) or SyncState(connection)

    async def begin(self, connection: ConnectionId, run: RunId) -> SyncState:
        self._states[connection] = state = (await self.find(connection)).taken_up(run)
        return state

    async def advance(self, state: SyncState) -> None:
        stored = self._states.get(state.connection)
        if stored is None or stored.epoch != state.epoch:
            raise EpochSuperseded
        self._states[state.connection] = state
