"""A provider that does not answer is left alone for a while."""

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress

import httpx
import pytest
import structlog

from adapters.outbound.circuit_breaker import CircuitBreaker
from adapters.outbound.provider_clients import ProviderClients, Registration
from adapters.outbound.provider_http import ProviderHttp
from adapters.outbound.providers import declarations
from adapters.outbound.providers._declaration import Client, ProviderRequest
from domain.errors import ProviderUnavailable
from tests.unit.builders import HeldClock
from tests.unit.outbound.conftest import Wire

MOST = 12
PAUSE = 10.0
URLS: Mapping[str, str] = {
    "hubspot": "https://api.hubapi.com/crm/v3/objects/contacts",
    "slack": "https://slack.com/api/users.list",
}
FAULTS: list[httpx.Response | Exception] = [
    httpx.Response(500),
    httpx.Response(503),
    httpx.ConnectError("no route"),
    httpx.ReadTimeout("slow"),
]


class Watch:
    """Seconds on a clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def http(wire: Wire, clock: HeldClock, watch: Watch) -> AsyncIterator[ProviderHttp]:
    ours = Registration(Client("id", "secret"), "https://x.example/")
    async with httpx.AsyncClient(transport=httpx.MockTransport(wire)) as client:
        http = ProviderHttp(client, ProviderClients(declarations(), dict.fromkeys(URLS, ours)), clock)
        for provider in URLS:
            http._breakers[provider]._now = watch
        yield http


def answering(wire: Wire, answer: httpx.Response | Exception) -> None:
    def respond(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    wire.answer = respond


async def ask(http: ProviderHttp, provider: str = "hubspot", *, urgent: bool = False) -> None:
    await http.call(provider, ProviderRequest("GET", URLS[provider]), urgent=urgent)


async def ask_in_vain(http: ProviderHttp, times: int = 1) -> None:
    """Whatever comes back."""
    for _ in range(times):
        with suppress(ProviderUnavailable):
            await ask(http)


async def is_let_through(http: ProviderHttp, wire: Wire, provider: str = "hubspot", *, urgent: bool = False) -> bool:
    before = len(wire.sent)
    with suppress(ProviderUnavailable):
        await ask(http, provider, urgent=urgent)
    return len(wire.sent) == before + 1


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
async def test_after_twelve_faults_in_a_row_it_is_left_alone(
    http: ProviderHttp, wire: Wire, fault: httpx.Response | Exception
) -> None:
    answering(wire, fault)
    for _ in range(MOST):
        assert await is_let_through(http, wire)
    with pytest.raises(ProviderUnavailable) as refused:
        await ask(http)
    assert refused.value.retry_after == PAUSE
    assert len(wire.sent) == MOST


async def test_it_is_told_once_in_the_log(http: ProviderHttp, wire: Wire) -> None:
    answering(wire, httpx.Response(503))
    with structlog.testing.capture_logs() as lines:
        await ask_in_vain(http, 3 * MOST)
    assert [(line["log_level"], line["provider"]) for line in lines] == [("warning", "hubspot")]


async def test_one_good_answer_in_between_begins_the_count_anew(http: ProviderHttp, wire: Wire) -> None:
    for _ in range(3):
        answering(wire, httpx.Response(503))
        await ask_in_vain(http, MOST - 1)
        answering(wire, httpx.Response(200))
        assert await is_let_through(http, wire)


@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 403, 404, 408, 409, 429])
async def test_whoever_answers_is_there_whatever_it_says(http: ProviderHttp, wire: Wire, status: int) -> None:
    answering(wire, httpx.Response(status))
    await ask_in_vain(http, 3 * MOST)
    assert len(wire.sent) == 3 * MOST


async def test_after_the_pause_one_asks_and_the_others_wait_for_what_it_finds(
    http: ProviderHttp, wire: Wire, watch: Watch
) -> None:
    answering(wire, httpx.Response(503))
    await ask_in_vain(http, MOST)
    watch.seconds += PAUSE - 1
    with pytest.raises(ProviderUnavailable) as refused:
        await ask(http)
    assert refused.value.retry_after == pytest.approx(1)
    watch.seconds += 1
    assert [await is_let_through(http, wire) for _ in range(3)] == [True, False, False]
    watch.seconds += PAUSE
    answering(wire, httpx.Response(200))
    assert [await is_let_through(http, wire) for _ in range(3)] == [True, True, True]


async def test_who_comes_while_one_asks_waits(http: ProviderHttp, wire: Wire, watch: Watch) -> None:
    answering(wire, httpx.Response(503))
    await ask_in_vain(http, MOST)
    watch.seconds += PAUSE
    others: list[bool] = []

    async def answer(_: httpx.Request) -> httpx.Response:
        if not others:
            others.append(False)
            others[0] = await is_let_through(http, wire)
        return httpx.Response(200)

    wire.answer = answer
    await ask(http)
    assert others == [False]
    assert await is_let_through(http, wire)


async def test_what_cannot_be_had_twice_is_tried_all_the_same(http: ProviderHttp, wire: Wire) -> None:
    answering(wire, httpx.Response(503))
    await ask_in_vain(http, MOST)
    assert not await is_let_through(http, wire)
    assert await is_let_through(http, wire, urgent=True)
    assert not await is_let_through(http, wire)
    answering(wire, httpx.Response(200))
    assert await is_let_through(http, wire, urgent=True)
    assert await is_let_through(http, wire)


async def test_each_provider_is_left_alone_by_itself(http: ProviderHttp, wire: Wire) -> None:
    answering(wire, httpx.Response(503))
    await ask_in_vain(http, MOST)
    assert not await is_let_through(http, wire)
    assert await is_let_through(http, wire, "slack")


def test_a_breaker_counts_faults_in_a_row() -> None:
    watch = Watch()
    breaker = CircuitBreaker(faults=3, pause_seconds=5, now=watch)
    for happens, wait, is_open in [
        (breaker.failed, 0, False),
        (breaker.failed, 0, False),
        (breaker.worked, 0, False),
        (breaker.failed, 0, False),
        (breaker.failed, 0, False),
        (breaker.failed, 5, True),
        (breaker.failed, 5, True),
        (breaker.worked, 0, False),
    ]:
        happens()
        assert (breaker.wait(), breaker.is_open) == (wait, is_open)
