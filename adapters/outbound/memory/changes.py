from collections.abc import Sequence

from application.ports.changes import Changes
from domain.errors import EpochSuperseded
from domain.ids import ConnectionId
from domain.sync import Change

_LIMIT = 1000


class MemoryChanges(Changes):
    def __init__(self) -> None:
        self._logs: dict[ConnectionId, dict[int, Change]] = {}
        self._epochs: dict[ConnectionId, int] = {}

    async def append(self, connection: ConnectionId, epoch: int, changes: Sequence[Change]) -> None:
        self._check(connection, epoch)
        self._logs.setdefault(connection, {}).update((change.number, change) for change in changes)

    async def take_over(self, connection: ConnectionId, epoch: int, *, published: int) -> tuple[Change, ...]:
        self._check(connection, epoch)
        self._epochs[connection] = epoch
        log = self._logs.get(connection, {})
        return tuple(log[number] for number in sorted(log) if number > published)

    async def between(self, connection: ConnectionId, *, after: int, until: int) -> tuple[Change, ...]:
        log = self._logs.get(connection, {})
        numbers = range(after + 1, min(until, after + _LIMIT) + 1)
        return tuple(log[number] for number in numbers if number in log)

    async def clear(self, connection: ConnectionId, *, until: int) -> None:
        log = self._logs.get(connection, {})
        for number in [number for number in log if number <= until]:
            del log[number]

    def _check(self, connection: ConnectionId, epoch: int) -> None:
        if epoch < self._epochs.get(connection, 0):
            raise EpochSuperseded
