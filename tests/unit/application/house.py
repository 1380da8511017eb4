"""The product's use cases in one process: over memory, a played HubSpot, and a power that can be cut."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
from dependency_injector import providers

from adapters.outbound.mail.memory_mailer import MemoryMailer
from adapters.outbound.memory.cache import MemoryCache
from adapters.outbound.memory.storage import MemoryStorage
from adapters.outbound.provider_clients import ProviderClients, Registration
from adapters.outbound.providers import hubspot as hubspot_module
from adapters.outbound.providers._declaration import Client, Declaration
from application.finish_connection import Callback
from application.outcome import Again, Done, Outcome
from application.ports.storage import Storage
from application.ports.tokens import Bearer
from application.start_connection import StartedConnection
from bootstrap.settings import Settings
from domain.connection import Connection, ConnectionStatus
from domain.credential import Tokens
from domain.effect import Effect, EffectKind
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
HUBSPOT = hubspot_module.PROVIDER


class House:
    """Everybody in it connects one provider: HubSpot, or what ``declared`` says."""

    def __init__(
        self,
        hubspot: PlayedHubSpot | None = None,
        settings: Settings | None = None,
        declared: Declaration | None = None,
    ) -> None:
        self.storage: Storage = MemoryStorage()
        self.hubspot = hubspot or PlayedHubSpot()
        self.clock, self.entropy, self.mailer = HeldClock(), CountedEntropy(), MemoryMailer()
        self.issuer = PlayedIssuer()
        self._settings, self._declared = settings, declared
        self._move_in(self.storage, Power())

    def _move_in(self, storage: Storage, power: Power) -> None:
        self.cache = MemoryCache(self.clock)
        client = httpx.AsyncClient(transport=httpx.MockTransport(Powered(self.hubspot, power)))
        self.uses = a_house(storage, self.cache, client, self.clock, self.entropy, self._settings)
        self.uses.identity_provider.override(providers.Object(self.issuer))
        self.uses.mailer.override(providers.Object(Powered(self.mailer, power)))
        if self._declared:
            registered = Registration(Client("our-client", "our-client-secret"), f"{ORIGIN}/oauth2callback")
            clients = ProviderClients([self._declared], {self._declared.slug: registered})
            self.uses.provider_clients.override(providers.Object(clients))

    @property
    def provider(self) -> str:
        return (self._declared or HUBSPOT).slug

    def another(self, power: Power, declared: Declaration | None = None) -> "House":
        """Another process on the same storage, with a cache of its own, as after the loss of a shared one; of another
        version of the product if that declares the provider in another way."""
        other = House.__new__(House)
        other.storage, other.hubspot, other._settings = self.storage, self.hubspot, self._settings
        other._declared = declared or self._declared
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
        return await self.uses.start_connection()(bearer, provider=self.provider, origin=ORIGIN)

    async def connect(self, bearer: Bearer) -> Connection:
        started = await self.start(bearer)
        finished = await self.uses.finish_connection()(a_callback(started, provider=self.provider), CALLER)
        return await self.connection(bearer.user, finished.connection)

    async def disconnect(self, connection: Connection, *, purge: bool = False) -> None:
        await self.uses.disconnect()(
            connection.user, provider=self.provider, connection=connection.id, purge=purge, caller=CALLER
        )

    async def connection(self, user: UserId, id_: ConnectionId) -> Connection:
        found = await self.storage.connections.find(user, id_)
        assert found is not None
        return found

    async def status(self, connection: Connection) -> ConnectionStatus:
        """As it is stored now."""
        return (await self.connection(connection.user, connection.id)).status

    async def tokens(self, connection: Connection) -> Tokens | None:
        """The stored ones, open."""
        credential = await self.storage.credentials.find(connection.id)
        return self.uses.seal_tokens().open(credential) if credential else None

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
        """Do what is promised until nothing is left; whoever wants to wait finds that the time has passed. But grants
        are not kept alive: there is no end to that."""
        for _ in range(100):
            effects = [effect for effect in await self.due() if effect.kind != EffectKind.KEEP_ALIVE]
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
