"""What every adapter of the port Registrations promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.registrations import Registrations
from application.ports.storage import Storage
from domain.email import EmailAddress
from tests.contract.examples import A_TIME, ODD_TEXTS, a_registration, a_token_hash, an_address


async def test_a_registration_comes_back_whole(registrations: Registrations, another_storage: Storage) -> None:
    added = a_registration(expires_at=A_TIME + timedelta(days=1, microseconds=1))
    await registrations.add(added)
    for everywhere in (registrations, another_storage.registrations):
        assert await everywhere.by_token(added.token) == added
        assert list(await everywhere.of(added.email)) == [added]


async def test_it_may_lack_a_name(registrations: Registrations) -> None:
    added = a_registration(full_name=None)
    await registrations.add(added)
    assert await registrations.by_token(added.token) == added


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
async def test_any_name_comes_back(registrations: Registrations, text: str) -> None:
    added = a_registration(full_name=text, email=EmailAddress(f"zoë-日本-{an_address()}"))
    await registrations.add(added)
    assert list(await registrations.of(added.email)) == [added]


async def test_what_is_not_there_is_not_found(registrations: Registrations) -> None:
    assert await registrations.by_token(a_token_hash()) is None
    assert list(await registrations.of(an_address())) == []


async def test_an_address_may_have_several_and_the_newest_comes_first(registrations: Registrations) -> None:
    email = an_address()
    added = [a_registration(email=email, created_at=A_TIME + timedelta(microseconds=n)) for n in range(5)]
    for n in (2, 0, 4, 1, 3):
        await registrations.add(added[n])
    await registrations.add(a_registration())
    assert list(await registrations.of(email)) == added[::-1]
    assert [await registrations.by_token(one.token) for one in added] == added


async def test_an_expired_one_is_still_found(registrations: Registrations) -> None:
    expired = a_registration(expires_at=A_TIME - timedelta(days=3650))
    await registrations.add(expired)
    assert await registrations.by_token(expired.token) == expired
    assert list(await registrations.of(expired.email)) == [expired]


async def test_it_is_kept_until_it_expires_whatever_is_added_meanwhile(registrations: Registrations) -> None:
    first = a_registration()
    await registrations.add(first)
    at_its_end = a_registration(created_at=first.expires_at, expires_at=first.expires_at + timedelta(hours=24))
    await registrations.add(at_its_end)
    await registrations.add(a_registration())
    assert await registrations.by_token(first.token) == first
    assert await registrations.by_token(at_its_end.token) == at_its_end


async def test_adding_it_again_is_harmless(registrations: Registrations, another_storage: Storage) -> None:
    added = a_registration()
    await registrations.add(added)
    await another_storage.registrations.add(added)
    assert list(await registrations.of(added.email)) == [added]


async def test_a_removed_one_is_gone_for_everybody(registrations: Registrations, another_storage: Storage) -> None:
    gone = a_registration()
    kept = a_registration(email=gone.email)
    await registrations.add(gone)
    await registrations.add(kept)
    await another_storage.registrations.remove(gone)
    for everywhere in (registrations, another_storage.registrations):
        assert await everywhere.by_token(gone.token) is None
        assert list(await everywhere.of(gone.email)) == [kept]


async def test_removing_what_is_gone_is_no_error(registrations: Registrations) -> None:
    gone = a_registration()
    await registrations.remove(gone)
    await registrations.add(gone)
    for _ in range(2):
        await registrations.remove(gone)
    assert await registrations.by_token(gone.token) is None


async def test_of_many_with_one_address_at_once_all_are_kept(
    registrations: Registrations, callers: list[Storage]
) -> None:
    first = a_registration()
    added = [replace(first, token=a_token_hash(), password_hash=f"{n}") for n in range(len(callers))]
    await asyncio.gather(*(caller.registrations.add(one) for caller, one in zip(callers, added, strict=True)))
    found = await registrations.of(first.email)
    assert sorted(found, key=lambda one: one.token) == sorted(added, key=lambda one: one.token)


async def test_of_many_removals_at_once_each_succeeds(registrations: Registrations, callers: list[Storage]) -> None:
    gone = a_registration()
    await registrations.add(gone)
    await asyncio.gather(*(caller.registrations.remove(gone) for caller in callers))
    assert list(await registrations.of(gone.email)) == []
    assert await registrations.by_token(gone.token) is None


@pytest.mark.parametrize("turns", range(6))
async def test_stopped_in_the_middle_what_is_listed_can_be_proven(
    registrations: Registrations, another_storage: Storage, turns: int
) -> None:
    added = a_registration()
    for call in (registrations.add(added), registrations.remove(added)):
        task = asyncio.ensure_future(call)
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        await asyncio.sleep(0.02)
        for listed in await another_storage.registrations.of(added.email):
            assert await another_storage.registrations.by_token(listed.token) == added
