from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.entropy import Entropy
from domain.connection import Connection, ConnectionStatus
from domain.credential import Grant
from domain.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True)
class NewConnection:
    """What somebody was granted just now as a connection: it has an id for which tokens can be sealed, and is stored
    nowhere."""

    entropy: Entropy
    clock: Clock

    def __call__(self, user: UserId, provider: str, grant: Grant) -> Connection:
        """Disconnected still: active is one whose tokens are kept."""
        now = self.clock.now()
        return Connection(
            id=ConnectionId(self.entropy.identifier()),
            user=user,
            provider=provider,
            account=grant.account,
            status=ConnectionStatus.DISCONNECTED,
            scopes=grant.tokens.scopes,
            created_at=now,
            connected_at=now,
        )
