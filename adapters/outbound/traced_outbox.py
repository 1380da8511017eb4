from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from structlog.contextvars import get_contextvars

from application.ports.outbox import Outbox
from domain.effect import Effect


class TracedOutbox(Outbox):
    """An outbox whose effects remember the request that they were promised in (``request_id`` in their subject), so
    that what a worker writes to its log can be found by it."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def add(self, effect: Effect) -> None:
        request_id = get_contextvars().get("request_id")
        traced = {"request_id": str(request_id)} if request_id else {}
        await self._outbox.add(replace(effect, subject={**traced, **effect.subject}))

    async def due(self, now: datetime, *, limit: int) -> Sequence[Effect]:
        return await self._outbox.due(now, limit=limit)

    async def postpone(self, effect: Effect, *, until: datetime, attempts: int) -> None:
        await self._outbox.postpone(effect, until=until, attempts=attempts)

    async def done(self, effect: Effect) -> None:
        await self._outbox.done(effect)
