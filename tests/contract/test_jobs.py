"""What every adapter of the port Jobs promises. Its bell is one for all, so each test begins in silence."""

import asyncio
import time
from collections.abc import Awaitable

import pytest_asyncio

from application.ports.cache import Cache
from application.ports.jobs import Jobs

LONG = 5.0
SOON = 1.0


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def _silence(jobs: Jobs) -> None:
    """Hear what earlier tests have rung."""
    while await took(jobs.wait(0.05)) < 0.04:
        pass


async def took(awaitable: Awaitable[None]) -> float:
    begun = time.monotonic()
    await awaitable
    return time.monotonic() - begun


async def test_without_a_ring_a_wait_ends_after_its_time(jobs: Jobs) -> None:
    assert 0.19 <= await took(jobs.wait(0.2)) < 0.2 + SOON


async def test_a_ring_wakes_who_waits(jobs: Jobs, another_cache: Cache) -> None:
    waiting = asyncio.create_task(took(jobs.wait(LONG)))
    await asyncio.sleep(0.1)
    await another_cache.jobs.ring()
    assert await waiting < SOON


async def test_a_ring_before_a_wait_is_heard_by_it(jobs: Jobs, another_cache: Cache) -> None:
    await jobs.ring()
    assert await took(another_cache.jobs.wait(LONG)) < SOON


async def test_a_ring_during_work_is_heard_by_the_next_wait(jobs: Jobs) -> None:
    await jobs.ring()
    await jobs.wait(LONG)
    await jobs.ring()
    assert await took(jobs.wait(LONG)) < SOON


async def test_what_was_heard_does_not_ring_for_ever(jobs: Jobs) -> None:
    for _ in range(3):
        await jobs.ring()
    assert await took(jobs.wait(LONG)) < SOON
    heard = [await took(jobs.wait(0.2)) for _ in range(4)]
    assert heard[-1] >= 0.19


async def test_many_rings_at_once_wake_at_least_one(jobs: Jobs, cache_callers: list[Cache]) -> None:
    waiting = asyncio.create_task(took(jobs.wait(LONG)))
    await asyncio.sleep(0.05)
    await asyncio.gather(*(caller.jobs.ring() for caller in cache_callers))
    assert await waiting < SOON


async def test_a_wait_that_was_given_up_takes_no_later_ring_with_it(jobs: Jobs) -> None:
    given_up = asyncio.create_task(jobs.wait(LONG))
    await asyncio.sleep(0.1)
    given_up.cancel()
    await asyncio.wait([given_up])
    await jobs.ring()
    assert await took(jobs.wait(LONG)) < SOON
