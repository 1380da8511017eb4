"""What every adapter of the port Leases promises."""

import asyncio
import secrets

from application.ports.cache import Cache
from application.ports.leases import Leases
from tests.contract.examples import ODD_TEXTS


def a_name() -> str:
    return f"sync|{secrets.token_hex(8)}"


async def test_a_free_one_is_acquired(leases: Leases) -> None:
    assert await leases.acquire(a_name(), "me", seconds=10)


async def test_a_held_one_is_refused_to_others(leases: Leases, another_cache: Cache) -> None:
    name = a_name()
    await leases.acquire(name, "me", seconds=10)
    assert not await leases.acquire(name, "you", seconds=10)
    assert not await another_cache.leases.acquire(name, "you", seconds=10)


async def test_names_are_held_each_for_itself(leases: Leases) -> None:
    assert await leases.acquire(a_name(), "me", seconds=10)
    assert await leases.acquire(a_name(), "you", seconds=10)


async def test_of_many_owners_at_once_one_holds_it(leases: Leases, cache_callers: list[Cache]) -> None:
    name = a_name()
    calls = (caller.leases.acquire(name, f"owner {n}", seconds=10) for n, caller in enumerate(cache_callers))
    acquired = await asyncio.gather(*calls)
    assert sum(acquired) == 1
    assert await leases.acquire(name, f"owner {acquired.index(True)}", seconds=10)


async def test_it_is_free_again_after_its_time(leases: Leases, another_cache: Cache) -> None:
    name = a_name()
    await leases.acquire(name, "me", seconds=0.06)
    await asyncio.sleep(0.09)
    assert await another_cache.leases.acquire(name, "you", seconds=10)
    assert not await leases.acquire(name, "me", seconds=10)


async def test_its_owner_renews_it(leases: Leases, another_cache: Cache) -> None:
    name = a_name()
    await leases.acquire(name, "me", seconds=0.06)
    assert await another_cache.leases.acquire(name, "me", seconds=10)
    await asyncio.sleep(0.09)
    assert not await leases.acquire(name, "you", seconds=10)


async def test_it_is_free_once_it_is_released(leases: Leases, another_cache: Cache) -> None:
    name = a_name()
    await leases.acquire(name, "me", seconds=10)
    await another_cache.leases.release(name, "me")
    assert await leases.acquire(name, "you", seconds=10)


async def test_anothers_stays(leases: Leases) -> None:
    name = a_name()
    await leases.acquire(name, "me", seconds=10)
    await leases.release(name, "you")
    assert not await leases.acquire(name, "you", seconds=10)


async def test_who_was_late_does_not_free_its_successors(leases: Leases) -> None:
    name = a_name()
    await leases.acquire(name, "me", seconds=0.05)
    await asyncio.sleep(0.08)
    await leases.acquire(name, "you", seconds=10)
    await leases.release(name, "me")
    assert not await leases.acquire(name, "me", seconds=10)


async def test_releasing_what_nobody_holds_is_no_error(leases: Leases) -> None:
    await leases.release(a_name(), "me")


async def test_names_and_owners_may_be_any_text(leases: Leases) -> None:
    for text in ODD_TEXTS.values():
        name = a_name() + text
        assert await leases.acquire(name, text, seconds=10)
        assert not await leases.acquire(name, text + "?", seconds=10)
        await leases.release(name, text)
