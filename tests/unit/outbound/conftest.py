"""Adapters that speak HTTP, over a transport that answers as a test says, on a loop where nobody waits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import httpx
import pytest

from adapters.outbound.memory.rate_limits import MemoryRateLimits
from adapters.outbound.oauth2 import OAuth2
from adapters.outbound.provider_budgets import ProviderBudgets
from adapters.outbound.provider_clients import ProviderClients, Registration
from adapters.outbound.provider_http import ProviderHttp, open_client
from adapters.outbound.provider_pages import ProviderPages
from adapters.outbound.providers import declarations
from adapters.outbound.providers._declaration import Client
from tests.unit.builders import HeldClock
from tests.unit.patient_loop import PatientLoop

Answer = Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"patient": PatientLoop}


class Wire:
    """What was sent, and who answers."""

    def __init__(self) -> None:
        self.sent: list[httpx.Request] = []
        self.answer: Answer = lambda _: httpx.Response(200, json={})

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        answer = self.answer(request)
        return answer if isinstance(answer, httpx.Response) else await answer


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def clients() -> ProviderClients:
    redirect_uri = "https://vectorshift.example/integrations/hubspot/oauth2callback"
    return ProviderClients(declarations(), {"hubspot": Registration(Client("our-client", "our-secret"), redirect_uri)})


@pytest.fixture
async def http(wire: Wire, clients: ProviderClients, clock: HeldClock) -> AsyncIterator[ProviderHttp]:
    """With the product's own client, its wire exchanged."""
    async with open_client() as client:
        client._transport = httpx.MockTransport(wire)
        yield ProviderHttp(client, clients, clock)


@pytest.fixture
def pages(http: ProviderHttp, clients: ProviderClients, clock: HeldClock) -> ProviderPages:
    return ProviderPages(http, clients, ProviderBudgets(MemoryRateLimits(clock)))


@pytest.fixture
def grants(http: ProviderHttp, clients: ProviderClients, clock: HeldClock) -> OAuth2:
    return OAuth2(http, clients, clock)
