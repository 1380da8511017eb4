from dataclasses import dataclass, replace

from application.amend_connection import AmendConnection
from application.ports.clock import Clock
from application.ports.providers import Providers
from application.promise_mail import PromiseMail
from application.record_event import RecordEvent
from domain.connection import Connection, ConnectionStatus, SyncError
from domain.errors import NeedsReauth
from domain.mail import MailKind
from domain.security_event import SecurityAction


@dataclass(frozen=True, slots=True)
class BreakConnection:
    """The provider's verdict is that a grant is dead: its owner must connect again, and is told so once."""

    providers: Providers
    amend_connection: AmendConnection
    promise_mail: PromiseMail
    record_event: RecordEvent
    clock: Clock

    async def __call__(self, connection: Connection) -> None:
        broken = False

        def change(before: Connection) -> Connection:
            nonlocal broken
            # Reconnected since: that verdict was on the old grant.
            broken = before.status is ConnectionStatus.ACTIVE and before.connected_at == connection.connected_at
            if not broken:
                return before
            error = SyncError(NeedsReauth.code, self.clock.now())
            return replace(before, status=ConnectionStatus.NEEDS_REAUTH, last_error=error)

        await self.amend_connection(connection.user, connection.id, change)
        if broken:
            about = f"{self.providers.get(connection.provider).name} ({connection.account.name})"
            await self.promise_mail.notice(connection.user, MailKind.CONNECTION_BROKEN, about=about)
            await self.record_event(SecurityAction.CONNECTION_BROKEN, None, user=connection.user, refusal=NeedsReauth())
