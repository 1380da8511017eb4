"""Forgetting a password, and setting a new one by mail."""

import asyncio
from datetime import timedelta

import pytest

from domain.errors import InvalidInput, LinkInvalid, PasswordCommon
from domain.mail import MailKind
from domain.secret import Secret
from domain.security_event import SecurityAction
from tests.unit.application.accounts import (
    ANOTHER,
    EMAIL,
    PASSWORD,
    a_careful_house,
    actions,
    bearer_of,
    forget,
    is_live,
    log_in,
    opens,
    proven,
    registered,
    reset,
)
from tests.unit.application.house import House
from tests.unit.builders import CALLER
from tests.unit.played_hubspot import PlayedHubSpot


async def test_the_mailed_link_sets_a_new_password(house: House) -> None:
    await registered(house)
    await forget(house)
    assert [(mail.kind, mail.to) for mail in house.mails] == [(MailKind.RESET_PASSWORD, EMAIL)]
    await reset(house)
    assert await opens(house, ANOTHER)
    assert not await opens(house, PASSWORD)


async def test_a_link_is_used_up(house: House) -> None:
    await registered(house)
    await forget(house)
    await reset(house)
    with pytest.raises(LinkInvalid):
        await reset(house, Secret("yet another password"))


async def test_of_many_resets_at_once_one_sets_its_password(house: House) -> None:
    await registered(house)
    await forget(house)
    passwords = [Secret(f"a purple cow in the rain {number}") for number in range(12)]
    outcomes = await asyncio.gather(*(reset(house, one) for one in passwords), return_exceptions=True)
    assert sum(isinstance(outcome, LinkInvalid) for outcome in outcomes) == 11
    assert [await opens(house, one) for one in passwords] == [outcome is None for outcome in outcomes]
    await house.work()
    assert [mail.kind for mail in house.mails] == [MailKind.RESET_PASSWORD, MailKind.PASSWORD_CHANGED]


async def test_a_newer_link_takes_the_place_of_the_one_before(house: House) -> None:
    await registered(house)
    await forget(house)
    house.clock.advance(timedelta(minutes=2))
    await forget(house)
    with pytest.raises(LinkInvalid):
        await reset(house, token=house.mailed_token(0))
    await reset(house, token=house.mailed_token(1))


async def test_an_older_request_does_not_undo_a_newer_one(house: House) -> None:
    await registered(house)
    await house.uses.request_password_reset()(email=EMAIL, caller=CALLER)
    (delayed,) = await house.due()
    await house.storage.outbox.done(delayed)
    house.clock.advance(timedelta(minutes=2))
    await forget(house)
    newest = house.mailed_token()
    await house.do(delayed)
    assert len(house.mails) == 1
    await reset(house, token=newest)


async def test_a_request_of_before_a_change_mails_nothing_after_it(house: House) -> None:
    user = await registered(house)
    await house.uses.request_password_reset()(email=EMAIL, caller=CALLER)
    house.clock.advance(timedelta(seconds=1))
    await house.uses.change_password()(user.id, current_password=PASSWORD, new_password=ANOTHER, caller=CALLER)
    await house.work()
    assert [mail.kind for mail in house.mails] == [MailKind.PASSWORD_CHANGED]


async def test_a_change_of_the_password_kills_the_link(house: House) -> None:
    user = await registered(house)
    await forget(house)
    await house.uses.change_password()(
        user.id, current_password=PASSWORD, new_password=Secret("yet another password"), caller=CALLER
    )
    with pytest.raises(LinkInvalid):
        await reset(house, token=house.mailed_token(0))


async def test_a_link_ends_after_an_hour(house: House) -> None:
    await registered(house)
    await forget(house)
    house.clock.advance(timedelta(hours=1))
    with pytest.raises(LinkInvalid):
        await reset(house)


async def test_nobody_without_an_account_gets_a_mail(house: House) -> None:
    await forget(house)
    assert house.mails == []
    assert await house.due() == []


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "\ud800"])
async def test_what_was_never_mailed_opens_nothing(house: House, token: str) -> None:
    await registered(house)
    await forget(house)
    with pytest.raises(LinkInvalid):
        await reset(house, token=Secret(token))


@pytest.mark.parametrize(
    ("password", "refusal"),
    [("short", InvalidInput), ("password1234", PasswordCommon), (EMAIL, PasswordCommon), ("x" * 257, InvalidInput)],
)
async def test_a_password_against_the_policy_leaves_the_link_as_it_is(
    house: House, password: str, refusal: type[InvalidInput]
) -> None:
    await registered(house)
    await forget(house)
    with pytest.raises(refusal) as refused:
        await reset(house, Secret(password))
    assert refused.value.field == "new_password"
    await reset(house)


async def test_every_session_ends_and_none_begins(house: House) -> None:
    await registered(house)
    sessions = [await log_in(house) for _ in range(3)]
    await forget(house)
    await reset(house)
    assert [await is_live(house, session) for session in sessions] == [False] * 3


async def test_a_first_proof_takes_away_what_was_connected_before() -> None:
    house = House(PlayedHubSpot(contacts=3))
    user = await registered(house)
    connection = await house.connect(await bearer_of(house, await log_in(house)))
    await house.work()
    assert len(await house.items(connection)) == 3
    await forget(house)
    await reset(house)
    assert await house.storage.connections.of_user(user.id) == ()
    await house.work()
    assert await house.items(connection) == []
    assert await house.published(connection) == ()
    assert await house.storage.credentials.find(connection.id) is None
    assert house.hubspot.paths[-1].endswith("/revoke")


async def test_who_was_proven_before_keeps_what_is_connected() -> None:
    house = a_careful_house()
    session = await proven(house)
    connection = await house.connect(await bearer_of(house, session))
    house.clock.advance(timedelta(minutes=1))
    await forget(house)
    await reset(house)
    assert [one.id for one in await house.storage.connections.of_user(session.user)] == [connection.id]


async def test_a_reset_leaves_its_events(house: House) -> None:
    user = await registered(house)
    await forget(house)
    await reset(house)
    assert await actions(house, user) == [
        (SecurityAction.REGISTER, ""),
        (SecurityAction.PASSWORD_RESET_REQUEST, ""),
        (SecurityAction.PASSWORD_RESET, ""),
    ]


async def test_a_disabled_account_is_not_reset(house: House) -> None:
    await registered(house)
    await forget(house)
    await house.uses.enable_user()(EMAIL, enabled=False)
    with pytest.raises(LinkInvalid):
        await reset(house)
    house.clock.advance(timedelta(minutes=2))
    await forget(house)
    assert len(house.mails) == 1
