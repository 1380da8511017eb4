"""A process's power: it counts what the process does to the world outside, can hold each step back, and can be cut."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

import httpx

from application.ports.storage import Storage

_PORTS = (
    "users", "profiles", "sessions", "registrations", "password_resets", "security_events", "identities", "connections",
    "credentials", "items", "changes", "sync_states", "runs", "outbox", "deletions",
    "shared_grants",
)  # fmt: skip
_TORN: Mapping[str, Callable[[Sequence[Any], int], Sequence[Any]]] = {
    "append": lambda changes, amount: changes[:amount],
    "put_all": lambda items, amount: items[-amount:],
}
"""What is left of the last argument of methods stopped in the middle: a prefix of changes, any of the items."""


class PowerCut(BaseException):
    """Nothing catches it: the process is gone."""


class Power:
    """Goes off before the step after ``steps``, if that is given, and stays off."""

    def __init__(self, steps: int | None = None, *, torn: int = 0, held: bool = False) -> None:
        """``torn``: how much of an interrupted batch is written. ``held``: every step waits in ``waiting``."""
        self.spent, self._steps, self._torn, self._held = 0, steps, torn, held
        self.waiting: list[asyncio.Future[None]] = []

    @property
    def is_off(self) -> bool:
        return self._steps is not None and self.spent >= self._steps

    def cut(self, torn: int = 0) -> None:
        self._steps, self._torn = 0, torn
        self._wake_all()

    def release(self) -> None:
        """Hold nothing back any more."""
        self._held = False
        self._wake_all()

    def _wake_all(self) -> None:
        for step in self.waiting:
            step.set_result(None)
        self.waiting.clear()

    def let_go(self, index: int) -> None:
        """One of the waiting steps is done now."""
        self.waiting.pop(index % len(self.waiting)).set_result(None)

    async def step(self, name: str, method: Callable[..., Awaitable[Any]], *given: Any, **named: Any) -> Any:
        if self._held and not self.is_off:
            turn = asyncio.get_running_loop().create_future()
            self.waiting.append(turn)
            try:
                await turn
            finally:
                # Whoever stopped waiting for it, a deadline for example, does not take the step.
                self.waiting = [other for other in self.waiting if other is not turn]
        if self.is_off:
            torn, self._torn = self._torn, 0
            if torn and name in _TORN:
                await method(*given[:-1], _TORN[name](given[-1], torn))
            raise PowerCut
        self.spent += 1
        return await method(*given, **named)


class Powered:
    """A port, or a played provider, whose every call is a step of ``power``."""

    def __init__(self, part: Any, power: Power) -> None:
        self._part, self._power = part, power

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self._part, name)

        async def call(*given: Any, **named: Any) -> Any:
            return await self._power.step(name, method, *given, **named)

        return call

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        return cast("httpx.Response", await self._power.step("request", self._part, request))


class _PoweredStorage:
    def __init__(self, storage: Storage, power: Power) -> None:
        for port in _PORTS:
            setattr(self, port, Powered(getattr(storage, port), power))


def powered(storage: Storage, power: Power) -> Storage:
    return cast("Storage", _PoweredStorage(storage, power))
