from dataclasses import dataclass

from application.new_connection import NewConnection
from application.ports.connections import Connections
from application.promise_revocation import PromiseRevocation
from application.seal_tokens import SealTokens
from domain.credential import Grant
from domain.ids import UserId


@dataclass(frozen=True, slots=True)
class ReturnGrant:
    """What a provider granted to somebody who has signed out meanwhile goes back to it."""

    connections: Connections
    new_connection: NewConnection
    seal_tokens: SealTokens
    promise_revocation: PromiseRevocation

    async def __call__(self, user: UserId, provider: str, grant: Grant) -> None:
        mine = await self.connections.of_user(user)
        if any((one.provider, one.account.id) == (provider, grant.account.id) and one.is_live for one in mine):
            # It may be the one that this connection has: some providers grant the same again.
            return
        never_stored = self.new_connection(user, provider, grant)
        sealed = self.seal_tokens(never_stored.id, grant.tokens)
        await self.promise_revocation(never_stored, sealed, at=never_stored.connected_at)
