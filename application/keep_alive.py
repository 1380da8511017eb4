from dataclasses import dataclass
from datetime import timedelta

from application.access_tokens import AccessTokens
from application.outcome import DONE, Again, Outcome
from application.ports.clock import Clock
from application.ports.connections import Connections
from application.ports.credentials import Credentials
from application.ports.entropy import Entropy
from application.ports.providers import Providers
from application.promise import Promise
from application.seal_tokens import SealTokens
from domain.connection import Connection, ConnectionStatus
from domain.effect import Effect, EffectKind
from domain.errors import NeedsReauth, ProviderNotConfigured, ProviderUnavailable
from domain.ids import ConnectionId, EffectId, UserId

_RETRY_SECONDS = 6 * 3600.0
_LOOK_EVERY = timedelta(days=1)
"""What is to be done in weeks is looked at each day: of a connection that is gone nothing stays longer."""


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """Renews a grant that nobody uses before its provider lets it end."""

    providers: Providers
    connections: Connections
    credentials: Credentials
    seal_tokens: SealTokens
    access_tokens: AccessTokens
    promise: Promise
    entropy: Entropy
    clock: Clock

    async def promised(self, connection: Connection) -> None:
        """From now on a worker sees to it, where the provider lets idle grants end."""
        if (days := self._days(connection.provider)) is None:
            return
        subject = {
            "user": connection.user,
            "connection": connection.id,
            "connected_at": connection.connected_at.isoformat(),
        }
        due_at = connection.connected_at + min(timedelta(days=days), _LOOK_EVERY)
        id_ = EffectId(self.entropy.identifier())
        await self.promise(
            Effect(id_, EffectKind.KEEP_ALIVE, subject, created_at=connection.connected_at, due_at=due_at)
        )

    async def __call__(self, effect: Effect) -> Outcome:
        user, id_ = UserId(effect.subject["user"]), ConnectionId(effect.subject["connection"])
        connection = await self.connections.find(user, id_)
        credential = await self.credentials.find(id_)
        if connection is None or credential is None or not _is_of(effect, connection):
            return DONE
        if (days := self._days(connection.provider)) is None:
            return DONE
        left = credential.obtained_at + timedelta(days=days) - self.clock.now()
        if left > timedelta():
            return _looked_at_after(left)
        try:
            await self.access_tokens(connection, refused=self.seal_tokens.open(credential).access)
        except NeedsReauth:
            return DONE
        except (ProviderUnavailable, ProviderNotConfigured):
            return Again(_RETRY_SECONDS, effect.attempts + 1)
        return _looked_at_after(timedelta(days=days))

    def _days(self, provider: str) -> int | None:
        # Its declaration may have gone, and with it whoever could ask.
        return next((one.keep_alive_days for one in self.providers.all() if one.slug == provider), None)


def _looked_at_after(time: timedelta) -> Again:
    return Again(min(time, _LOOK_EVERY).total_seconds(), 0)


def _is_of(effect: Effect, connection: Connection) -> bool:
    """Whether it was promised when the account was connected last, and the grant lives."""
    same = connection.connected_at.isoformat() == effect.subject["connected_at"]
    return same and connection.status is ConnectionStatus.ACTIVE
