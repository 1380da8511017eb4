from adapters.outbound.memory.changes import MemoryChanges
from adapters.outbound.memory.connections import MemoryConnections
from adapters.outbound.memory.credentials import MemoryCredentials
from adapters.outbound.memory.deletions import MemoryDeletions
from adapters.outbound.memory.identities import MemoryIdentities
from adapters.outbound.memory.items import MemoryItems
from adapters.outbound.memory.outbox import MemoryOutbox
from adapters.outbound.memory.password_resets import MemoryPasswordResets
from adapters.outbound.memory.profiles import MemoryProfiles
from adapters.outbound.memory.registrations import MemoryRegistrations
from adapters.outbound.memory.runs import MemoryRuns
from adapters.outbound.memory.security_events import MemorySecurityEvents
from adapters.outbound.memory.sessions import MemorySessions
from adapters.outbound.memory.shared_grants import MemorySharedGrants
from adapters.outbound.memory.sync_states import MemorySyncStates
from adapters.outbound.memory.users import MemoryUsers
from application.ports.storage import Storage


class MemoryStorage(Storage):
    """Lasts as long as the object. No method awaits anything, so each is atomic within one event loop."""

    def __init__(self) -> None:
        self.users = MemoryUsers()
        self.profiles = MemoryProfiles()
        self.sessions = MemorySessions()
        self.registrations = MemoryRegistrations()
        self.password_resets = MemoryPasswordResets()
        self.security_events = MemorySecurityEvents()
        self.identities = MemoryIdentities()
        self.connections = MemoryConnections()
        self.credentials = MemoryCredentials()
        self.shared_grants = MemorySharedGrants()
        self.items = MemoryItems()
        self.changes = MemoryChanges()
        self.sync_states = MemorySyncStates()
        self.runs = MemoryRuns()
        self.outbox = MemoryOutbox()
        self.deletions = MemoryDeletions()

    async def ping(self) -> None:
        pass

    async def close(self) -> None:
        pass


async def open_storage(url: str, *, alone: bool | None) -> MemoryStorage:
    """A new, empty store at each call, whatever ``url`` says."""
    del url, alone
    return MemoryStorage()
