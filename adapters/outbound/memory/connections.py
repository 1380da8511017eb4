from dataclasses import replace

from application.ports.connections import Connections
from domain.connection import Connection
from domain.errors import VersionSuperseded
from domain.ids import ConnectionId, UserId


class MemoryConnections(Connections):
    def __init__(self) -> None:
        self._of_user: dict[UserId, dict[ConnectionId, Connection]] = {}

    async def connect(self, connection: Connection) -> Connection:
        mine = self._of_user.setdefault(connection.user, {})
        before = next((one for one in mine.values() if _outside(one) == _outside(connection)), None)
        if before is not None:
            connection = replace(
                connection,
                id=before.id,
                created_at=before.created_at,
                last_sync_at=before.last_sync_at,
                version=before.version + 1,
            )
        mine[connection.id] = connection
        return connection

    async def find(self, user: UserId, connection: ConnectionId) -> Connection | None:
        return self._of_user.get(user, {}).get(connection)

    async def of_user(self, user: UserId) -> tuple[Connection, ...]:
        return tuple(sorted(self._of_user.get(user, {}).values(), key=lambda connection: connection.id))

    async def update(self, connection: Connection) -> Connection:
        mine = self._of_user.get(connection.user, {})
        stored = mine.get(connection.id)
        if stored is None or stored.version != connection.version:
            raise VersionSuperseded
        mine[connection.id] = after = replace(connection, version=connection.version + 1)
        return after

    async def remove(self, user: UserId, connection: ConnectionId) -> None:
        self._of_user.get(user, {}).pop(connection, None)

    async def forget(self, user: UserId) -> None:
        self._of_user.pop(user, None)


def _outside(connection: Connection) -> tuple[str, str]:
    return connection.provider, connection.account.id
