import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from application.limit_calls import hashed
from application.ports.audit_log import AuditLog
from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.ports.security_events import SecurityEvents
from domain.caller import Caller
from domain.errors import Refused, Unavailable
from domain.ids import EventId, UserId
from domain.security_event import EventOutcome, SecurityAction, SecurityEvent

_SETTLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """Each security act leaves one event: a line for operators, and where it is about an account, one for its owner."""

    events: SecurityEvents
    audit_log: AuditLog
    entropy: Entropy
    clock: Clock
    _under_way: set[asyncio.Task[None]] = field(default_factory=set, init=False, repr=False, compare=False)

    async def __call__(
        self,
        action: SecurityAction,
        caller: Caller | None,
        *,
        user: UserId | None = None,
        email: str = "",
        refusal: Refused | None = None,
        kept: bool = True,
    ) -> None:
        """``caller``: None where the product acts by itself. ``email``: the address that was given, where it may be
        nobody's. ``refusal``: why the act was not done. ``kept``: whether there is an owner left to read it."""
        event = SecurityEvent(
            id=EventId(self.entropy.identifier()),
            user=user,
            action=action,
            outcome=EventOutcome.FAILURE if refusal else EventOutcome.SUCCESS,
            at=self.clock.now(),
            address=caller.address if caller else None,
            request_id=caller.request_id if caller else None,
            reason=refusal.code if refusal else "",
            named=hashed(email)[:16] if email else "",
        )
        self.audit_log.write(event)
        if user is not None and kept:
            await self.events.add(event)

    def aside(
        self, action: SecurityAction, caller: Caller, *, user: UserId | None, email: str, refusal: Refused
    ) -> None:
        """The same, without waiting: the time until the answer must not tell whether there is an account."""
        task = asyncio.create_task(self._kept(action, caller, user, email, refusal))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def settle(self) -> None:
        """Wait for what is under way, but not for ever."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_SETTLE_SECONDS)

    async def _kept(
        self, action: SecurityAction, caller: Caller, user: UserId | None, email: str, refusal: Refused
    ) -> None:
        with suppress(Unavailable):
            await self(action, caller, user=user, email=email, refusal=refusal)
