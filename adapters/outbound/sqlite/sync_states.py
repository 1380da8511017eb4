import sqlite3

import msgspec

from adapters.outbound.sqlite.database import Database, Row
from application.ports.sync_states import SyncStates
from domain.errors import EpochSuperseded
from domain.ids import ConnectionId, RunId
from domain.sync import SyncState

_SELECT = "SELECT state FROM sync_states WHERE connection_id = ?"

_decode = msgspec.json.Decoder(SyncState).decode


class SqliteSyncStates(SyncStates):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, connection: ConnectionId) -> SyncState:
        return _state(connection, self._database.read_one(_SELECT, (connection,)))

    async def begin(self, connection: ConnectionId, run: RunId) -> SyncState:
        def raise_epoch(sql: sqlite3.Connection) -> SyncState:
            state = _state(connection, sql.execute(_SELECT, (connection,)).fetchone()).taken_up(run)
            row = (connection, state.epoch, _encode(state))
            sql.execute("INSERT OR REPLACE INTO sync_states VALUES (?, ?, ?)", row)
            return state

        return await self._database.write(raise_epoch)

    async def advance(self, state: SyncState) -> None:
        update = "UPDATE sync_states SET state = ? WHERE connection_id = ? AND epoch = ?"
        if await self._database.execute(update, (_encode(state), state.connection, state.epoch)) == 0:
            raise EpochSuperseded


def _encode(state: SyncState) -> str:
    return msgspec.json.encode(state).decode()


def _state(connection: ConnectionId, row: Row | None) -> SyncState:
    return SyncState(connection) if row is None else _decode(row[0])
