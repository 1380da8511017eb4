from adapters.outbound.memory.once import Once
from application.ports.clock import Clock
from application.ports.sign_ins import SignIns
from domain.authorization import StateHash
from domain.sign_in import SignIn


class MemorySignIns(SignIns):
    def __init__(self, clock: Clock) -> None:
        self._waiting = Once[StateHash, SignIn](clock)

    async def add(self, sign_in: SignIn) -> None:
        self._waiting.put(sign_in.state, sign_in, sign_in.expires_at)

    async def consume(self, state: StateHash) -> SignIn | None:
        return self._waiting.take(state)
