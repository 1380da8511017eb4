import msgspec

from adapters.outbound.cassandra.conditional import new_write_id
from adapters.outbound.cassandra.database import Database
from application.ports.sync_states import SyncStates
from domain.errors import EpochSuperseded
from domain.ids import ConnectionId, RunId
from domain.sync import SyncState

_decode = msgspec.json.Decoder(SyncState).decode


class CassandraSyncStates(SyncStates):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = database.prepare("SELECT state, write_id FROM sync_states WHERE connection_id = ?")
        # Not on the epoch: an advance that arrives late, after its repetition and the next one, has the same.
        self._store = database.prepare(
            "UPDATE sync_states SET epoch = ?, state = ?, write_id = ? WHERE connection_id = ? IF write_id = ?"
        )

    async def find(self, connection: ConnectionId) -> SyncState:
        state, _ = await self._read(connection)
        return state

    async def begin(self, connection: ConnectionId, run: RunId) -> SyncState:
        write_id = new_write_id()

        async def attempt(serial: bool) -> SyncState:
            state, seen = await self._read(connection, serial=serial)
            if seen == write_id:
                return state
            state = state.taken_up(run)
            await self._apply(state, write_id, seen)
            return state

        return await self._database.settled(("sync_states", connection), attempt)

    async def advance(self, state: SyncState) -> None:
        write_id = new_write_id()

        async def attempt(serial: bool) -> None:
            stored, seen = await self._read(state.connection, serial=serial)
            if seen == write_id:
                return
            if seen is None or stored.epoch != state.epoch:
                raise EpochSuperseded
            await self._apply(state, write_id, seen)

        await self._database.settled(("sync_states", state.connection), attempt)

    async def _apply(self, state: SyncState, write_id: str, seen: str | None) -> None:
        encoded = msgspec.json.encode(state).decode()
        await self._database.apply(self._store.bind((state.epoch, encoded, write_id, state.connection, seen)))

    async def _read(self, connection: ConnectionId, *, serial: bool = False) -> tuple[SyncState, str | None]:
        row = await self._database.row(self._find.bind((connection,)), serial=serial)
        return (_decode(row[0]), row[1]) if row else (SyncState(connection), None)
