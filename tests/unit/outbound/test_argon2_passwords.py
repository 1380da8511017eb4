"""Hashes of passwords: ours, and those of bcrypt and other argon2 that people bring along."""

import asyncio
import os
import sys
import unicodedata
from typing import NoReturn

import bcrypt
import pytest
from argon2 import PasswordHasher, Type
from argon2.exceptions import HashingError

from adapters.outbound.argon2_passwords import Argon2Passwords
from domain.errors import Overloaded
from domain.password import normalised
from domain.secret import Secret

PASSWORD = Secret("correct horse battery")
OF_NO_LIBRARY_HERE = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
"""Of "U*U": a test vector of crypt_blowfish."""
NO_HASHES = [
    "",
    "x",
    "correct horse battery",
    "$argon2id$",
    "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA",
    "$argon2id$v=19$m=8,t=1$AAAAAAAAAAA$AAAAAA",
    "$argon2id$v=19$m=8,t=1,p=1$ÄÄÄÄÄÄÄÄÄÄÄÄ$AAAAAA",
    "$argon2x$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAA",
    "$2b$12$abc",
    "$2x" + OF_NO_LIBRARY_HERE[3:],
    OF_NO_LIBRARY_HERE[:-1],
    OF_NO_LIBRARY_HERE + "x",
    OF_NO_LIBRARY_HERE + "\n",
    OF_NO_LIBRARY_HERE + "\0",
    OF_NO_LIBRARY_HERE.replace("C.E5", "C/E5"),
    OF_NO_LIBRARY_HERE.replace("$05$", "$03$"),
    OF_NO_LIBRARY_HERE.replace("$05$", "$31$"),
    OF_NO_LIBRARY_HERE.replace("$05$", "$5$"),
]


def a_hasher(*, memory_kib: int = 8, iterations: int = 1, parallelism: int = 1) -> Argon2Passwords:
    return Argon2Passwords(memory_kib=memory_kib, iterations=iterations, parallelism=parallelism, threads=1)


def by_argon2(password: Secret, kind: Type) -> str:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, type=kind).hash(password.reveal())


def by_bcrypt(password: bytes, prefix: str = "$2b$") -> str:
    return prefix + bcrypt.hashpw(password, bcrypt.gensalt(4)).decode()[4:]


async def test_a_password_is_known_by_its_hash() -> None:
    passwords = a_hasher()
    hashed = await passwords.hash(PASSWORD)
    assert PASSWORD.reveal() not in hashed
    assert passwords.is_known(hashed)
    assert await passwords.verify(PASSWORD, hashed)
    for other in ("another", "Correct horse battery", "correct horse battery ", ""):
        assert not await passwords.verify(Secret(other), hashed)


async def test_no_two_hashes_are_the_same() -> None:
    passwords = a_hasher()
    assert await passwords.hash(PASSWORD) != await passwords.hash(PASSWORD)


async def test_a_hash_has_the_parameters_that_were_asked_for() -> None:
    hashed = await a_hasher(memory_kib=24, iterations=2, parallelism=3).hash(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=24,t=2,p=3$")


async def test_without_any_asked_for_they_are_those_that_are_advised() -> None:
    assert (await Argon2Passwords(threads=1).hash(PASSWORD)).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("text", ["", "é" * 200, "\0", "\ud800", "🦄"])
async def test_any_text_can_be_hashed(text: str) -> None:
    passwords = a_hasher()
    assert await passwords.verify(Secret(text), await passwords.hash(Secret(text)))


async def test_passwords_that_differ_behind_a_nul_or_72_bytes_are_different() -> None:
    passwords = a_hasher()
    for start in ("p\0", "x" * 72):
        hashed = await passwords.hash(Secret(start + "aaaa"))
        assert await passwords.verify(Secret(start + "aaaa"), hashed)
        assert not await passwords.verify(Secret(start + "bbbb"), hashed)


async def test_a_letter_may_be_typed_composed_or_not() -> None:
    passwords = a_hasher()
    composed, decomposed = (Secret(unicodedata.normalize(form, "crème brûlée")) for form in ("NFC", "NFD"))
    hashed = await passwords.hash(normalised(composed))
    assert await passwords.verify(normalised(decomposed), hashed)


@pytest.mark.parametrize("guess", ["reference", "", "correct horse battery"])
async def test_nobody_has_no_password_at_all(guess: str) -> None:
    assert not await a_hasher().verify(Secret(guess), None)
    assert not await a_hasher().verify(Secret(guess), "")


def test_looking_for_nobody_takes_the_work_of_one_of_our_hashes() -> None:
    passwords = a_hasher(memory_kib=24, iterations=2, parallelism=3)
    assert not passwords.is_outdated(passwords._reference)


@pytest.mark.parametrize("hashed", NO_HASHES)
async def test_what_is_no_hash_matches_nothing(hashed: str) -> None:
    passwords = a_hasher()
    assert not await passwords.verify(PASSWORD, hashed)
    assert not await passwords.verify(Secret("U*U"), hashed)
    assert not passwords.is_known(hashed)


@pytest.mark.parametrize("kind", [Type.I, Type.D, Type.ID])
async def test_every_kind_of_argon2_is_verified(kind: Type) -> None:
    passwords, hashed = a_hasher(), by_argon2(PASSWORD, kind)
    assert passwords.is_known(hashed)
    assert await passwords.verify(PASSWORD, hashed)
    assert not await passwords.verify(Secret("another"), hashed)


@pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2y$"])
async def test_bcrypt_is_verified(prefix: str) -> None:
    passwords, hashed = a_hasher(), by_bcrypt(PASSWORD.reveal().encode(), prefix)
    assert passwords.is_known(hashed)
    assert await passwords.verify(PASSWORD, hashed)
    assert not await passwords.verify(Secret("another"), hashed)


async def test_bcrypt_of_another_library_is_verified() -> None:
    passwords = a_hasher()
    assert passwords.is_known(OF_NO_LIBRARY_HERE)
    assert await passwords.verify(Secret("U*U"), OF_NO_LIBRARY_HERE)
    assert not await passwords.verify(Secret("U*V"), OF_NO_LIBRARY_HERE)


@pytest.mark.parametrize("text", ["x" * 100, "aé" * 40])
async def test_bcrypt_of_a_long_password_was_made_of_its_first_72_bytes(text: str) -> None:
    passwords, hashed = a_hasher(), by_bcrypt(text.encode()[:72])
    assert await passwords.verify(Secret(text), hashed)
    assert not await passwords.verify(Secret("y" + text[1:]), hashed)


@pytest.mark.parametrize("text", ["abc\0", "abc\0abc", "abc\0def", "\0abc", "abc\0" * 18])
async def test_a_nul_never_matches_bcrypt(text: str) -> None:
    assert not await a_hasher().verify(Secret(text), by_bcrypt(b"abc"))
    assert not await a_hasher().verify(Secret(text), by_bcrypt(text.encode()[:72]))


async def test_a_hash_of_ours_is_not_outdated() -> None:
    passwords = a_hasher()
    assert not passwords.is_outdated(await passwords.hash(PASSWORD))


@pytest.mark.parametrize("changed", [{"memory_kib": 16}, {"iterations": 2}, {"memory_kib": 16, "parallelism": 2}])
async def test_other_parameters_make_a_hash_outdated(changed: dict[str, int]) -> None:
    before, after = a_hasher(), a_hasher(**changed)
    assert after.is_outdated(await before.hash(PASSWORD))
    assert before.is_outdated(await after.hash(PASSWORD))


@pytest.mark.parametrize("hashed", [by_argon2(PASSWORD, Type.I), by_argon2(PASSWORD, Type.D), OF_NO_LIBRARY_HERE, "x"])
def test_hashes_of_another_kind_are_outdated(hashed: str) -> None:
    assert a_hasher().is_outdated(hashed)


async def test_when_too_many_wait_the_next_is_turned_away_and_later_is_not() -> None:
    passwords = a_hasher()
    work = [passwords.hash(PASSWORD) for _ in range(20)], [passwords.verify(PASSWORD, None) for _ in range(20)]
    outcomes = await asyncio.gather(*work[0], *work[1], return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Overloaded)]
    assert len(refused) == 24
    assert all(refusal.retry_after > 0 for refusal in refused)
    assert await passwords.hash(PASSWORD)


async def test_where_memory_is_short_a_password_is_hashed_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_memory(*_: object) -> NoReturn:
        raise HashingError("Memory allocation error")

    passwords = a_hasher()
    monkeypatch.setattr(PasswordHasher, "hash", out_of_memory)
    with pytest.raises(Overloaded):
        await passwords.hash(PASSWORD)


async def test_the_event_loop_goes_on_while_a_password_is_hashed() -> None:
    passwords = Argon2Passwords(memory_kib=65_536, iterations=4, threads=1)
    hashing = asyncio.create_task(passwords.hash(PASSWORD))
    turns = 0
    while not hashing.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 10


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has a priority of its own on Linux only")
async def test_hashing_gives_way_to_the_event_loop() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    assert await a_hasher()._in_thread(lambda: os.getpriority(os.PRIO_PROCESS, 0)) >= 10
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
