"""An event loop on which nobody waits: when all tasks sleep, the time of the earliest alarm has come.

Whatever a test does on it takes the same turns each time. ``asyncio.sleep(moment)`` returns when everybody else waits.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


class _Eager(selectors.DefaultSelector):
    """Looks at its files, and passes the time instead of waiting for them; without an alarm it waits as any other."""

    elapsed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0 if timeout is not None else None)
        if timeout is not None and not found:
            self.elapsed += max(timeout, 0.0)
        return found


class PatientLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._eager = _Eager()
        super().__init__(self._eager)

    def time(self) -> float:
        return self._eager.elapsed


def run_patiently(story: Coroutine[Any, Any, _T]) -> _T:
    with asyncio.Runner(loop_factory=PatientLoop) as runner:
        return runner.run(story)
