"""What only Redis can do wrong. What it must do right like every other cache is in the suites of the ports."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from secrets import token_urlsafe
from signal import SIGCONT, SIGSTOP
from typing import Any

import pytest
import pytest_asyncio
from redis import Redis

from adapters.outbound.circuit_breaker import CacheBreaker
from adapters.outbound.fallback_guesses import FallbackGuesses
from adapters.outbound.fallback_rate_limits import FallbackRateLimits
from adapters.outbound.memory.cache import MemoryCache
from adapters.outbound.redis.cache import open_cache
from adapters.outbound.redis.client import PATIENCE_SECONDS
from adapters.outbound.system_clock import SystemClock
from application.ports.cache import Cache
from domain.authorization import Authorization, browser_hash, state_hash
from domain.errors import CacheUnavailable
from domain.ids import FlowId, SessionId, UserId
from domain.rate_limit import GrowingDelay, Rate
from tests.services.process import free_port
from tests.services.redis import RedisServer

Ask = Callable[..., Any]

_SOON_SECONDS = 5
"""More than the client's patience and what a busy machine adds to it."""

RATE = Rate("login", calls=3, seconds=60)
DELAY = GrowingDelay(free=3, within_seconds=300, first_seconds=30, longest_seconds=900)


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[Cache]:
    cache = await open_cache(url, SystemClock())
    try:
        yield cache
    finally:
        await cache.close()


@pytest_asyncio.fixture(loop_scope="session")
async def cache(redis_server: RedisServer) -> AsyncIterator[Cache]:
    async with opened(redis_server.url) as cache:
        yield cache


@pytest.fixture
def ask(redis_server: RedisServer) -> Iterator[Ask]:
    """A command of the server's operator."""
    with Redis.from_url(redis_server.url) as client:
        yield client.execute_command


def an_authorization(*, state: str = "", cookie: str = "") -> Authorization:
    return Authorization(
        state=state_hash(state or token_urlsafe()),
        flow=FlowId("flow"),
        provider="hubspot",
        user=UserId("user"),
        session=SessionId("session"),
        browser=browser_hash(cookie),
        verifier=token_urlsafe(32),
        origin="http://localhost:8000",
        expires_at=SystemClock().now() + timedelta(minutes=10),
    )


def every_call(cache: Cache) -> list[Awaitable[object]]:
    return [
        cache.ping(),
        cache.authorizations.add(an_authorization()),
        cache.authorizations.consume(an_authorization().state),
        cache.leases.acquire("lease", "owner", seconds=1),
        cache.leases.release("lease", "owner"),
        cache.jobs.ring(),
        cache.jobs.wait(0),
        cache.presence.announce("worker", seconds=1),
        cache.presence.seen("worker"),
        cache.rate_limits.take(RATE, "who"),
        cache.rate_limits.give_back(RATE, "who"),
        cache.guesses.begin("whose", DELAY),
        cache.guesses.take_back("whose", DELAY),
        cache.guesses.forget("whose"),
    ]


async def use_everything(cache: Cache) -> None:
    for call in every_call(cache):
        await call


async def everything_is_unavailable(cache: Cache) -> None:
    async with asyncio.timeout(_SOON_SECONDS):
        answers = await asyncio.gather(*every_call(cache), return_exceptions=True)
    assert {type(answer) for answer in answers} == {CacheUnavailable}


@contextmanager
def silenced(process: int) -> Iterator[None]:
    """Connections stay, new ones are taken by the kernel, and nobody answers."""
    os.kill(process, SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, SIGCONT)


async def test_every_key_is_ours_and_has_an_end(cache: Cache, ask: Ask) -> None:
    await cache.authorizations.add(an_authorization())
    await cache.leases.acquire("lease", "owner", seconds=30)
    await cache.jobs.ring()
    await cache.presence.announce("worker", seconds=30)
    await cache.rate_limits.take(RATE, "who")
    await cache.guesses.begin("whose", DELAY)
    keys = ask("KEYS", "*")
    assert len(keys) == 6
    assert all(key.startswith(b"vectorshift:") for key in keys)
    assert all(ask("PTTL", key) > 0 for key in keys)


async def test_a_lease_that_was_renewed_still_ends(cache: Cache, ask: Ask) -> None:
    for _ in range(2):
        await cache.leases.acquire("lease", "owner", seconds=30)
    assert 0 < ask("TTL", "vectorshift:lease:lease") <= 30


async def test_calls_are_kept_for_no_longer_than_they_count(cache: Cache, ask: Ask) -> None:
    for _ in range(5):
        await cache.rate_limits.take(RATE, "who")
    await cache.rate_limits.give_back(RATE, "who")
    (key,) = ask("KEYS", "*")
    assert 0 < ask("PTTL", key) <= 60_000
    assert ask("LLEN", key) == 2
    for _ in range(2):
        await cache.rate_limits.give_back(RATE, "who")
    assert ask("KEYS", "*") == []


async def test_a_call_counts_to_the_end_of_its_window_and_then_makes_room(cache: Cache, ask: Ask) -> None:
    def redis_now() -> float:
        seconds, microseconds = map(int, ask("TIME"))
        return seconds + microseconds / 1_000_000

    key = "vectorshift:rate:login/who/3/60/second"
    before = redis_now()
    ask("RPUSH", key, *(round((before - ago) * 1_000_000) for ago in (1, 57, 58)))
    wait = await cache.rate_limits.take(RATE, "who")
    assert 2 - (redis_now() - before) <= wait <= 2
    ask("DEL", key)
    ask("RPUSH", key, *(round((before - ago) * 1_000_000) for ago in (1, 50, 61, 62)))
    assert await cache.rate_limits.take(RATE, "who") == 0
    assert ask("LLEN", key) == 3
    assert await cache.rate_limits.take(RATE, "who") > 0


async def test_guesses_are_kept_for_an_hour_at_most(cache: Cache, ask: Ask) -> None:
    for longest_minutes, call in [
        (5, cache.guesses.begin("whose", DELAY)),
        (5, cache.guesses.begin("whose", DELAY)),
        (60, cache.guesses.begin("whose", DELAY)),
        (60, cache.guesses.begin("whose", DELAY)),
        (60, cache.guesses.take_back("whose", DELAY)),
    ]:
        await call
        assert 0 < ask("TTL", "vectorshift:guess:whose") <= longest_minutes * 60
    await cache.guesses.forget("whose")
    assert ask("KEYS", "*") == []


async def test_of_who_called_and_whose_secret_was_guessed_nothing_is_there_but_the_given_key(
    cache: Cache, ask: Ask
) -> None:
    await cache.rate_limits.take(RATE, "who")
    await cache.guesses.begin("whose", DELAY)
    assert set(ask("KEYS", "*")) == {b"vectorshift:rate:login/who/3/60/second", b"vectorshift:guess:whose"}
    assert all(call.isdigit() for call in ask("LRANGE", "vectorshift:rate:login/who/3/60/second", 0, -1))
    assert all(number.isdigit() for number in ask("HVALS", "vectorshift:guess:whose"))


@pytest.mark.parametrize("ahead", [-3600, 3600])
async def test_a_process_whose_clock_is_off_counts_as_the_others_do(
    cache: Cache, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    for _ in range(3):
        assert await cache.rate_limits.take(RATE, "who") == 0
        assert await cache.guesses.begin("whose", DELAY) == 0
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + ahead)
    async with opened(redis_server.url) as another:
        assert 50 < await another.rate_limits.take(RATE, "who") <= 60
        assert 20 < await another.guesses.begin("whose", DELAY) <= 30
        await another.rate_limits.give_back(RATE, "who")
        assert await another.rate_limits.take(RATE, "who") == 0
    monkeypatch.undo()
    assert 50 < await cache.rate_limits.take(RATE, "who") <= 60


async def test_redis_reckons_waits_as_the_domain_does(cache: Cache, ask: Ask) -> None:
    def microseconds() -> int:
        seconds, rest = ask("TIME")
        return int(seconds) * 1_000_000 + int(rest)

    for first, longest in [(30, 900), (0.1, 1e9), (1 / 3, 7e8), (1e-6, 900)]:
        delay = GrowingDelay(3, 300, first, longest)
        for count in [3, 4, 8, 9, 33, 34, 2000]:
            before = microseconds()
            ask("HSET", "vectorshift:guess:whose", "count", count - 1, "first", before, "next", 0)
            assert await cache.guesses.begin("whose", delay) == 0
            wait = delay.wait_after(count) * 1_000_000
            assert before + wait - 1 < int(ask("HGET", "vectorshift:guess:whose", "next")) < microseconds() + wait + 1


async def test_neither_state_nor_cookie_is_there_in_clear(cache: Cache, ask: Ask) -> None:
    state, cookie = token_urlsafe(32), token_urlsafe(32)
    await cache.authorizations.add(an_authorization(state=state, cookie=cookie))
    (key,) = ask("KEYS", "*")
    kept = key + ask("GET", key)
    assert state.encode() not in kept
    assert cookie.encode() not in kept


async def test_rings_that_nobody_hears_do_not_pile_up(cache: Cache, ask: Ask) -> None:
    for _ in range(100):
        await cache.jobs.ring()
    assert ask("LLEN", "vectorshift:bell") == 1


async def test_a_wait_may_last_longer_than_any_other_answer(cache: Cache) -> None:
    begun = time.monotonic()
    await cache.jobs.wait(_SOON_SECONDS)
    assert time.monotonic() - begun >= _SOON_SECONDS - 0.1


async def test_after_a_flush_everything_goes_on(cache: Cache, ask: Ask) -> None:
    lost = an_authorization()
    await cache.authorizations.add(lost)
    await cache.leases.acquire("lease", "somebody", seconds=30)
    await cache.presence.announce("worker", seconds=30)
    await cache.jobs.ring()
    ask("FLUSHALL")
    ask("SCRIPT FLUSH")
    assert await cache.authorizations.consume(lost.state) is None
    assert await cache.leases.acquire("lease", "somebody else", seconds=30)
    await cache.leases.release("lease", "somebody")
    assert not await cache.leases.acquire("lease", "somebody", seconds=30)
    assert not await cache.presence.seen("worker")
    await use_everything(cache)


async def test_after_a_flush_limits_begin_anew_and_hold_again(cache: Cache, ask: Ask) -> None:
    for _ in range(2):
        assert [await cache.rate_limits.take(RATE, "who") for _ in range(5)].count(0) == 3
        assert [await cache.guesses.begin("whose", DELAY) for _ in range(5)].count(0) == 3
        ask("FLUSHALL")
        ask("SCRIPT FLUSH")
    await cache.rate_limits.give_back(RATE, "who")
    await cache.guesses.take_back("whose", DELAY)
    await cache.guesses.forget("whose")
    assert ask("KEYS", "*") == []


async def test_a_killed_redis_is_unavailable_and_comes_back_by_itself(cache: Cache, redis_server: RedisServer) -> None:
    await asyncio.gather(*every_call(cache))
    redis_server.kill()
    await everything_is_unavailable(cache)
    redis_server.start()
    await use_everything(cache)


async def test_a_redis_that_came_back_between_two_calls_is_not_noticed(cache: Cache, redis_server: RedisServer) -> None:
    await asyncio.gather(*every_call(cache))
    redis_server.kill()
    redis_server.start()
    await asyncio.sleep(0.1)  # the end of the old connections reaches the event loop
    await asyncio.gather(*every_call(cache))


async def test_a_silent_redis_is_unavailable_in_time_and_comes_back_by_itself(cache: Cache, ask: Ask) -> None:
    await asyncio.gather(*every_call(cache))
    with silenced(ask("INFO", "server")["process_id"]):
        await everything_is_unavailable(cache)
        await everything_is_unavailable(cache)
    await use_everything(cache)


async def test_limits_hold_while_redis_is_silent_and_nobody_waits_for_it_twice(cache: Cache, ask: Ask) -> None:
    spare, breaker = MemoryCache(SystemClock()), CacheBreaker()
    limits = FallbackRateLimits(cache.rate_limits, spare.rate_limits, breaker)
    guesses = FallbackGuesses(cache.guesses, spare.guesses, breaker)
    with silenced(ask("INFO", "server")["process_id"]):
        # Twice its patience would be one wait for each.
        async with asyncio.timeout(2 * PATIENCE_SECONDS):
            assert [await limits.take(RATE, "who") for _ in range(20)].count(0) == 1
            assert [await guesses.begin("whose", DELAY) for _ in range(20)].count(0) == 1
            await guesses.forget("whose")


async def test_a_waiting_worker_is_told_when_redis_dies(cache: Cache, redis_server: RedisServer) -> None:
    waiting = asyncio.create_task(cache.jobs.wait(30))
    await asyncio.sleep(0.1)
    redis_server.kill()
    with pytest.raises(CacheUnavailable):
        await asyncio.wait_for(waiting, _SOON_SECONDS)


async def test_it_opens_while_redis_is_away_and_serves_when_it_comes(redis_server: RedisServer) -> None:
    redis_server.kill()
    async with opened(redis_server.url) as cache:
        await everything_is_unavailable(cache)
        redis_server.start()
        await use_everything(cache)


async def test_broken_connections_are_not_leaked(cache: Cache, ask: Ask) -> None:
    for _ in range(50):
        calls = asyncio.gather(*(cache.presence.seen("worker") for _ in range(20)), return_exceptions=True)
        await asyncio.sleep(0)
        ask("CLIENT KILL", "TYPE", "normal")
        await calls
    await asyncio.gather(*(cache.presence.seen("worker") for _ in range(100)))
    assert len(ask("CLIENT LIST")) <= 33


async def test_more_callers_than_connections_wait_their_turn(cache: Cache, ask: Ask) -> None:
    await asyncio.gather(*(cache.presence.seen("worker") for _ in range(500)))
    assert len(ask("CLIENT LIST")) <= 33


async def test_a_full_redis_is_unavailable_for_writes_alone(cache: Cache, ask: Ask) -> None:
    ask("CONFIG SET", "maxmemory-policy", "noeviction")
    ask("CONFIG SET", "maxmemory", 1)
    with pytest.raises(CacheUnavailable):
        await cache.authorizations.add(an_authorization())
    with pytest.raises(CacheUnavailable):
        await cache.leases.acquire("lease", "owner", seconds=30)
    with pytest.raises(CacheUnavailable):
        await cache.rate_limits.take(RATE, "who")
    with pytest.raises(CacheUnavailable):
        await cache.guesses.begin("whose", DELAY)
    assert not await cache.presence.seen("worker")
    ask("CONFIG SET", "maxmemory", 0)
    await use_everything(cache)


async def test_a_command_whose_answer_is_lost_is_not_sent_again() -> None:
    received: list[bytes] = []

    async def lose_answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while command := await reader.read(65_536):
            if b"GETDEL" in command:
                received.append(command)
                break
            writer.write(b"+OK\r\n" * command.count(b"SETINFO"))
        writer.close()

    port = free_port()
    async with (
        await asyncio.start_server(lose_answers, "127.0.0.1", port),
        opened(f"redis://127.0.0.1:{port}") as cache,
    ):
        with pytest.raises(CacheUnavailable):
            await cache.authorizations.consume(an_authorization().state)
    assert len(received) == 1


async def test_a_refusal_shows_no_password() -> None:
    async with opened(f"redis://somebody:canary@127.0.0.1:{free_port()}") as cache:
        with pytest.raises(CacheUnavailable) as refusal:
            await cache.ping()
    assert "canary" not in f"{refusal.value!r} {refusal.value.__cause__!r}"


@pytest.mark.parametrize("url", ["http://127.0.0.1", "redis://:canary/@127.0.0.1", "redis://127.0.0.1?canary=1"])
async def test_an_address_that_makes_no_sense_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="not a Redis URL") as refusal:
        await open_cache(url, SystemClock())
    assert "canary" not in str(refusal.value)


def test_it_leaves_nothing_behind_on_its_event_loop(redis_server: RedisServer) -> None:
    async def use_once() -> None:
        async with opened(redis_server.url) as cache:
            await asyncio.gather(*every_call(cache))
        assert asyncio.all_tasks() == {asyncio.current_task()}

    for _ in range(2):
        asyncio.run(use_once())
