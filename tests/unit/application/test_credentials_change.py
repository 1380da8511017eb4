"""What else changes the credentials of an account, and what ends by it."""

import asyncio
from datetime import timedelta

import pytest

from application.open_session import OpenedSession
from domain.errors import InvalidInput, LoginFailed, NotAuthenticated, NotFound, PasswordCommon, WrongPassword
from domain.ids import UserId
from domain.mail import MailKind
from domain.secret import Secret
from domain.security_event import SecurityAction
from domain.user import User
from tests.unit.application.accounts import (
    ANOTHER,
    EMAIL,
    PASSWORD,
    actions,
    is_live,
    log_in,
    opens,
    registered,
)
from tests.unit.application.house import House
from tests.unit.builders import CALLER


async def change(house: House, user: User, current: Secret = PASSWORD, new: Secret = ANOTHER) -> OpenedSession:
    opened: OpenedSession = await house.uses.change_password()(
        user.id, current_password=current, new_password=new, caller=CALLER
    )
    return opened


async def test_a_change_ends_every_earlier_session_and_opens_one(house: House) -> None:
    user = await registered(house)
    before = [await log_in(house) for _ in range(3)]
    after = await change(house, user)
    assert [await is_live(house, one) for one in [*before, after]] == [False, False, False, True]
    assert (await opens(house, PASSWORD), await opens(house, ANOTHER)) == (False, True)
    await house.work()
    assert [mail.kind for mail in house.mails] == [MailKind.PASSWORD_CHANGED]


@pytest.mark.parametrize("current", [ANOTHER, Secret(""), Secret("x" * 1_000_000)])
async def test_who_does_not_know_the_password_changes_nothing(house: House, current: Secret) -> None:
    user = await registered(house)
    session = await log_in(house)
    with pytest.raises(WrongPassword) as refusal:
        await change(house, user, current)
    assert refusal.value.field == "current_password"
    assert await is_live(house, session)
    assert await opens(house, PASSWORD)


@pytest.mark.parametrize(("new", "refusal"), [("short", InvalidInput), ("vectorshift2026", PasswordCommon)])
async def test_the_new_password_has_to_be_a_good_one(house: House, new: str, refusal: type[InvalidInput]) -> None:
    user = await registered(house)
    with pytest.raises(refusal) as refused:
        await change(house, user, new=Secret(new))
    assert refused.value.field == "new_password"


async def test_of_many_changes_at_once_one_holds(house: House) -> None:
    user = await registered(house)
    news = [Secret(f"a purple cow in the rain {number}") for number in range(8)]
    outcomes = await asyncio.gather(*(change(house, user, new=one) for one in news), return_exceptions=True)
    assert [await opens(house, one) for one in news] == [isinstance(one, OpenedSession) for one in outcomes]
    assert sum(isinstance(one, OpenedSession) for one in outcomes) == 1


async def test_an_account_that_is_gone_changes_nothing(house: House) -> None:
    user = await registered(House())
    with pytest.raises(NotAuthenticated):
        await change(house, user)
    with pytest.raises(NotAuthenticated):
        await house.uses.change_profile()(UserId("nobody"), {})


async def test_a_login_that_overtakes_a_change_of_the_password_opens_nothing(house: House) -> None:
    """It has read the account before the change, and opens its session after all sessions have been ended."""
    before = await registered(house)
    await change(house, before)
    with pytest.raises(LoginFailed):
        await house.uses.open_session()(before, CALLER)
    assert len(await house.storage.sessions.of_user(before.id)) == 1


async def test_a_disabled_account_is_shut_out_at_once(house: House) -> None:
    user = await registered(house)
    session = await log_in(house)
    await house.uses.enable_user()(EMAIL, enabled=False)
    assert not await is_live(house, session)
    assert not await opens(house, PASSWORD)
    with pytest.raises(LoginFailed):
        await house.uses.open_session()(user, CALLER)
    await house.uses.enable_user()(EMAIL, enabled=True)
    assert await opens(house, PASSWORD)


async def test_who_has_no_account_is_neither_enabled_nor_disabled(house: House) -> None:
    for enabled in (True, False):
        with pytest.raises(NotFound):
            await house.uses.enable_user()(EMAIL, enabled=enabled)


async def test_a_hash_of_less_than_is_asked_for_is_replaced_at_a_login(house: House) -> None:
    bcrypt = "$2b$04$oqlmh2.W9kCzNWZY6BQ5lOZNLeGIXQpNq3xjCLtMfv1gS2IwgEzLS"
    created = await house.uses.create_user()(
        email=EMAIL, password=None, password_hash=bcrypt, full_name=None, verified=True
    )
    with pytest.raises(LoginFailed):
        await log_in(house, Secret("not it"))
    kept = await house.storage.users.by_id(created.id)
    assert kept is not None
    assert kept.password_hash == bcrypt


async def test_an_operator_gives_a_password_or_a_hash_that_is_known(house: House) -> None:
    create = house.uses.create_user()
    for given in (None, "", "md5:abc", "$argon2id$nonsense"):
        with pytest.raises(InvalidInput) as refusal:
            await create(email=EMAIL, password=None, password_hash=given, full_name=None, verified=True)
        assert refusal.value.field == "password_hash"
    made = await create(email=EMAIL, password=PASSWORD, password_hash=None, full_name="Ann", verified=True)
    assert made.email_verified_at == house.clock.now()
    assert await opens(house, PASSWORD)
    assert [user.id async for user in house.uses.list_users()()] == [made.id]


async def test_every_login_and_failure_leaves_one_event(house: House) -> None:
    user = await registered(house)
    await opens(house, ANOTHER)
    session = await log_in(house)
    await house.uses.log_out()(session.refresh, CALLER)
    await house.uses.record_event().settle()
    assert sorted(await actions(house, user)) == sorted(
        [
            (SecurityAction.REGISTER, ""),
            (SecurityAction.LOGIN, "login_failed"),
            (SecurityAction.LOGIN, ""),
            (SecurityAction.LOGOUT, ""),
        ]
    )


async def test_a_stolen_refresh_token_is_told_of_once(house: House) -> None:
    user = await registered(house)
    first = await log_in(house)
    await house.uses.renew_session()(first.refresh, CALLER)
    house.clock.advance(timedelta(seconds=11))
    renew = house.uses.renew_session()
    outcomes = await asyncio.gather(*(renew(first.refresh, CALLER) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(outcome, Exception) for outcome in outcomes)
    await house.work()
    assert [mail.kind for mail in house.mails] == [MailKind.REFRESH_REUSE]
    assert (SecurityAction.REFRESH_REUSE, "session_ended") in await actions(house, user)


async def test_sessions_are_listed_and_ended_one_by_one(house: House) -> None:
    user = await registered(house)
    mine = [await log_in(house) for _ in range(3)]
    stranger = await house.person()
    listed = await house.uses.list_sessions()(user.id)
    assert len(listed) == 3
    await house.uses.revoke_session()(user.id, listed[0].id, CALLER)
    assert sorted([await is_live(house, one) for one in mine]) == [False, True, True]
    for user_id, session in ((user.id, listed[0].id), (user.id, stranger.session), (stranger.user, listed[1].id)):
        with pytest.raises(NotFound):
            await house.uses.revoke_session()(user_id, session, CALLER)
    house.clock.advance(timedelta(days=7))
    assert await house.uses.list_sessions()(user.id) == []


async def test_a_profile_changes_field_by_field_whoever_else_changes_it(house: House) -> None:
    user = await registered(house)
    changes: list[dict[str, object]] = [{"company": "Acme"}, {"job_title": "Baker"}, {"full_name": None}]
    await asyncio.gather(*(house.uses.change_profile()(user.id, one) for one in changes))
    _, profile = await house.uses.show_account()(user.id)
    assert (profile.company, profile.job_title, profile.full_name) == ("Acme", "Baker", None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", "x" * 201),
        ("avatar_url", "javascript:alert(1)"),
        ("avatar_url", "https://user:secret@example.org/a.png"),
        ("avatar_url", "https://[::1"),
        ("timezone", "../../etc/passwd"),
        ("preferences", {"x": "y" * 1001}),
        ("preferences", {str(number): "" for number in range(51)}),
    ],
)
async def test_a_profile_has_bounds(house: House, field: str, value: object) -> None:
    user = await registered(house)
    with pytest.raises(InvalidInput) as refusal:
        await house.uses.change_profile()(user.id, {field: value})
    assert refusal.value.field == field
