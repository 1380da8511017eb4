from dataclasses import dataclass

from application.ports.connections import Connections
from application.ports.items import Items
from domain.connection import Connection
from domain.errors import NotFound
from domain.ids import UserId
from domain.item import Item, parse_item_id


@dataclass(frozen=True, slots=True)
class ShowItem:
    """A person looks at one item."""

    connections: Connections
    items: Items

    async def __call__(self, user: UserId, item_id: str) -> tuple[Item, Connection]:
        """Raises NotFound, also for other people's items."""
        connection_id, key = parse_item_id(item_id)
        connection = await self.connections.find(user, connection_id)
        if connection is None:
            raise NotFound
        item = await self.items.find(connection_id, key)
        if item is None:
            raise NotFound
        return item, connection
