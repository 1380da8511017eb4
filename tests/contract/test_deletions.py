"""What every adapter of the port Deletions promises."""

import asyncio
from datetime import timedelta

import pytest

from application.ports.deletions import Deletions
from application.ports.storage import Storage
from domain.account_deletion import DeletedAccount, deleted_account
from tests.contract.examples import A_TIME, a_user_id

LATER = A_TIME + timedelta(days=1, microseconds=1)


@pytest.fixture
def deletions(storage: Storage) -> Deletions:
    return storage.deletions


def an_account() -> DeletedAccount:
    return deleted_account(a_user_id())


async def test_a_deletion_is_known_to_everybody_with_its_time(deletions: Deletions, another_storage: Storage) -> None:
    account = an_account()
    await deletions.add(account, at=A_TIME)
    for everywhere in (deletions, another_storage.deletions):
        assert await everywhere.at(account) == A_TIME


async def test_who_was_not_deleted_is_not_known(deletions: Deletions) -> None:
    await deletions.add(an_account(), at=A_TIME)
    assert await deletions.at(an_account()) is None


async def test_added_again_it_keeps_the_first_time(deletions: Deletions, another_storage: Storage) -> None:
    account = an_account()
    await deletions.add(account, at=A_TIME)
    for at in (LATER, A_TIME - timedelta(days=1), A_TIME):
        await another_storage.deletions.add(account, at=at)
        assert await deletions.at(account) == A_TIME


async def test_of_many_at_once_one_time_is_kept(deletions: Deletions, callers: list[Storage]) -> None:
    account = an_account()
    times = [A_TIME + timedelta(seconds=number) for number in range(len(callers))]
    adds = (caller.deletions.add(account, at=at) for caller, at in zip(callers, times, strict=True))
    await asyncio.gather(*adds)
    kept = await deletions.at(account)
    assert kept in times
    await deletions.add(account, at=LATER)
    assert await callers[1].deletions.at(account) == kept


async def test_each_account_has_its_own(deletions: Deletions) -> None:
    accounts = {an_account(): A_TIME + timedelta(microseconds=number) for number in range(10)}
    for account, at in accounts.items():
        await deletions.add(account, at=at)
    assert {account: await deletions.at(account) for account in accounts} == accounts
