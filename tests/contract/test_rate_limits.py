"""What every adapter of the port RateLimits promises."""

import asyncio
import secrets

from application.ports.cache import Cache
from application.ports.rate_limits import RateLimits
from domain.rate_limit import Rate
from tests.contract.examples import ODD_TEXTS

SLOW = Rate("login", calls=10, seconds=60)
REFUNDABLE = Rate("wrong-login", calls=10, seconds=60, refundable=True)
BRIEF = Rate("brief", calls=2, seconds=1)
BRIEF_REFUNDABLE = Rate("brief-refundable", calls=2, seconds=1, refundable=True)


def a_key() -> str:
    return secrets.token_hex(8)


async def taken(limits: RateLimits, rate: Rate, key: str, calls: int) -> int:
    """How many of so many, one after another, get through."""
    return [await limits.take(rate, key) for _ in range(calls)].count(0)


async def test_as_many_calls_as_the_rate_says_get_through(rate_limits: RateLimits) -> None:
    for rate in (SLOW, REFUNDABLE):
        assert await taken(rate_limits, rate, a_key(), 15) == 10


async def test_a_refused_call_is_told_how_long_to_wait(rate_limits: RateLimits) -> None:
    for rate in (SLOW, REFUNDABLE):
        key = a_key()
        await taken(rate_limits, rate, key, 10)
        assert 0 < await rate_limits.take(rate, key) <= 60


async def test_after_the_wait_that_was_told_the_oldest_call_alone_is_forgotten(
    rate_limits: RateLimits, another_cache: Cache
) -> None:
    async def story(rate: Rate) -> None:
        key = a_key()
        await rate_limits.take(rate, key)
        await asyncio.sleep(0.5)
        await rate_limits.take(rate, key)
        wait = await rate_limits.take(rate, key)
        assert 0 < wait < 0.6
        await asyncio.sleep(wait + 0.01)
        assert await taken(another_cache.rate_limits, rate, key, 5) == 1

    await asyncio.gather(story(BRIEF), story(BRIEF_REFUNDABLE))


async def test_a_refused_call_does_not_count(rate_limits: RateLimits) -> None:
    async def story(rate: Rate) -> None:
        key = a_key()
        await taken(rate_limits, rate, key, 2)
        await asyncio.sleep(0.5)
        assert await taken(rate_limits, rate, key, 5) == 0
        await asyncio.sleep(0.55)
        assert await taken(rate_limits, rate, key, 5) == 2

    await asyncio.gather(story(BRIEF), story(BRIEF_REFUNDABLE))


async def test_of_many_calls_at_once_no_more_get_through(cache_callers: list[Cache]) -> None:
    for rate in (SLOW, REFUNDABLE):
        key = a_key()
        waits = await asyncio.gather(*(caller.rate_limits.take(rate, key) for caller in cache_callers * 3))
        assert waits.count(0) == 10
        assert all(0 < wait <= 60 for wait in waits if wait)


async def test_keys_are_counted_each_for_itself(rate_limits: RateLimits) -> None:
    assert await taken(rate_limits, SLOW, a_key(), 10) == 10
    assert await taken(rate_limits, SLOW, a_key(), 10) == 10


async def test_rates_are_counted_each_for_itself(rate_limits: RateLimits) -> None:
    key = a_key()
    for rate in (SLOW, REFUNDABLE):
        assert await taken(rate_limits, rate, key, 10) == 10


async def test_both_connections_count_together(rate_limits: RateLimits, another_cache: Cache) -> None:
    key = a_key()
    assert await taken(rate_limits, SLOW, key, 6) == 6
    assert await taken(another_cache.rate_limits, SLOW, key, 6) == 4


async def test_what_was_given_back_can_be_taken_again(rate_limits: RateLimits, another_cache: Cache) -> None:
    key = a_key()
    await taken(rate_limits, REFUNDABLE, key, 10)
    for _ in range(3):
        await another_cache.rate_limits.give_back(REFUNDABLE, key)
    assert await taken(rate_limits, REFUNDABLE, key, 10) == 3


async def test_harmless_calls_never_add_up(rate_limits: RateLimits) -> None:
    key = a_key()
    for _ in range(25):
        assert await rate_limits.take(REFUNDABLE, key) == 0
        await rate_limits.give_back(REFUNDABLE, key)


async def test_refused_calls_leave_nothing_to_be_given_back(
    cache_callers: list[Cache], rate_limits: RateLimits
) -> None:
    key = a_key()
    await asyncio.gather(*(caller.rate_limits.take(REFUNDABLE, key) for caller in cache_callers))
    await asyncio.gather(*(caller.rate_limits.give_back(REFUNDABLE, key) for caller in cache_callers[:10]))
    assert await taken(rate_limits, REFUNDABLE, key, 15) == 10


async def test_no_more_is_there_than_the_rate_however_much_is_given_back(rate_limits: RateLimits) -> None:
    key = a_key()
    await rate_limits.give_back(REFUNDABLE, key)
    assert await rate_limits.take(REFUNDABLE, key) == 0
    for _ in range(5):
        await rate_limits.give_back(REFUNDABLE, key)
    assert await taken(rate_limits, REFUNDABLE, key, 15) == 10


async def test_a_call_that_is_given_back_after_its_time_gives_nothing(rate_limits: RateLimits) -> None:
    key = a_key()
    await rate_limits.take(BRIEF_REFUNDABLE, key)
    await asyncio.sleep(1.05)
    await rate_limits.give_back(BRIEF_REFUNDABLE, key)
    assert await taken(rate_limits, BRIEF_REFUNDABLE, key, 5) == 2


async def test_calls_that_were_given_back_make_no_other_count_for_longer(rate_limits: RateLimits) -> None:
    key = a_key()
    await rate_limits.take(BRIEF_REFUNDABLE, key)
    await asyncio.sleep(0.5)
    await rate_limits.take(BRIEF_REFUNDABLE, key)
    await rate_limits.give_back(BRIEF_REFUNDABLE, key)
    await asyncio.sleep(0.55)
    assert await taken(rate_limits, BRIEF_REFUNDABLE, key, 5) == 2


async def test_takes_and_returns_at_once_are_each_counted(cache_callers: list[Cache], rate_limits: RateLimits) -> None:
    key = a_key()
    await taken(rate_limits, REFUNDABLE, key, 5)

    async def come_and_go(caller: Cache) -> None:
        if await caller.rate_limits.take(REFUNDABLE, key) == 0:
            await caller.rate_limits.give_back(REFUNDABLE, key)

    await asyncio.gather(*(come_and_go(caller) for caller in cache_callers))
    assert await taken(rate_limits, REFUNDABLE, key, 10) == 5


async def test_keys_may_be_any_text(rate_limits: RateLimits) -> None:
    rate, fresh = Rate("odd", calls=1, seconds=60), a_key()
    for text in ODD_TEXTS.values():
        assert await rate_limits.take(rate, fresh + text) == 0
        assert await rate_limits.take(rate, fresh + text) > 0
