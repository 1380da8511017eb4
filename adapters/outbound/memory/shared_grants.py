from datetime import datetime

from application.ports.shared_grants import SharedGrants
from domain.credential import GrantId
from domain.ids import ConnectionId


class MemorySharedGrants(SharedGrants):
    def __init__(self) -> None:
        self._holders: dict[GrantId, set[ConnectionId]] = {}
        self._claims: dict[GrantId, tuple[str, datetime]] = {}

    async def join(self, grant: GrantId, connection: ConnectionId) -> None:
        self._holders.setdefault(grant, set()).add(connection)

    async def leave(self, grant: GrantId, connection: ConnectionId) -> None:
        self._holders.get(grant, set()).discard(connection)

    async def holders(self, grant: GrantId) -> tuple[ConnectionId, ...]:
        return tuple(sorted(self._holders.get(grant, ())))

    async def claim(self, grant: GrantId, claim: str, *, until: datetime, now: datetime) -> bool:
        if grant in self._claims and now < self._claims[grant][1]:
            return False
        self._claims[grant] = claim, until
        return True

    async def release(self, grant: GrantId, claim: str) -> None:
        if grant in self._claims and self._claims[grant][0] == claim:
            del self._claims[grant]
