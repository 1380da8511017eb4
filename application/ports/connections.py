from abc import abstractmethod
from typing import Protocol

from domain.connection import Connection
from domain.ids import ConnectionId, UserId


class Connections(Protocol):
    """Connected accounts. (user, provider, outside account) names one connection until that is removed."""

    @abstractmethod
    async def connect(self, connection: Connection) -> Connection:
        """Keep it and return it. If this user has connected this outside account of this provider before, that
        connection stays, keeps its id, ``created_at`` and ``last_sync_at``, takes everything else from
        ``connection``, and is returned with a higher version. Of n callers at once all get the same id."""

    @abstractmethod
    async def find(self, user: UserId, connection: ConnectionId) -> Connection | None:
        """The connection; None when there is none or it is another user's."""

    @abstractmethod
    async def of_user(self, user: UserId) -> tuple[Connection, ...]:
        """All of ``user``'s connections, disconnected ones too, in the order of their ids."""

    @abstractmethod
    async def update(self, connection: Connection) -> Connection:
        """Store ``connection`` and return it with the next version. Raises VersionSuperseded when the stored version
        is another than ``connection.version``, or there is none."""

    @abstractmethod
    async def remove(self, user: UserId, connection: ConnectionId) -> None:
        """Forget it: nobody finds or updates it any more, and its outside account, connected again, is a connection
        with another id. One that is gone already, or is another user's, is no error."""

    @abstractmethod
    async def forget(self, user: UserId) -> None:
        """Remove every connection of ``user``, and leave no trace of those that were removed before. Nobody will
        connect one again."""
