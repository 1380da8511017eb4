import asyncio

from adapters.outbound.sqlite.changes import SqliteChanges
from adapters.outbound.sqlite.connections import SqliteConnections
from adapters.outbound.sqlite.credentials import SqliteCredentials
from adapters.outbound.sqlite.database import Database
from adapters.outbound.sqlite.deletions import SqliteDeletions
from adapters.outbound.sqlite.file_lock import FileLock
from adapters.outbound.sqlite.identities import SqliteIdentities
from adapters.outbound.sqlite.items import SqliteItems
from adapters.outbound.sqlite.location import database_path, make_file
from adapters.outbound.sqlite.outbox import SqliteOutbox
from adapters.outbound.sqlite.password_resets import SqlitePasswordResets
from adapters.outbound.sqlite.profiles import SqliteProfiles
from adapters.outbound.sqlite.registrations import SqliteRegistrations
from adapters.outbound.sqlite.runs import SqliteRuns
from adapters.outbound.sqlite.schema import init_schema
from adapters.outbound.sqlite.security_events import SqliteSecurityEvents
from adapters.outbound.sqlite.sessions import SqliteSessions
from adapters.outbound.sqlite.shared_grants import SqliteSharedGrants
from adapters.outbound.sqlite.sync_states import SqliteSyncStates
from adapters.outbound.sqlite.users import SqliteUsers
from application.ports.storage import Storage


class SqliteStorage(Storage):
    """One file, shared by the processes of one machine."""

    def __init__(self, database: Database, lock: FileLock | None) -> None:
        self._database, self._lock = database, lock
        self.users = SqliteUsers(database)
        self.profiles = SqliteProfiles(database)
        self.sessions = SqliteSessions(database)
        self.registrations = SqliteRegistrations(database)
        self.password_resets = SqlitePasswordResets(database)
        self.security_events = SqliteSecurityEvents(database)
        self.identities = SqliteIdentities(database)
        self.connections = SqliteConnections(database)
        self.credentials = SqliteCredentials(database)
        self.shared_grants = SqliteSharedGrants(database)
        self.items = SqliteItems(database)
        self.changes = SqliteChanges(database)
        self.sync_states = SqliteSyncStates(database)
        self.runs = SqliteRuns(database)
        self.outbox = SqliteOutbox(database)
        self.deletions = SqliteDeletions(database)

    async def ping(self) -> None:
        self._database.read("SELECT count(*) FROM schema_steps")

    async def close(self) -> None:
        await self._database.close()
        if self._lock:
            self._lock.close()


async def open_storage(url: str, *, alone: bool | None) -> SqliteStorage:
    """Makes the file if there is none and brings its schema up to date. ``alone``: no other process may have it open,
    nor open it later; None for a visitor, who minds nobody. Raises StorageRefused, StorageUnavailable."""
    path = database_path(url)
    await asyncio.to_thread(make_file, path)
    lock = None if alone is None else FileLock(path, alone=alone)
    try:
        await init_schema(url)
        return SqliteStorage(Database(path), lock)
    except BaseException:
        if lock:
            lock.close()
        raise
