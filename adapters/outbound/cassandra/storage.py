import asyncio

from adapters.outbound.cassandra.changes import CassandraChanges
from adapters.outbound.cassandra.cluster import connect
from adapters.outbound.cassandra.connections import CassandraConnections
from adapters.outbound.cassandra.credentials import CassandraCredentials
from adapters.outbound.cassandra.database import Database
from adapters.outbound.cassandra.deletions import CassandraDeletions
from adapters.outbound.cassandra.failures import unavailable_on_failure
from adapters.outbound.cassandra.identities import CassandraIdentities
from adapters.outbound.cassandra.items import CassandraItems
from adapters.outbound.cassandra.location import Location, cassandra_location
from adapters.outbound.cassandra.outbox import CassandraOutbox
from adapters.outbound.cassandra.password_resets import CassandraPasswordResets
from adapters.outbound.cassandra.profiles import CassandraProfiles
from adapters.outbound.cassandra.registrations import CassandraRegistrations
from adapters.outbound.cassandra.runs import CassandraRuns
from adapters.outbound.cassandra.schema import check_schema
from adapters.outbound.cassandra.security_events import CassandraSecurityEvents
from adapters.outbound.cassandra.sessions import CassandraSessions
from adapters.outbound.cassandra.shared_grants import CassandraSharedGrants
from adapters.outbound.cassandra.sync_states import CassandraSyncStates
from adapters.outbound.cassandra.users import CassandraUsers
from application.ports.storage import Storage


class CassandraStorage(Storage):
    """A keyspace, shared by any number of processes; each of them opens it for itself, after a fork."""

    def __init__(self, database: Database) -> None:
        """Prepares every statement: blocks."""
        self._database = database
        self._ping = database.prepare("SELECT number FROM schema_steps WHERE number = 1")
        self.users = CassandraUsers(database)
        self.profiles = CassandraProfiles(database)
        self.sessions = CassandraSessions(database)
        self.registrations = CassandraRegistrations(database)
        self.password_resets = CassandraPasswordResets(database)
        self.security_events = CassandraSecurityEvents(database)
        self.identities = CassandraIdentities(database)
        self.connections = CassandraConnections(database)
        self.credentials = CassandraCredentials(database)
        self.shared_grants = CassandraSharedGrants(database)
        self.items = CassandraItems(database)
        self.changes = CassandraChanges(database)
        self.sync_states = CassandraSyncStates(database)
        self.runs = CassandraRuns(database)
        self.outbox = CassandraOutbox(database)
        self.deletions = CassandraDeletions(database)

    async def ping(self) -> None:
        await self._database.row(self._ping)

    async def close(self) -> None:
        await self._database.close()


async def open_storage(url: str, *, alone: bool | None) -> CassandraStorage:
    """``alone`` is nothing to Cassandra. Raises StorageRefused, StorageUnavailable."""
    del alone
    return await asyncio.to_thread(_open, cassandra_location(url))


def _open(location: Location) -> CassandraStorage:
    cluster, session = connect(location)
    try:
        with unavailable_on_failure():
            check_schema(session, location.keyspace)
            return CassandraStorage(Database(cluster, session, location.keyspace))
    except BaseException:
        cluster.shutdown()
        raise
