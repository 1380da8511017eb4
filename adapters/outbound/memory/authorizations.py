from adapters.outbound.memory.once import Once
from application.ports.authorizations import Authorizations
from application.ports.clock import Clock
from domain.authorization import Authorization, StateHash


class MemoryAuthorizations(Authorizations):
    def __init__(self, clock: Clock) -> None:
        self._waiting = Once[StateHash, Authorization](clock)

    async def add(self, authorization: Authorization) -> None:
        self._waiting.put(authorization.state, authorization, authorization.expires_at)

    async def consume(self, state: StateHash) -> Authorization | None:
        return self._waiting.take(state)
