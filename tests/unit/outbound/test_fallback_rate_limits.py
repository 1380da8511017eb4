"""Limits while the cache is away: stricter, in this process alone, and nobody waits for it twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from adapters.outbound.circuit_breaker import CacheBreaker
from adapters.outbound.fallback_guesses import FallbackGuesses
from adapters.outbound.fallback_rate_limits import FallbackRateLimits
from adapters.outbound.memory.cache import MemoryCache
from application.ports.guesses import Guesses
from application.ports.rate_limits import RateLimits
from domain.errors import CacheUnavailable
from domain.rate_limit import GrowingDelay, Rate
from tests.unit.builders import HeldClock

RATE = Rate("login", calls=10, seconds=60, refundable=True)
DELAY = GrowingDelay(free=6, within_seconds=300, first_seconds=30, longest_seconds=900)


class Line:
    """What leads to a port, can be cut, and counts who tries it. ``held``: until it is set, it only waits."""

    def __init__(self, port: object) -> None:
        self._port = port
        self.is_cut, self.tried = False, 0
        self.held: asyncio.Event | None = None

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def call(*given: Any) -> Any:
            self.tried += 1
            if self.held:
                await self.held.wait()
            if self.is_cut:
                raise CacheUnavailable
            return await getattr(self._port, name)(*given)

        return call


class Process:
    """One that shares a cache with others, and has one of its own to fall back on."""

    def __init__(self, shared: MemoryCache) -> None:
        self.monotonic = 1000.0
        breaker = CacheBreaker(now=lambda: self.monotonic)
        own = MemoryCache(HeldClock())
        self.rates_line, self.guesses_line = Line(shared.rate_limits), Line(shared.guesses)
        self.rate_limits = FallbackRateLimits(cast(RateLimits, self.rates_line), own.rate_limits, breaker)
        self.guesses = FallbackGuesses(cast(Guesses, self.guesses_line), own.guesses, breaker)

    def cut(self, *, is_cut: bool = True) -> None:
        self.rates_line.is_cut = self.guesses_line.is_cut = is_cut

    @property
    def tried(self) -> int:
        return self.rates_line.tried + self.guesses_line.tried


@pytest.fixture
def shared() -> MemoryCache:
    return MemoryCache(HeldClock())


@pytest.fixture
def process(shared: MemoryCache) -> Process:
    return Process(shared)


async def taken(limits: RateLimits, calls: int) -> int:
    return [await limits.take(RATE, "who") for _ in range(calls)].count(0)


async def begun(guesses: Guesses, times: int) -> int:
    return [await guesses.begin("whose", DELAY) for _ in range(times)].count(0)


async def test_while_the_cache_answers_all_processes_count_together(process: Process, shared: MemoryCache) -> None:
    assert await taken(process.rate_limits, 6) == 6
    assert await taken(Process(shared).rate_limits, 6) == 4
    assert await begun(process.guesses, 4) == 4
    assert await begun(Process(shared).guesses, 4) == 2


async def test_while_it_is_away_half_of_each_gets_through(process: Process) -> None:
    process.cut()
    assert await taken(process.rate_limits, 15) == 5
    assert 0 < await process.rate_limits.take(RATE, "who") <= 60
    assert await begun(process.guesses, 15) == 3
    assert 0 < await process.guesses.begin("whose", DELAY) <= 30


async def test_what_may_happen_once_may_still_happen_once(process: Process) -> None:
    process.cut()
    assert await process.rate_limits.take(Rate("mail", calls=1, seconds=60), "who") == 0
    assert await process.rate_limits.take(Rate("mail", calls=1, seconds=60), "who") > 0


async def test_what_was_taken_while_it_is_away_can_be_given_back(process: Process) -> None:
    process.cut()
    assert await taken(process.rate_limits, 15) == 5
    await process.rate_limits.give_back(RATE, "who")
    assert await taken(process.rate_limits, 15) == 1
    assert await begun(process.guesses, 15) == 3
    await process.guesses.take_back("whose", DELAY)
    assert await begun(process.guesses, 15) == 1


async def test_what_cannot_be_given_back_stays_taken(process: Process) -> None:
    assert await taken(process.rate_limits, 10) == 10
    assert await begun(process.guesses, 6) == 6
    process.cut()
    await process.rate_limits.give_back(RATE, "who")
    await process.guesses.take_back("whose", DELAY)
    process.cut(is_cut=False)
    process.monotonic += 2
    assert await taken(process.rate_limits, 1) == 0
    assert await begun(process.guesses, 1) == 0


async def test_it_is_not_asked_again_for_two_seconds_by_anyone(process: Process) -> None:
    process.cut()
    await process.rate_limits.take(RATE, "who")
    process.monotonic += 1.9
    await process.rate_limits.take(RATE, "who")
    await process.rate_limits.give_back(RATE, "who")
    await process.guesses.begin("whose", DELAY)
    await process.guesses.take_back("whose", DELAY)
    await process.guesses.forget("whose")
    assert process.tried == 1
    process.monotonic += 0.1
    await process.guesses.begin("whose", DELAY)
    await process.rate_limits.take(RATE, "who")
    assert process.tried == 2


async def test_after_the_pause_one_asks_and_the_others_do_not_wait_for_it(process: Process) -> None:
    process.cut()
    await process.rate_limits.take(RATE, "who")
    process.monotonic += 2
    process.rates_line.held = asyncio.Event()
    asking = asyncio.create_task(process.rate_limits.take(RATE, "who"))
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        assert await taken(process.rate_limits, 2) == 2
    process.monotonic += 1.5
    process.rates_line.held.set()
    assert await asking == 0
    process.monotonic += 1.9
    await process.rate_limits.take(RATE, "who")
    assert process.tried == 2


async def test_when_it_is_back_all_count_together_again(process: Process, shared: MemoryCache) -> None:
    assert await taken(process.rate_limits, 8) == 8
    process.cut()
    assert await taken(process.rate_limits, 8) == 5
    process.cut(is_cut=False)
    process.monotonic += 2
    assert await taken(process.rate_limits, 8) == 2
    assert await taken(Process(shared).rate_limits, 8) == 0
    assert process.tried == 8 + 1 + 8


async def test_a_given_secret_is_forgotten_by_both(process: Process, shared: MemoryCache) -> None:
    process.cut()
    assert await begun(process.guesses, 3) == 3
    process.cut(is_cut=False)
    process.monotonic += 2
    assert await begun(process.guesses, 6) == 6
    await process.guesses.forget("whose")
    assert await begun(Process(shared).guesses, 10) == 6
    process.cut()
    assert await begun(process.guesses, 10) == 3


async def test_a_given_secret_is_forgotten_here_while_the_cache_is_away(process: Process) -> None:
    process.cut()
    assert await begun(process.guesses, 10) == 3
    await process.guesses.forget("whose")
    assert await begun(process.guesses, 10) == 3


async def test_any_other_failure_is_not_hidden() -> None:
    limits = FallbackRateLimits(cast(RateLimits, Line(None)), MemoryCache(HeldClock()).rate_limits)
    with pytest.raises(AttributeError):
        await limits.take(RATE, "who")
