"""What every adapter of the port Users promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.storage import Storage
from application.ports.users import Users
from domain.email import EmailAddress
from domain.errors import EmailTaken, VersionSuperseded
from domain.ids import UserId
from domain.user import User
from tests.contract.examples import A_TIME, a_reset, a_user, a_user_id, an_address

LATER = A_TIME + timedelta(days=1, microseconds=1)


async def walk(users: Users, *, limit: int) -> list[User]:
    """All accounts, page by page; each page before the last one is full."""
    found: list[User] = []
    after: UserId | None = None
    while True:
        page = await users.page(after=after, limit=limit)
        assert len(page) <= limit
        found += page
        if len(page) < limit:
            return found
        after = page[-1].id


async def test_an_account_comes_back_whole(users: Users) -> None:
    added = a_user(
        email_verified_at=A_TIME + timedelta(microseconds=1),
        disabled_at=LATER,
        credentials_changed_at=LATER + timedelta(microseconds=1),
        reset=a_reset(),
    )
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


async def test_an_update_is_stored_under_the_next_version(users: Users, another_storage: Storage) -> None:
    first = a_user()
    await users.add(first)
    wanted = replace(
        first,
        password_hash="$2b$12$another",
        email_verified_at=LATER,
        disabled_at=LATER,
        credentials_changed_at=LATER + timedelta(microseconds=1),
        reset=a_reset(LATER),
    )
    after = await users.update(wanted)
    assert after == replace(wanted, version=first.version + 1)
    assert await another_storage.users.by_id(first.id) == await another_storage.users.by_email(first.email) == after


async def test_an_update_takes_away_what_it_lacks(users: Users) -> None:
    first = a_user(email_verified_at=LATER, disabled_at=LATER, credentials_changed_at=LATER, reset=a_reset())
    await users.add(first)
    bare = User(first.id, first.email, None, first.created_at)
    assert await users.update(bare) == replace(bare, version=2)
    assert await users.by_id(first.id) == replace(bare, version=2)


async def test_updates_follow_each_other(users: Users, another_storage: Storage) -> None:
    user = a_user()
    await users.add(user)
    for number, everywhere in enumerate([users, another_storage.users] * 3):
        user = await everywhere.update(replace(user, password_hash=f"{number}"))
    assert user.version == 7
    assert await users.by_id(user.id) == user


async def test_an_update_changes_neither_address_nor_creation(users: Users) -> None:
    first, elsewhere = a_user(), an_address()
    await users.add(first)
    after = await users.update(replace(first, email=elsewhere, created_at=LATER, password_hash=None))
    assert after == replace(first, password_hash=None, version=2)
    assert await users.by_email(first.email) == after
    assert await users.by_email(elsewhere) is None


async def test_an_update_of_a_stale_version_is_refused(users: Users) -> None:
    first = a_user()
    await users.add(first)
    second = await users.update(replace(first, reset=a_reset()))
    for version in (first.version, second.version + 1):
        with pytest.raises(VersionSuperseded):
            await users.update(replace(first, password_hash=None, version=version))
    assert await users.by_id(first.id) == second


async def test_an_update_of_who_is_not_there_is_refused(users: Users) -> None:
    owner, rival = a_user(), a_user()
    await users.add(owner)
    rival = replace(rival, email=owner.email)
    with pytest.raises(EmailTaken):
        await users.add(rival)
    for nobody in (a_user(), rival):
        with pytest.raises(VersionSuperseded):
            await users.update(nobody)
        assert await users.by_id(nobody.id) is None
    assert await users.by_email(owner.email) == owner


async def test_of_many_updates_of_one_version_one_wins(users: Users, callers: list[Storage]) -> None:
    first = a_user()
    await users.add(first)
    wanted = [replace(first, reset=a_reset()) for _ in callers]
    calls = (caller.users.update(one) for caller, one in zip(callers, wanted, strict=True))
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    stored = [outcome for outcome in outcomes if isinstance(outcome, User)]
    assert {type(outcome) for outcome in outcomes} == {User, VersionSuperseded}
    assert stored == [await users.by_id(first.id)]


@pytest.mark.parametrize("limit", [2, 7, 1000])
async def test_pages_of_any_size_give_every_account_once(users: Users, another_storage: Storage, limit: int) -> None:
    mine = [a_user() for _ in range(9)]
    for user in mine:
        await users.add(user)
        with pytest.raises(EmailTaken):
            await users.add(a_user(email=user.email))
    found = [user for user in await walk(another_storage.users, limit=limit) if user in mine]
    assert len(found) == len(mine)
    assert {user.id for user in found} == {user.id for user in mine}


async def test_the_order_of_the_pages_does_not_change(users: Users) -> None:
    for _ in range(5):
        await users.add(a_user())
    before = await walk(users, limit=100)
    added = a_user()
    await users.add(added)
    await users.update(replace(before[0], reset=a_reset()))
    after = [user.id for user in await walk(users, limit=3)]
    assert [user for user in after if user != added.id] == [user.id for user in before]
    assert added.id in after


async def test_a_page_begins_behind_any_id_whether_it_is_there_or_not(users: Users) -> None:
    await users.add(a_user())
    everybody = [user.id for user in await walk(users, limit=100)]
    page = await users.page(after=a_user_id(), limit=1000)
    behind = [user.id for user in page]
    assert behind == everybody[len(everybody) - len(behind) :]
