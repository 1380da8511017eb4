import asyncio
from dataclasses import dataclass

from application.choose_connection import ChooseConnection
from application.describe_connection import DescribeConnection, DescribedConnection
from application.limit_calls import LimitCalls
from application.list_items import ItemPage, ItemQuery, ListItems
from application.ports.providers import Providers
from application.rates import SYNC
from application.request_sync import RequestSync
from domain.connection import Connection, ConnectionStatus
from domain.errors import NotConnected
from domain.ids import ConnectionId, UserId

_PATIENCE_SECONDS = 10.0
_LOOK_EVERY_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class LoadItems:
    """A person asks for a provider's items, fresh ones if they say so or if there are none yet."""

    choose_connection: ChooseConnection
    providers: Providers
    describe_connection: DescribeConnection
    request_sync: RequestSync
    list_items: ListItems
    limit_calls: LimitCalls

    async def __call__(
        self,
        user: UserId,
        *,
        provider: str,
        connection: ConnectionId | None,
        kind: str | None,
        cursor: str | None,
        limit: int,
        refresh: bool,
    ) -> tuple[ItemPage, DescribedConnection]:
        """Waits for a fresh run, but not long. What cannot be synced now is read as it is: its status says why. Raises
        NotFound, NotConnected, LimitReached, CursorInvalid."""
        chosen = await self.choose_connection.to_read(user, provider, connection)
        if chosen is None:
            raise NotConnected
        never_synced = cursor is None and await self._is_yet_to_come(chosen)
        can_sync = chosen.status is ConnectionStatus.ACTIVE and self.providers.get(provider).configured
        if can_sync and (refresh or never_synced):
            await self._sync(chosen, insist=refresh)
            chosen = await self.choose_connection.to_read(user, provider, chosen.id) or chosen
        query = ItemQuery(provider, chosen.id, kind)
        page = await self.list_items(user, query, cursor=cursor, limit=limit)
        return page, await self.describe_connection(chosen)

    async def _is_yet_to_come(self, connection: Connection) -> bool:
        """Whether its first sync has not come to an end; after one that failed, the next is for a person to ask for."""
        run = (await self.describe_connection(connection)).run
        return connection.last_sync_at is None and (run is None or not run.status.is_final)

    async def _sync(self, connection: Connection, *, insist: bool) -> None:
        run = (await self.describe_connection(connection)).run
        if run is None or run.status.is_final:
            if insist:
                await self.limit_calls(SYNC, connection.id)
            elif not await self.limit_calls.allows((SYNC,), connection.id):
                return
            await self.request_sync(connection)
        for _ in range(int(_PATIENCE_SECONDS / _LOOK_EVERY_SECONDS)):
            run = (await self.describe_connection(connection)).run
            if run is None or run.status.is_final:
                return
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
