"""Calls are made at the rate that a provider sets, whoever makes them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import httpx
import pytest

from adapters.outbound.memory.rate_limits import MemoryRateLimits
from adapters.outbound.provider_budgets import ProviderBudgets
from adapters.outbound.provider_clients import ProviderClients, Registration
from adapters.outbound.provider_http import ProviderHttp
from adapters.outbound.provider_pages import ProviderPages
from adapters.outbound.providers._declaration import Budget, Client, Detail, Listing, ProviderRequest
from adapters.outbound.providers.hubspot import PROVIDER
from application.ports.clock import Clock
from application.ports.source_pages import SourcePage
from domain.connection import Account
from domain.errors import ProviderThrottled
from domain.item import SourceItem
from domain.rate_limit import Rate
from domain.secret import Secret
from domain.sync import Stream
from tests.unit.builders import A_TIME, a_connection
from tests.unit.outbound.conftest import Wire

TWO_A_SECOND = Budget(Rate("shelves", calls=2, seconds=1))
ONE_IN_TEN = Budget(Rate("shelves.slow", calls=1, seconds=10))
ONE_A_MINUTE = Budget(Rate("shelves.slowest", calls=1, seconds=60))


class LoopClock(Clock):
    """Goes on while somebody sleeps on a patient loop."""

    def now(self) -> datetime:
        return A_TIME + timedelta(seconds=asyncio.get_running_loop().time())


@pytest.fixture
def rate_limits() -> MemoryRateLimits:
    return MemoryRateLimits(LoopClock())


@pytest.fixture
def budgets(rate_limits: MemoryRateLimits) -> ProviderBudgets:
    return ProviderBudgets(rate_limits)


async def waited(budgets: ProviderBudgets, budget: Budget, account: str = "1", provider: str = "shelves") -> float:
    """Seconds until the call may be made."""
    begun = asyncio.get_running_loop().time()
    await budgets.spend(provider, account, budget)
    return asyncio.get_running_loop().time() - begun


async def refused(budgets: ProviderBudgets, budget: Budget) -> float:
    with pytest.raises(ProviderThrottled) as throttled:
        await budgets.spend("shelves", "1", budget)
    return throttled.value.retry_after


async def test_calls_within_the_rate_do_not_wait(budgets: ProviderBudgets) -> None:
    assert [await waited(budgets, TWO_A_SECOND) for _ in range(2)] == [0, 0]


async def test_a_call_beyond_it_waits_for_its_turn(budgets: ProviderBudgets) -> None:
    waits = [await waited(budgets, TWO_A_SECOND) for _ in range(6)]
    assert waits[0] == waits[1] == 0
    assert 1 <= waits[2] <= 1.2
    assert 2 <= sum(waits) <= 3


async def test_of_many_at_once_no_more_go_than_the_rate_allows(budgets: ProviderBudgets) -> None:
    moments: list[float] = []

    async def call() -> None:
        await budgets.spend("shelves", "1", TWO_A_SECOND)
        moments.append(asyncio.get_running_loop().time())

    await asyncio.gather(*(call() for _ in range(8)))
    assert len(moments) == 8
    for first, third in zip(moments, moments[2:], strict=False):
        assert third - first > 1 - 1e-6


async def test_what_is_beyond_all_patience_is_told_with_its_wait(budgets: ProviderBudgets) -> None:
    assert await waited(budgets, ONE_A_MINUTE) == 0
    begun = asyncio.get_running_loop().time()
    assert await refused(budgets, ONE_A_MINUTE) == pytest.approx(60)
    assert asyncio.get_running_loop().time() == begun
    await asyncio.sleep(30)
    assert await refused(budgets, ONE_A_MINUTE) == pytest.approx(30)
    await asyncio.sleep(27)
    assert await waited(budgets, ONE_A_MINUTE) == pytest.approx(3, abs=0.2)


async def test_whoever_others_overtake_does_not_wait_for_ever(budgets: ProviderBudgets) -> None:
    outcomes = await asyncio.gather(
        *(budgets.spend("shelves", "1", TWO_A_SECOND) for _ in range(40)), return_exceptions=True
    )
    throttled = [outcome for outcome in outcomes if isinstance(outcome, ProviderThrottled)]
    assert outcomes.count(None) + len(throttled) == 40
    assert 6 <= outcomes.count(None) <= 20
    assert all(0 < one.retry_after <= 1 for one in throttled)
    assert asyncio.get_running_loop().time() < 10


async def test_one_that_was_refused_has_taken_nothing(budgets: ProviderBudgets) -> None:
    await waited(budgets, ONE_IN_TEN)
    for _ in range(5):
        await refused(budgets, ONE_IN_TEN)
    await asyncio.sleep(10)
    assert await waited(budgets, ONE_IN_TEN) == 0


async def test_each_account_and_each_part_of_it_has_its_own(budgets: ProviderBudgets) -> None:
    base, other_base = replace(ONE_A_MINUTE, of="base 1"), replace(ONE_A_MINUTE, of="base 2")
    for provider, account, budget in [
        ("shelves", "1", ONE_A_MINUTE),
        ("shelves", "2", ONE_A_MINUTE),
        ("another", "1", ONE_A_MINUTE),
        ("shelves", "1", base),
        ("shelves", "1", other_base),
        ("shelves", "2", base),
        ("shelves", "1", ONE_IN_TEN),
    ]:
        assert await waited(budgets, budget, account, provider) == 0
        with pytest.raises(ProviderThrottled):
            await budgets.spend(provider, account, budget)


async def test_all_processes_share_them(budgets: ProviderBudgets, rate_limits: MemoryRateLimits) -> None:
    another = ProviderBudgets(rate_limits)
    assert await waited(budgets, ONE_A_MINUTE) == 0
    await refused(another, ONE_A_MINUTE)
    assert await waited(budgets, TWO_A_SECOND) == await waited(another, TWO_A_SECOND) == 0
    assert await waited(another, TWO_A_SECOND) >= 1


@pytest.fixture
async def pages(wire: Wire, budgets: ProviderBudgets) -> AsyncIterator[ProviderPages]:
    """Of a provider whose listing may be asked for once a minute for each account, its details twice a second."""
    request = ProviderRequest("GET", "https://shelves.example/", budget=ONE_A_MINUTE)
    detail = Detail(lambda _: replace(request, budget=TWO_A_SECOND), lambda item, _: item)
    listing = Listing("thing", "thing", lambda _: request, lambda *_: SourcePage(), detail=detail)
    declared = replace(PROVIDER, slug="shelves", listings=(listing,), api_hosts=("shelves.example",))
    clients = ProviderClients([declared], {"shelves": Registration(Client("id", "secret"), "https://x.example/")})
    async with httpx.AsyncClient(transport=httpx.MockTransport(wire)) as client:
        yield ProviderPages(ProviderHttp(client, clients, LoopClock()), clients, budgets)


async def read(pages: ProviderPages, account: str) -> None:
    connection = a_connection(provider="shelves", account=Account(account, "Acme"))
    await pages.read(connection, Stream("thing"), None, Secret("a"))


async def test_a_call_is_not_made_before_its_place_is_taken(pages: ProviderPages, wire: Wire) -> None:
    await read(pages, "1")
    with pytest.raises(ProviderThrottled):
        await read(pages, "1")
    assert len(wire.sent) == 1
    await read(pages, "2")
    assert len(wire.sent) == 2


async def test_a_call_that_is_repeated_takes_a_place_each_time(pages: ProviderPages, wire: Wire) -> None:
    wire.answer = lambda _: httpx.Response(503)
    with pytest.raises(ProviderThrottled):
        await read(pages, "1")
    assert len(wire.sent) == 1


async def test_details_are_counted_too(pages: ProviderPages, wire: Wire) -> None:
    begun = asyncio.get_running_loop().time()
    for _ in range(5):
        await pages.complete(a_connection(provider="shelves"), "thing", SourceItem("thing", "1", "", ""), Secret("a"))
    assert len(wire.sent) == 5
    assert 2 <= asyncio.get_running_loop().time() - begun <= 2.5


async def test_calls_that_must_be_even_leave_one_after_the_other() -> None:
    loop = asyncio.get_running_loop()
    budgets = ProviderBudgets(MemoryRateLimits(LoopClock()))
    budget = Budget(Rate("even", calls=4, seconds=1), of="base", evenly=True)
    left: list[float] = []

    async def call() -> None:
        await budgets.spend("airtable", "an account", budget)
        left.append(loop.time())

    await asyncio.gather(*(call() for _ in range(4)))
    gaps = [later - earlier for earlier, later in pairwise(sorted(left))]
    assert all(gap >= 0.24 for gap in gaps), gaps


async def test_nor_do_several_processes_together_send_more_than_the_rate_allows(rate_limits: MemoryRateLimits) -> None:
    """Whoever had to wait for a turn in the own process is counted when the call leaves, not when it queued."""
    loop = asyncio.get_running_loop()
    processes = [ProviderBudgets(rate_limits) for _ in range(2)]
    budget = Budget(Rate("even", calls=4, seconds=1), of="base", evenly=True)
    left: list[float] = []

    async def call(budgets: ProviderBudgets) -> None:
        await budgets.spend("airtable", "an account", budget)
        left.append(loop.time())

    await asyncio.gather(*(call(processes[number // 4 % 2]) for number in range(16)))
    for first, fifth in zip(sorted(left), sorted(left)[4:], strict=False):
        assert fifth - first > 1 - 1e-6
