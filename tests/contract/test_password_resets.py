"""What every adapter of the port PasswordResets promises."""

import asyncio
from datetime import UTC, datetime, timedelta

from application.ports.password_resets import PasswordResets
from application.ports.storage import Storage
from tests.contract.examples import a_token_hash, a_user_id


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


async def test_a_token_leads_to_its_account(password_resets: PasswordResets, another_storage: Storage) -> None:
    token, user = a_token_hash(), a_user_id()
    await password_resets.add(token, user, expires_at=soon())
    assert await password_resets.user_of(token) == user
    assert await another_storage.password_resets.user_of(token) == user


async def test_a_token_that_was_never_made_leads_nowhere(password_resets: PasswordResets) -> None:
    assert await password_resets.user_of(a_token_hash()) is None


async def test_an_account_may_have_several(password_resets: PasswordResets) -> None:
    user, tokens = a_user_id(), [a_token_hash() for _ in range(3)]
    for token in tokens:
        await password_resets.add(token, user, expires_at=soon())
    assert [await password_resets.user_of(token) for token in tokens] == [user] * 3


async def test_adding_it_again_is_harmless(password_resets: PasswordResets, another_storage: Storage) -> None:
    token, user, end = a_token_hash(), a_user_id(), soon()
    await password_resets.add(token, user, expires_at=end)
    await another_storage.password_resets.add(token, user, expires_at=end)
    assert await password_resets.user_of(token) == user


async def test_it_is_kept_whatever_is_added_after_it(password_resets: PasswordResets) -> None:
    token, user = a_token_hash(), a_user_id()
    await password_resets.add(token, user, expires_at=soon())
    for days in (-3650, 0, 3650, 100 * 365):
        await password_resets.add(a_token_hash(), a_user_id(), expires_at=soon() + timedelta(days=days))
    assert await password_resets.user_of(token) == user


async def test_of_many_at_once_all_are_kept(password_resets: PasswordResets, callers: list[Storage]) -> None:
    tokens = {a_token_hash(): a_user_id() for _ in callers}
    calls = (
        caller.password_resets.add(token, user, expires_at=soon())
        for caller, (token, user) in zip(callers, tokens.items(), strict=True)
    )
    await asyncio.gather(*calls)
    assert {token: await password_resets.user_of(token) for token in tokens} == tokens
