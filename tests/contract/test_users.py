"""What every adapter of the port Users promises."""

import asyncio
from datetime import timedelta

import pytest

from application.ports.storage import Storage
from application.ports.users import Users
from domain.email import EmailAddress
from domain.errors import EmailTaken
from tests.contract.examples import A_TIME, a_user, a_user_id, an_address


async def test_an_account_comes_back_whole(users: Users) -> None:
    added = a_user(email_verified_at=A_TIME + timedelta(microseconds=1))
    await users.add(added)
    assert await users.by_id(added.id) == added
    assert await users.by_email(added.email) == added


async def test_an_account_may_lack_a_password(users: Users) -> None:
    added = a_user(password_hash=None)
    await users.add(added)
    assert await users.by_id(added.id) == added


async def test_an_address_may_use_any_letters(users: Users) -> None:
    added = a_user(email=EmailAddress(f"zoë-日本-{an_address()}"))
    await users.add(added)
    assert await users.by_email(added.email) == added


async def test_nobody_is_found_where_nobody_is(users: Users) -> None:
    assert await users.by_email(an_address()) is None
    assert await users.by_id(a_user_id()) is None


async def test_an_address_is_taken_once(users: Users) -> None:
    first, second = a_user(), a_user()
    await users.add(first)
    with pytest.raises(EmailTaken):
        await users.add(a_user(id=second.id, email=first.email))
    assert await users.by_email(first.email) == first
    assert await users.by_id(second.id) is None


async def test_of_many_with_one_address_one_succeeds(users: Users, callers: list[Storage]) -> None:
    email = an_address()
    rivals = [a_user(email=email) for _ in callers]
    calls = (caller.users.add(rival) for caller, rival in zip(callers, rivals, strict=True))
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    winners = [rival for rival, outcome in zip(rivals, outcomes, strict=True) if outcome is None]
    assert len(winners) == 1
    assert {type(outcome) for outcome in outcomes if outcome is not None} == {EmailTaken}
    assert await users.by_email(email) == winners[0]
    assert [await users.by_id(rival.id) for rival in rivals if rival not in winners] == [None] * (len(rivals) - 1)


async def test_an_account_is_seen_at_once_by_everybody(users: Users, another_storage: Storage) -> None:
    added = a_user()
    await users.add(added)
    assert await another_storage.users.by_email(added.email) == added


@pytest.mark.parametrize("turns", range(8))
async def test_stopped_in_the_middle_it_leaves_the_address_free_or_the_account_whole(
    users: Users, another_storage: Storage, turns: int
) -> None:
    stopped, next_one = a_user(), a_user()
    task = asyncio.ensure_future(users.add(stopped))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    second = a_user(id=next_one.id, email=stopped.email)
    try:
        await another_storage.users.add(second)
    except EmailTaken:
        second = stopped
    assert await users.by_email(stopped.email) == second
    assert await users.by_id(second.id) == second
