from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.connections import Connections
from application.ports.entropy import Entropy
from application.promise_revocation import PromiseRevocation
from application.seal_tokens import SealTokens
from domain.connection import Connection, ConnectionStatus
from domain.credential import Grant
from domain.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True)
class ReturnGrant:
    """What a provider granted to somebody who has signed out meanwhile goes back to it."""

    connections: Connections
    seal_tokens: SealTokens
    promise_revocation: PromiseRevocation
    entropy: Entropy
    clock: Clock

    async def __call__(self, user: UserId, provider: str, grant: Grant) -> None:
        mine = await self.connections.of_user(user)
        if any((one.provider, one.account.id) == (provider, grant.account.id) and one.is_live for one in mine):
            # It may be the one that this connection has: some providers grant the same again.
            return
        now = self.clock.now()
        never_stored = Connection(
            id=ConnectionId(self.entropy.identifier()),
            user=user,
            provider=provider,
            account=grant.account,
            status=ConnectionStatus.DISCONNECTED,
            scopes=grant.tokens.scopes,
            created_at=now,
            connected_at=now,
        )
        sealed = self.seal_tokens(never_stored.id, grant.tokens)
        await self.promise_revocation(never_stored, sealed, at=now)
