from abc import abstractmethod
from typing import Protocol

from application.ports.changes import Changes
from application.ports.connections import Connections
from application.ports.credentials import Credentials
from application.ports.deletions import Deletions
from application.ports.identities import Identities
from application.ports.items import Items
from application.ports.outbox import Outbox
from application.ports.password_resets import PasswordResets
from application.ports.profiles import Profiles
from application.ports.registrations import Registrations
from application.ports.runs import Runs
from application.ports.security_events import SecurityEvents
from application.ports.sessions import Sessions
from application.ports.shared_grants import SharedGrants
from application.ports.sync_states import SyncStates
from application.ports.users import Users


class StorageRefused(Exception):
    """The store is there but cannot be used as it is; the message says in one line what to do."""


class Storage(Protocol):
    """What lasts. Its ports are opened, swapped and closed together. Each method of each port is one atomic step that
    is durable when it returns; a store out of reach raises StorageUnavailable from every one of them."""

    users: Users
    profiles: Profiles
    sessions: Sessions
    registrations: Registrations
    password_resets: PasswordResets
    security_events: SecurityEvents
    identities: Identities
    connections: Connections
    credentials: Credentials
    shared_grants: SharedGrants
    items: Items
    changes: Changes
    sync_states: SyncStates
    runs: Runs
    outbox: Outbox
    deletions: Deletions

    @abstractmethod
    async def ping(self) -> None:
        """Raises StorageUnavailable unless it answers, within two seconds."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of files, threads and sockets; called once."""
