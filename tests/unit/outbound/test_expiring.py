"""What is kept in memory for a time, and that all of it is gone afterwards."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.memory.cache import MemoryCache
from adapters.outbound.memory.expiring import Expiring
from adapters.outbound.memory.guesses import MemoryGuesses
from adapters.outbound.memory.rate_limits import MemoryRateLimits, MemoryWindows
from domain.rate_limit import GrowingDelay, Rate
from tests.unit.builders import A_TIME, HeldClock

MANY = 100_000


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


def test_a_value_is_there_until_its_time(clock: HeldClock) -> None:
    kept = Expiring[str](clock)
    kept.put("key", "value", A_TIME + after(10))
    clock.advance(after(9.999_999))
    assert kept.get("key") == "value"
    clock.advance(after(0.000_001))
    assert kept.get("key") is None


def test_what_is_put_again_lives_on(clock: HeldClock) -> None:
    kept = Expiring[str](clock)
    kept.put("key", "value", A_TIME + after(10))
    kept.put("key", "another", A_TIME + after(30))
    clock.advance(after(20))
    kept.put("other", "value", A_TIME + after(40))
    assert kept.get("key") == "another"
    clock.advance(after(15))
    kept.put("other", "value", A_TIME + after(60))
    assert (kept.get("key"), len(kept)) == (None, 1)


def test_a_key_that_comes_and_goes_takes_the_room_of_one(clock: HeldClock) -> None:
    kept = Expiring[str](clock)
    for number in range(1000):
        kept.put("key", str(number), A_TIME + after(3600))
        kept.drop("key")
        assert kept.get("key") is None
    assert (len(kept), len(kept._ends)) == (1, 1)


def test_dropping_what_is_not_there_is_no_error(clock: HeldClock) -> None:
    Expiring[str](clock).drop("key")


steps = st.lists(st.tuples(st.sampled_from("abcde"), st.none() | st.integers(0, 9), st.integers(0, 5)))


@given(steps)
def test_it_holds_what_a_plain_dict_with_times_holds(given_steps: list[tuple[str, int | None, int]]) -> None:
    clock = HeldClock()
    kept, model = Expiring[int](clock), dict[str, tuple[int, timedelta]]()
    passed = timedelta()
    for number, (key, lifetime, pause) in enumerate(given_steps):
        if lifetime is None:
            kept.drop(key)
            model.pop(key, None)
        else:
            kept.put(key, number, clock.now() + after(lifetime))
            model[key] = number, passed + after(lifetime)
        for name in "abcde":
            value, until = model.get(name, (None, passed))
            assert kept.get(name) == (value if passed < until else None)
        passed += after(pause)
        clock.advance(after(pause))


def test_nothing_is_left_of_many_keys_soon_after_their_time(clock: HeldClock) -> None:
    kept = Expiring[None](clock)
    for number in range(10_000):
        kept.put(str(number), None, A_TIME + after(1 + number % 3600))
    assert len(kept) == 10_000
    clock.advance(after(3600))
    for _ in range(1000):
        kept.put("last", None, clock.now() + after(1))
    assert (len(kept), len(kept._ends)) == (1, 1)
    assert kept._kept.__sizeof__() < 10_000


async def test_no_call_of_many_leaves_anything_behind(clock: HeldClock) -> None:
    cache, delay = MemoryCache(clock), GrowingDelay(5, within_seconds=300, first_seconds=30, longest_seconds=900)
    rate = Rate("login", calls=10, seconds=60)
    for number in range(MANY):
        assert await cache.rate_limits.take(rate, str(number)) == 0
        assert await cache.guesses.begin(str(number), delay) == 0
    assert sizes(cache) == (MANY, MANY)
    clock.advance(after(3600))
    for _ in range(MANY // 10):
        await cache.rate_limits.take(rate, "last")
        await cache.guesses.begin("last", delay)
    assert sizes(cache) == (1, 1)


def sizes(cache: MemoryCache) -> tuple[int, int]:
    """How many keys take up room: of calls, of guesses."""
    limits, guesses = cache.rate_limits, cache.guesses
    assert isinstance(limits, MemoryRateLimits)
    assert isinstance(guesses, MemoryGuesses)
    assert isinstance(limits._windows, MemoryWindows)
    return len(limits._windows._calls), len(guesses._made)


async def test_a_wait_that_was_told_is_long_enough_to_the_microsecond(clock: HeldClock) -> None:
    cache, rate = MemoryCache(clock), Rate("login", calls=1, seconds=60)
    for pause in (0.0, 1e-6, 0.333_333, 59.999_999):
        assert await cache.rate_limits.take(rate, "who") == 0
        clock.advance(after(pause))
        wait = await cache.rate_limits.take(rate, "who")
        assert 0 < wait <= 60
        clock.advance(after(wait))
