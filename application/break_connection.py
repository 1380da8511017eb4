from dataclasses import dataclass, replace

from application.amend_connection import AmendConnection
from application.ports.clock import Clock
from application.ports.connections import Connections
from application.ports.credentials import Credentials
from application.ports.providers import Providers
from application.promise_mail import PromiseMail
from application.record_event import RecordEvent
from domain.connection import Connection, ConnectionStatus, SyncError
from domain.credential import Credential
from domain.errors import NeedsReauth
from domain.security_event import SecurityAction


@dataclass(frozen=True, slots=True)
class BreakConnection:
    """The provider's verdict is that a grant is dead: its owner must connect again, and is told so once."""

    providers: Providers
    connections: Connections
    credentials: Credentials
    amend_connection: AmendConnection
    promise_mail: PromiseMail
    record_event: RecordEvent
    clock: Clock

    async def __call__(self, connection: Connection, judged: Credential) -> None:
        """``judged``: what the verdict is on. One that has been replaced or returned since says nothing any more."""
        present = await self.connections.find(connection.user, connection.id)
        stored = await self.credentials.find(connection.id)
        if present is None or present.status is not ConnectionStatus.ACTIVE:
            return
        if stored is None or stored.revision != judged.revision:
            return
        # First: a process that is stopped in between leaves a mail that is about nothing, and is not sent.
        name = self.providers.get(present.provider).name
        await self.promise_mail.broken(present, judged, about=f"{name} ({present.account.name})")
        if not await self._break(present):
            return
        now = await self.credentials.find(connection.id)
        if now is not None and now.revision != judged.revision:
            await self.mend(present)
            return
        await self.record_event(SecurityAction.CONNECTION_BROKEN, None, user=present.user, refusal=NeedsReauth())

    async def _break(self, present: Connection) -> bool:
        broken = False

        def change(before: Connection) -> Connection:
            nonlocal broken
            # Connected again since: another grant.
            broken = before.status is ConnectionStatus.ACTIVE and before.connected_at == present.connected_at
            if not broken:
                return before
            error = SyncError(NeedsReauth.code, self.clock.now())
            return replace(before, status=ConnectionStatus.NEEDS_REAUTH, last_error=error)

        await self.amend_connection(present.user, present.id, change)
        return broken

    async def mend(self, present: Connection) -> None:
        """There is a newer grant than the one that was judged; of an account connected again that is another matter."""

        def change(before: Connection) -> Connection:
            same = before.connected_at == present.connected_at and before.status is ConnectionStatus.NEEDS_REAUTH
            return replace(before, status=ConnectionStatus.ACTIVE, last_error=None) if same else before

        await self.amend_connection(present.user, present.id, change)
