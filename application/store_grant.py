from dataclasses import dataclass, replace

from application.amend_connection import AmendConnection
from application.keep_alive import KeepAlive
from application.new_connection import NewConnection
from application.ports.clock import Clock
from application.ports.connections import Connections
from application.ports.credentials import Credentials
from application.ports.shared_grants import SharedGrants
from application.promise_revocation import PromiseRevocation
from application.seal_tokens import SealTokens
from application.share_grant import ShareGrant
from domain.connection import Connection, ConnectionStatus
from domain.credential import Grant, Tokens
from domain.errors import AuthorizationEnded
from domain.ids import UserId


@dataclass(frozen=True, slots=True)
class StoreGrant:
    """What a person was granted becomes a connection, or that of the same outside account anew."""

    new_connection: NewConnection
    connections: Connections
    credentials: Credentials
    shared_grants: SharedGrants
    share_grant: ShareGrant
    keep_alive: KeepAlive
    seal_tokens: SealTokens
    amend_connection: AmendConnection
    promise_revocation: PromiseRevocation
    clock: Clock

    async def __call__(self, user: UserId, provider: str, grant: Grant) -> Connection:
        """The connection, active. Raises AuthorizationEnded when it was removed in the meantime."""
        connection = self.new_connection(user, provider, grant)
        # Tokens are sealed for their connection, so its id must be known first; but an active connection is stored
        # last: a crash in between leaves one that says what it was before, never one that is active without a grant.
        # From the first step on it is newer than any disconnection still under way, which then leaves it alone.
        known = await self._known(connection)
        if known:
            # It may be active already, and the promise of its last connecting ends with that.
            await self.keep_alive.promised(replace(connection, id=known.id))
        stored = await self.connections.connect(replace(connection, status=known.status) if known else connection)
        await self._keep(stored, grant.tokens)
        if not known:
            await self.keep_alive.promised(stored)
        return await self._activated(stored)

    async def _known(self, new: Connection) -> Connection | None:
        mine = await self.connections.of_user(new.user)
        same = (one for one in mine if (one.provider, one.account.id) == (new.provider, new.account.id))
        return next(same, None)

    async def _keep(self, connection: Connection, tokens: Tokens) -> None:
        shared = self.share_grant.of(connection.provider, connection.account.id)
        if shared:
            # First: from now on nobody returns it who goes.
            await self.shared_grants.join(shared, connection.id)
        credential = self.seal_tokens(connection.id, tokens)
        await self.credentials.put(credential)
        if shared:
            # A provider may let the tokens end that it gave out before.
            await self.share_grant.hand_out(shared, credential, tokens)

    async def _activated(self, stored: Connection) -> Connection:
        def change(before: Connection) -> Connection:
            # Else somebody has connected it once more, and sees to it.
            mine = before.connected_at == stored.connected_at
            return replace(before, status=ConnectionStatus.ACTIVE, last_error=None) if mine else before

        active = await self.amend_connection(stored.user, stored.id, change)
        if active is None:
            # Whoever removed it may have missed what has been kept since.
            await self.promise_revocation(stored, await self.credentials.find(stored.id), at=self.clock.now())
            raise AuthorizationEnded
        return active
