"""Passwords, chance, time and failpoints."""

import asyncio
import os
from datetime import UTC
from uuid import UUID

import pytest

from adapters.outbound.argon2_passwords import Argon2Passwords
from adapters.outbound.environment_failpoints import EnvironmentFailpoints
from adapters.outbound.system_clock import SystemClock
from adapters.outbound.system_entropy import SystemEntropy
from domain.errors import Overloaded
from domain.secret import Secret

PASSWORD = Secret("correct horse battery")


def a_hasher(threads: int = 1) -> Argon2Passwords:
    return Argon2Passwords(memory_kib=8, iterations=1, threads=threads)


async def test_a_password_is_known_by_its_hash() -> None:
    passwords = a_hasher()
    hashed = await passwords.hash(PASSWORD)
    assert hashed.startswith("$argon2id$")
    assert PASSWORD.reveal() not in hashed
    assert await passwords.verify(PASSWORD, hashed)
    assert not await passwords.verify(Secret("another"), hashed)


async def test_no_two_hashes_are_the_same() -> None:
    passwords = a_hasher()
    assert await passwords.hash(PASSWORD) != await passwords.hash(PASSWORD)


def test_the_parameters_are_those_that_are_advised() -> None:
    hasher = Argon2Passwords()._hasher
    assert (hasher.memory_cost, hasher.time_cost, hasher.parallelism) == (19_456, 2, 1)


@pytest.mark.parametrize("guess", ["reference", "", "correct horse battery"])
async def test_nobody_has_no_password_at_all(guess: str) -> None:
    assert not await a_hasher().verify(Secret(guess), None)


@pytest.mark.parametrize("hashed", ["", "x", "$argon2id$", "$2b$12$abc", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"])
async def test_what_is_no_hash_matches_nothing(hashed: str) -> None:
    assert not await a_hasher().verify(PASSWORD, hashed)


@pytest.mark.parametrize("text", ["", "é" * 200, "\0", "\ud800", "🦄"])
async def test_any_text_can_be_hashed(text: str) -> None:
    passwords = a_hasher()
    assert await passwords.verify(Secret(text), await passwords.hash(Secret(text)))


async def test_when_too_many_wait_the_next_is_turned_away_and_later_is_not() -> None:
    passwords = a_hasher()
    outcomes = await asyncio.gather(*(passwords.hash(PASSWORD) for _ in range(40)), return_exceptions=True)
    assert sum(isinstance(outcome, Overloaded) for outcome in outcomes) == 24
    assert await passwords.hash(PASSWORD)


async def test_the_event_loop_goes_on_while_a_password_is_hashed() -> None:
    passwords = Argon2Passwords(memory_kib=65_536, iterations=4, threads=1)
    hashing = asyncio.create_task(passwords.hash(PASSWORD))
    turns = 0
    while not hashing.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 10


def test_identifiers_are_version_7_unique_and_rise_with_time() -> None:
    entropy = SystemEntropy()
    made = [UUID(entropy.identifier()) for _ in range(1000)]
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
    assert len(set(made)) == 1000
    milliseconds = [one.int >> 80 for one in made]
    assert milliseconds == sorted(milliseconds)


def test_tokens_are_256_bits_as_text() -> None:
    tokens = {SystemEntropy().token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {43}


def test_the_time_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


async def test_a_failpoint_that_nobody_named_does_nothing() -> None:
    await EnvironmentFailpoints({}).reach("sync.after_items")
    await EnvironmentFailpoints({"mail.after_send": None}).reach("sync.after_items")


async def test_a_failpoint_sleeps_or_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ended(BaseException):
        pass

    def end(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(os, "_exit", end)
    failpoints = EnvironmentFailpoints({"a": 0.01, "b": None})
    await failpoints.reach("a")
    with pytest.raises(Ended, match="70"):
        await failpoints.reach("b")
