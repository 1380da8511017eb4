from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from heapq import nsmallest

from application.ports.outbox import Outbox
from domain.effect import Effect
from domain.ids import EffectId


class MemoryOutbox(Outbox):
    def __init__(self) -> None:
        self._effects: dict[EffectId, Effect] = {}

    async def add(self, effect: Effect) -> None:
        self._effects[effect.id] = effect

    async def due(self, now: datetime, *, limit: int) -> Sequence[Effect]:
        due = (effect for effect in self._effects.values() if effect.due_at <= now)
        return nsmallest(limit, due, key=lambda effect: effect.due_at)

    async def postpone(self, effect: Effect, *, until: datetime, attempts: int) -> None:
        if effect.id in self._effects:
            self._effects[effect.id] = replace(effect, due_at=until, attempts=attempts)

    async def done(self, effect: Effect) -> None:
        self._effects.pop(effect.id, None)
