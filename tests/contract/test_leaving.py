"""What every adapter of the port Users promises about who leaves: the account is gone, and its address free."""

import asyncio
from dataclasses import replace

import pytest

from application.ports.storage import Storage
from application.ports.users import Users
from domain.errors import EmailTaken, VersionSuperseded
from domain.user import User
from tests.contract.examples import a_reset, a_user, a_user_id, an_address
from tests.contract.test_users import walk

RACES = 30


async def test_who_has_left_is_found_by_nobody(users: Users, another_storage: Storage) -> None:
    gone, kept = a_user(), a_user()
    await users.add(gone)
    await users.add(kept)
    await another_storage.users.remove(gone)
    for everywhere in (users, another_storage.users):
        assert await everywhere.by_id(gone.id) is None
        assert await everywhere.by_email(gone.email) is None
        assert await everywhere.by_id(kept.id) == kept
    everybody = [user.id for user in await walk(users, limit=1000)]
    assert (gone.id in everybody, kept.id in everybody) == (False, True)


async def test_an_account_of_another_version_stays(users: Users, another_storage: Storage) -> None:
    first = a_user()
    await users.add(first)
    second = await users.update(replace(first, reset=a_reset()))
    for version in (first.version, second.version + 1):
        with pytest.raises(VersionSuperseded):
            await another_storage.users.remove(replace(second, version=version))
    assert await users.by_id(first.id) == await users.by_email(first.email) == second
    await another_storage.users.remove(second)
    assert await users.by_id(first.id) is None


async def test_removing_who_has_left_is_no_error(users: Users) -> None:
    gone = a_user()
    await users.remove(gone)
    await users.add(gone)
    for _ in range(2):
        await users.remove(gone)
    await users.remove(replace(gone, version=7))
    assert await users.by_id(gone.id) is None


async def test_who_has_left_cannot_be_changed(users: Users) -> None:
    gone = a_user()
    await users.add(gone)
    await users.remove(gone)
    with pytest.raises(VersionSuperseded):
        await users.update(replace(gone, password_hash=None))
    assert (await users.by_id(gone.id), await users.by_email(gone.email)) == (None, None)


async def test_a_late_removal_leaves_the_next_owner_of_the_address_alone(
    users: Users, another_storage: Storage
) -> None:
    first = a_user()
    second = a_user(email=first.email)
    await users.add(first)
    await users.remove(first)
    await another_storage.users.add(second)
    await users.remove(first)
    with pytest.raises(EmailTaken):
        await users.add(a_user(email=first.email))
    assert await users.by_email(first.email) == await users.by_id(second.id) == second


async def test_the_removal_of_who_never_got_the_address_leaves_its_owner_alone(users: Users) -> None:
    owner = a_user()
    rival = a_user(email=owner.email)
    await users.add(owner)
    with pytest.raises(EmailTaken):
        await users.add(rival)
    await users.remove(rival)
    assert await users.by_email(owner.email) == await users.by_id(owner.id) == owner


async def test_an_address_is_free_as_soon_as_its_account_is_gone(users: Users, another_storage: Storage) -> None:
    email = an_address()
    for everywhere in [users, another_storage.users] * 50:
        user = a_user(email=email)
        await everywhere.add(user)
        assert await users.by_email(email) == await another_storage.users.by_id(user.id) == user
        await everywhere.remove(user)
        assert await another_storage.users.by_email(email) is None


async def test_a_change_and_a_removal_at_once_leave_the_change_or_nothing(
    users: Users, another_storage: Storage
) -> None:
    for _ in range(RACES):
        first = a_user()
        await users.add(first)
        changed, removed = await asyncio.gather(
            another_storage.users.update(replace(first, reset=a_reset())), users.remove(first), return_exceptions=True
        )
        if isinstance(changed, User):
            assert isinstance(removed, VersionSuperseded)
            assert await users.by_id(first.id) == await users.by_email(first.email) == changed
        else:
            assert (type(changed), removed) == (VersionSuperseded, None)
            assert (await users.by_id(first.id), await users.by_email(first.email)) == (None, None)


async def test_a_removal_and_a_registration_at_once_leave_the_new_account_or_a_free_address(
    users: Users, another_storage: Storage
) -> None:
    for _ in range(RACES):
        first = a_user()
        second = a_user(email=first.email)
        await users.add(first)
        removed, added = await asyncio.gather(
            users.remove(first), another_storage.users.add(second), return_exceptions=True
        )
        assert removed is None
        assert added is None or isinstance(added, EmailTaken)
        if added is not None:
            assert (await users.by_email(first.email), await users.by_id(second.id)) == (None, None)
            await users.add(second)
        assert await users.by_id(first.id) is None
        assert await users.by_email(first.email) == await another_storage.users.by_id(second.id) == second


async def test_several_may_remove_one_account_at_once(users: Users, callers: list[Storage]) -> None:
    gone = a_user()
    await users.add(gone)
    await asyncio.gather(*(caller.users.remove(gone) for caller in callers))
    assert await users.by_id(gone.id) is None
    await users.add(a_user(email=gone.email))


@pytest.mark.parametrize("turns", range(8))
async def test_stopped_in_the_middle_it_is_whole_or_gone_and_can_be_done_again(
    users: Users, another_storage: Storage, turns: int
) -> None:
    stopped = a_user()
    await users.add(stopped)
    task = asyncio.ensure_future(users.remove(stopped))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert await another_storage.users.by_id(stopped.id) in (stopped, None)
    await another_storage.users.remove(stopped)
    assert await users.by_id(stopped.id) is None
    await users.add(a_user(id=a_user_id(), email=stopped.email))
