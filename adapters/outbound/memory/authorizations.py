from application.ports.authorizations import Authorizations
from application.ports.clock import Clock
from domain.authorization import Authorization, StateHash


class MemoryAuthorizations(Authorizations):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[StateHash, Authorization] = {}

    async def add(self, authorization: Authorization) -> None:
        self._forget_expired()
        if authorization.expires_at > self._clock.now():
            self._waiting[authorization.state] = authorization

    async def consume(self, state: StateHash) -> Authorization | None:
        found = self._waiting.pop(state, None)
        return found if found and found.expires_at > self._clock.now() else None

    def _forget_expired(self) -> None:
        # All live for the same time, so the oldest come first and it ends at the first that still lives.
        now = self._clock.now()
        while self._waiting and (oldest := next(iter(self._waiting.values()))).expires_at <= now:
            del self._waiting[oldest.state]
