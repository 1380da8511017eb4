"""What every adapter of the port Guesses promises."""

import asyncio
import secrets
import time

import pytest

from application.ports.cache import Cache
from application.ports.guesses import Guesses
from domain.rate_limit import GrowingDelay
from tests.contract.examples import ODD_TEXTS

DELAY = GrowingDelay(free=5, within_seconds=300, first_seconds=30, longest_seconds=900)


def a_key() -> str:
    return secrets.token_hex(8)


async def begun(guesses: Guesses, key: str, delay: GrowingDelay, times: int) -> int:
    """How many of so many, one after another, may be made."""
    return [await guesses.begin(key, delay) for _ in range(times)].count(0)


async def test_so_many_are_free_and_the_next_must_wait(guesses: Guesses) -> None:
    key = a_key()
    assert await begun(guesses, key, DELAY, 5) == 5
    assert 0 < await guesses.begin(key, DELAY) <= 30


async def test_both_connections_count_together(guesses: Guesses, another_cache: Cache) -> None:
    key = a_key()
    assert await begun(guesses, key, DELAY, 3) == 3
    assert await begun(another_cache.guesses, key, DELAY, 3) == 2
    assert await guesses.begin(key, DELAY) > 0


async def test_keys_are_counted_each_for_itself(guesses: Guesses) -> None:
    for _ in range(2):
        assert await begun(guesses, a_key(), DELAY, 5) == 5


@pytest.mark.parametrize("free", [1, 5])
async def test_of_many_at_once_no_more_than_the_free_ones_begin(cache_callers: list[Cache], free: int) -> None:
    key, delay = a_key(), GrowingDelay(free, within_seconds=300, first_seconds=30, longest_seconds=900)
    waits = await asyncio.gather(*(caller.guesses.begin(key, delay) for caller in cache_callers * 7))
    assert waits.count(0) == free
    assert all(0 < wait <= 30 for wait in waits if wait)


async def test_each_wait_is_what_the_delay_says(guesses: Guesses, another_cache: Cache) -> None:
    key, delay = a_key(), GrowingDelay(free=1, within_seconds=300, first_seconds=0.5, longest_seconds=1.5)
    for count in range(1, 5):
        begun_at = time.monotonic()
        assert await guesses.begin(key, delay) == 0
        wait = await another_cache.guesses.begin(key, delay)
        assert delay.wait_after(count) - (time.monotonic() - begun_at) <= wait <= delay.wait_after(count)
        await asyncio.sleep(wait + 0.005)


async def test_after_each_wait_one_of_many_at_once_begins(cache_callers: list[Cache], guesses: Guesses) -> None:
    key, delay = a_key(), GrowingDelay(free=2, within_seconds=300, first_seconds=1, longest_seconds=900)
    await begun(guesses, key, delay, 2)
    for _ in range(2):
        await asyncio.sleep(await guesses.begin(key, delay) + 0.005)
        waits = await asyncio.gather(*(caller.guesses.begin(key, delay) for caller in cache_callers))
        assert waits.count(0) == 1


async def test_who_asks_too_early_waits_no_longer_for_it(guesses: Guesses) -> None:
    key = a_key()
    await begun(guesses, key, DELAY, 5)
    first = await guesses.begin(key, DELAY)
    assert await begun(guesses, key, DELAY, 20) == 0
    assert await guesses.begin(key, DELAY) <= first


async def test_counting_starts_anew_when_the_first_is_long_ago(guesses: Guesses) -> None:
    key, delay = a_key(), GrowingDelay(free=3, within_seconds=2.4, first_seconds=30, longest_seconds=900)
    await guesses.begin(key, delay)
    await asyncio.sleep(0.4)
    await guesses.begin(key, delay)
    await asyncio.sleep(2.1)
    assert await begun(guesses, key, delay, 5) == 3


async def test_one_that_was_never_made_is_not_the_first(guesses: Guesses) -> None:
    key, delay = a_key(), GrowingDelay(free=3, within_seconds=2.4, first_seconds=30, longest_seconds=900)
    await guesses.begin(key, delay)
    await guesses.take_back(key, delay)
    await asyncio.sleep(1.2)
    assert await begun(guesses, key, delay, 2) == 2
    await asyncio.sleep(1.3)
    assert await begun(guesses, key, delay, 5) == 1


async def test_once_there_was_a_wait_the_time_of_the_first_does_not_matter(guesses: Guesses) -> None:
    key, delay = a_key(), GrowingDelay(free=2, within_seconds=1, first_seconds=2, longest_seconds=900)
    assert await begun(guesses, key, delay, 2) == 2
    await asyncio.sleep(2.05)
    assert await guesses.begin(key, delay) == 0
    assert await guesses.begin(key, delay) > 2


async def test_all_is_forgotten_after_long_without_a_guess(guesses: Guesses) -> None:
    delay = GrowingDelay(free=2, within_seconds=300, first_seconds=1, longest_seconds=1, remembered_seconds=2)
    key = a_key()
    assert await begun(guesses, key, delay, 2) == 2
    await asyncio.sleep(2.05)
    assert await begun(guesses, key, delay, 3) == 2


async def test_a_wait_is_kept_longer_than_guesses_are_remembered(guesses: Guesses) -> None:
    delay = GrowingDelay(free=1, within_seconds=0.05, first_seconds=10, longest_seconds=10, remembered_seconds=0.05)
    key = a_key()
    await guesses.begin(key, delay)
    await asyncio.sleep(0.08)
    assert await guesses.begin(key, delay) > 9


async def test_a_guess_that_was_never_made_does_not_count(guesses: Guesses, another_cache: Cache) -> None:
    key = a_key()
    for _ in range(20):
        assert await guesses.begin(key, DELAY) == 0
        await another_cache.guesses.take_back(key, DELAY)
    assert await begun(guesses, key, DELAY, 6) == 5


async def test_the_wait_of_a_guess_that_was_never_made_is_lifted(guesses: Guesses) -> None:
    key = a_key()
    await begun(guesses, key, DELAY, 5)
    await guesses.take_back(key, DELAY)
    assert await guesses.begin(key, DELAY) == 0
    assert 0 < await guesses.begin(key, DELAY) <= 30


async def test_so_is_a_later_wait_and_the_next_is_as_long_again(guesses: Guesses) -> None:
    key, delay = a_key(), GrowingDelay(free=1, within_seconds=300, first_seconds=1, longest_seconds=900)
    await guesses.begin(key, delay)
    await asyncio.sleep(1.05)
    for _ in range(3):
        assert await guesses.begin(key, delay) == 0
        assert 1 < await guesses.begin(key, delay) <= 2
        await guesses.take_back(key, delay)


async def test_taking_back_what_was_never_begun_gives_nothing(guesses: Guesses) -> None:
    key = a_key()
    await guesses.take_back(key, DELAY)
    await guesses.begin(key, DELAY)
    for _ in range(5):
        await guesses.take_back(key, DELAY)
    assert await begun(guesses, key, DELAY, 10) == 5


async def test_many_taken_back_at_once_are_each_counted(guesses: Guesses, cache_callers: list[Cache]) -> None:
    key, delay = a_key(), GrowingDelay(free=40, within_seconds=300, first_seconds=30, longest_seconds=900)
    await begun(guesses, key, delay, 35)
    await asyncio.gather(*(caller.guesses.take_back(key, delay) for caller in cache_callers))
    assert await begun(guesses, key, delay, 50) == 35


async def test_nothing_counts_any_more_once_the_secret_was_given(guesses: Guesses, another_cache: Cache) -> None:
    key = a_key()
    await begun(guesses, key, DELAY, 6)
    await another_cache.guesses.forget(key)
    assert await begun(guesses, key, DELAY, 6) == 5


async def test_forgetting_what_nobody_guessed_is_no_error(guesses: Guesses) -> None:
    await guesses.forget(a_key())


async def test_keys_may_be_any_text(guesses: Guesses) -> None:
    fresh = a_key()
    for text in ODD_TEXTS.values():
        assert await begun(guesses, fresh + text, DELAY, 6) == 5
        await guesses.forget(fresh + text)
        assert await guesses.begin(fresh + text, DELAY) == 0
