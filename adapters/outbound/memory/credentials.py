from dataclasses import replace
from datetime import datetime

from application.ports.credentials import Credentials
from domain.credential import Credential
from domain.ids import ConnectionId


class MemoryCredentials(Credentials):
    def __init__(self) -> None:
        self._credentials: dict[ConnectionId, Credential] = {}

    async def put(self, credential: Credential) -> None:
        self._credentials[credential.connection] = credential

    async def find(self, connection: ConnectionId) -> Credential | None:
        return self._credentials.get(connection)

    async def claim(self, credential: Credential, *, until: datetime, now: datetime) -> bool:
        stored = self._stored(credential.connection, credential.revision)
        if stored is None or (stored.claimed_until is not None and now < stored.claimed_until):
            return False
        self._credentials[credential.connection] = replace(stored, claimed_until=until)
        return True

    async def release(self, credential: Credential, *, claimed: datetime) -> None:
        stored = self._stored(credential.connection, credential.revision)
        if stored is not None and stored.claimed_until == claimed:
            self._credentials[credential.connection] = replace(stored, claimed_until=None)

    async def replace(self, credential: Credential, *, expected: str) -> bool:
        if self._stored(credential.connection, expected) is None:
            return False
        self._credentials[credential.connection] = replace(credential, claimed_until=None)
        return True

    async def remove(self, connection: ConnectionId, *, revision: str) -> None:
        if self._stored(connection, revision) is not None:
            del self._credentials[connection]

    def _stored(self, connection: ConnectionId, revision: str) -> Credential | None:
        stored = self._credentials.get(connection)
        return stored if stored is not None and stored.revision == revision else None
