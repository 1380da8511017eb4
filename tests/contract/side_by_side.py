"""A store beside the memory one: whatever is called, in whatever order, both give the same."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from adapters.outbound.memory.storage import MemoryStorage
from application.ports.storage import Storage
from domain.errors import EmailTaken, Superseded


class SideBySide(RuleBasedStateMachine):
    def __init__(self, stores: tuple[Storage, Storage], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.stores, self.loop = stores, loop
        self.model = MemoryStorage()

    def both(self, call: Callable[[Storage], Awaitable[Any]], *, second: bool = False) -> Any:
        """What ``call`` gives on the model, and has to give on the store too; the class of what it raises."""
        expected, given = self._outcome(call(self.model)), self._outcome(call(self.stores[second]))
        assert given == expected
        return expected

    def _outcome(self, call: Awaitable[Any]) -> Any:
        async def caught() -> Any:
            try:
                return await call
            except (EmailTaken, Superseded) as refusal:
                return type(refusal)

        running: Coroutine[Any, Any, Any] = caught()
        return self.loop.run_until_complete(running)


def answers_alike(machine: type[SideBySide], examples: int) -> None:
    """Raises with the shortest order of calls to which a store answers otherwise than the model."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
