from abc import abstractmethod
from typing import Protocol

from domain.ids import ConnectionId, RunId
from domain.sync import SyncState


class SyncStates(Protocol):
    """What is published of each connection, and who may publish next."""

    @abstractmethod
    async def find(self, connection: ConnectionId) -> SyncState:
        """The state; a fresh one (epoch 0) where nothing was ever begun."""

    @abstractmethod
    async def begin(self, connection: ConnectionId, run: RunId) -> SyncState:
        """Raise the epoch by one and return the state: n callers at once get n different epochs. If the state was of
        another run, its streams go on or begin anew as ``SyncState.taken_up`` says, counts are empty and run_sequence
        is the sequence; sequence and totals always stay."""

    @abstractmethod
    async def advance(self, state: SyncState) -> None:
        """Publish ``state`` as a whole. Raises EpochSuperseded, and changes nothing, unless the stored epoch is
        ``state.epoch``."""
