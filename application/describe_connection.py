from collections.abc import Mapping
from dataclasses import dataclass, replace

from application.ports.providers import Providers
from application.ports.runs import Runs
from application.ports.sync_states import SyncStates
from domain.connection import Connection, ConnectionStatus
from domain.sync import Run


@dataclass(frozen=True, slots=True)
class DescribedConnection:
    connection: Connection
    status: str
    """active, syncing, needs_reauth, error, disconnected"""
    totals: Mapping[str, int]
    """Items, by kind."""
    run: Run | None
    """The newest one, with its counts as they are now."""
    missing_scopes: tuple[str, ...]
    """What was asked for and not granted, as far as the provider tells."""


@dataclass(frozen=True, slots=True)
class DescribeConnection:
    """How a connection is doing."""

    providers: Providers
    runs: Runs
    sync_states: SyncStates

    async def __call__(self, connection: Connection) -> DescribedConnection:
        run = await self.runs.latest(connection.id)
        state = await self.sync_states.find(connection.id)
        if run and not run.status.is_final and state.run == run.id:
            run = replace(run, counts=state.counts)
        return DescribedConnection(connection, _status(connection, run), state.totals, run, self._missing(connection))

    def _missing(self, connection: Connection) -> tuple[str, ...]:
        if not connection.scopes:
            return ()
        # Its provider may not be declared any more.
        asked = next((one.scopes for one in self.providers.all() if one.slug == connection.provider), ())
        return tuple(scope for scope in asked if scope not in connection.scopes)


def _status(connection: Connection, run: Run | None) -> str:
    if connection.status is not ConnectionStatus.ACTIVE:
        return connection.status.value
    if run and not run.status.is_final:
        return "syncing"
    return "error" if connection.last_error else "active"
