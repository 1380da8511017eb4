"""The product's use cases in one process: over memory, a played HubSpot, and a power that can be cut."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
from dependency_injector import providers

from adapters.outbound.mail.memory_mailer import MemoryMailer
from adapters.outbound.memory.cache import MemoryCache
from adapters.outbound.memory.storage import MemoryStorage
from application.finish_connection import Callback
from application.outcome import Again, Done, Outcome
from application.ports.storage import Storage
from application.ports.tokens import Bearer
from application.start_connection import StartedConnection
from bootstrap.settings import Settings
from domain.connection import Connection
from domain.effect import Effect
from domain.email import EmailAddress
from domain.ids import ConnectionId, UserId
from domain.item import Item
from domain.mail import Mail
from domain.secret import Secret
from domain.sync import Change, Run, SyncState
from domain.user import User
from tests.unit.application.power import Power, Powered, powered
from tests.unit.builders import CALLER, CountedEntropy, HeldClock, a_house
from tests.unit.played_hubspot import PlayedHubSpot
from tests.unit.played_issuer import PlayedIssuer

ORIGIN = "http://localhost:8000"


class House:
    def __init__(self, hubspot: PlayedHubSpot | None = None, settings: Settings | None = None) -> None:
        self.storage: Storage = MemoryStorage()
        self.hubspot = hubspot or PlayedHubSpot()
        self.clock, self.entropy, self.mailer = HeldClock(), CountedEntropy(), MemoryMailer()
        self.issuer = PlayedIssuer()
        self._settings = settings
        self._move_in(self.storage, Power())

    def _move_in(self, storage: Storage, power: Power) -> None:
        self.cache = MemoryCache(self.clock)
        client = httpx.AsyncClient(transport=httpx.MockTransport(Powered(self.hubspot, power)))
        self.uses = a_house(storage, self.cache, client, self.clock, self.entropy, self._settings)
        self.uses.identity_provider.override(providers.Object(self.issuer))
        self.uses.mailer.override(providers.Object(Powered(self.mailer, power)))

    def another(self, power: Power) -> "House":
        """Another process on the same storage, with a cache of its own, as after the loss of a shared one."""
        other = House.__new__(House)
        other.storage, other.hubspot, other._settings = self.storage, self.hubspot, self._settings
        other.clock, other.entropy, other.mailer = self.clock, self.entropy, self.mailer
        other.issuer = self.issuer
        other._move_in(powered(self.storage, power), power)
        return other

    @property
    def mails(self) -> list[Mail]:
        """What was sent, the oldest first."""
        return self.mailer.mails

    def mailed_token(self, number: int = -1) -> Secret:
        """The token in the link of a mail that was sent, the last one's by default."""
        link = self.mails[number].link
        assert link is not None
        return Secret(link.reveal().partition("#token=")[2])

    async def account(self) -> User:
        """Somebody who has registered."""
        id_ = UserId(self.entropy.identifier())
        user = User(id_, EmailAddress(f"{id_}@example.org"), None, self.clock.now())
        await self.storage.users.add(user)
        return user

    async def person(self) -> Bearer:
        """Somebody who is logged in."""
        opened = await self.uses.open_session()(await self.account(), CALLER)
        bearer = self.uses.tokens().verify(opened.access.token.reveal())
        assert bearer is not None
        return bearer

    async def start(self, bearer: Bearer) -> StartedConnection:
        return await self.uses.start_connection()(bearer, provider="hubspot", origin=ORIGIN)

    async def connect(self, bearer: Bearer) -> Connection:
        started = await self.start(bearer)
        finished = await self.uses.finish_connection()(a_callback(started), CALLER)
        return await self.connection(bearer.user, finished.connection)

    async def connection(self, user: UserId, id_: ConnectionId) -> Connection:
        found = await self.storage.connections.find(user, id_)
        assert found is not None
        return found

    async def synced(self, connection: Connection) -> Run:
        """The connection's run after it has been worked off."""
        run = await self.uses.request_sync()(connection)
        await self.work()
        return await self.run(run)

    async def run(self, run: Run) -> Run:
        found = await self.storage.runs.find(run.id)
        assert found is not None
        return found

    async def due(self) -> list[Effect]:
        """Everything that is promised, however late it is due."""
        return list(await self.storage.outbox.due(self.clock.now().replace(year=2999), limit=100))

    async def work(self) -> None:
        """Do what is promised until nothing is left; whoever wants to wait finds that the time has passed."""
        for _ in range(100):
            effects = await self.due()
            if not effects:
                return
            for effect in effects:
                outcome = await self.do(effect)
                await self.settle(effect, outcome)
                if isinstance(outcome, Again):
                    self.clock.advance(timedelta(seconds=outcome.seconds))
        raise AssertionError(f"there is no end to {effects}")

    async def do(self, effect: Effect) -> Outcome:
        outcome: Outcome = await self.uses.worker()._handlers[effect.kind](effect)
        return outcome

    async def settle(self, effect: Effect, outcome: Outcome) -> None:
        """As the worker does it."""
        match outcome:
            case Done():
                await self.storage.outbox.done(effect)
            case Again(_, attempts):
                await self.storage.outbox.postpone(effect, until=effect.due_at, attempts=attempts)

    async def items(self, connection: Connection) -> list[Item]:
        return list(await self.storage.items.page(connection.id, kind=None, after=None, limit=1000))

    async def state(self, connection: Connection) -> SyncState:
        return await self.storage.sync_states.find(connection.id)

    async def published(self, connection: Connection) -> tuple[Change, ...]:
        until = (await self.state(connection)).sequence
        return await self.storage.changes.between(connection.id, after=0, until=until)


def a_callback(started: StartedConnection, **given: object) -> Callback:
    """What the browser brings back when the person has consented."""
    ours: dict[str, object] = {
        "provider": "hubspot",
        "state": parse_qs(urlsplit(started.url).query)["state"][0],
        "code": "a-code",
        "error": None,
        "issuer": None,
        "flows": {started.flow: started.cookie.reveal()},
        "refresh": None,
    }
    return Callback(**ours | given)  # type: ignore[arg-type]


async def everybody_waits() -> None:
    """Returns when no task can go on by itself; only a moment has passed. Needs a patient loop."""
    await asyncio.sleep(0.001)
