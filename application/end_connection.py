from dataclasses import dataclass, replace

from application.amend_connection import AmendConnection
from application.ports.credentials import Credentials
from application.ports.runs import Runs
from application.stop_run import StopRun
from domain.connection import Connection, ConnectionStatus
from domain.effect import Effect
from domain.ids import ConnectionId, UserId


@dataclass(frozen=True, slots=True)
class EndConnection:
    """Our own half of a disconnection. Repeating it is harmless, also after the account was connected again."""

    credentials: Credentials
    runs: Runs
    stop_run: StopRun
    amend_connection: AmendConnection

    async def __call__(self, effect: Effect) -> bool:
        """Whether the connection has ended: False when it was connected again since ``effect``."""
        user, id_ = UserId(effect.subject["user"]), ConnectionId(effect.subject["connection"])

        def change(before: Connection) -> Connection:
            if not before.is_live or before.connected_at > effect.created_at:
                return before
            return replace(before, status=ConnectionStatus.DISCONNECTED, last_error=None)

        connection = await self.amend_connection(user, id_, change)
        ended = connection is None or connection.connected_at <= effect.created_at
        run = await self.runs.latest(id_) if ended else None
        # Before the credential goes: a run that misses it should know why.
        if run and run.requested_at <= effect.created_at:
            await self.stop_run(run)
        if revision := effect.subject.get("revision"):
            await self.credentials.remove(id_, revision=revision)
        return ended
