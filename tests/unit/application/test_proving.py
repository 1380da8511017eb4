"""Registering where an address must be proven, and proving it."""

import asyncio
from datetime import timedelta

import pytest

from domain.effect import EffectKind
from domain.errors import LinkInvalid, LoginFailed, WrongPassword
from domain.mail import MailKind
from domain.password import MAX_LENGTH
from domain.secret import Secret
from tests.unit.application.accounts import (
    ANOTHER,
    EMAIL,
    PASSWORD,
    a_careful_house,
    bearer_of,
    is_live,
    log_in,
    opens,
    proven,
    register,
    registered,
    verify,
)
from tests.unit.application.house import House
from tests.unit.builders import CALLER


@pytest.fixture
def house() -> House:
    return a_careful_house()


async def resend(house: House, email: str = EMAIL) -> None:
    await house.uses.resend_verification()(email=email, caller=CALLER)
    await house.work()


async def test_a_registration_is_no_account_until_it_is_proven(house: House) -> None:
    assert await register(house) is None
    await house.work()
    assert [(mail.kind, mail.to) for mail in house.mails] == [(MailKind.VERIFY_EMAIL, EMAIL)]
    assert not await opens(house, PASSWORD)
    session = await verify(house)
    assert await is_live(house, session)
    user, profile = await house.uses.show_account()(session.user)
    assert (user.email, user.email_verified_at, profile.full_name) == (EMAIL, house.clock.now(), "Ann")
    assert await opens(house, PASSWORD)


async def test_the_link_leads_to_the_web_ui_and_says_its_token_to_no_server(house: House) -> None:
    await register(house)
    await house.work()
    link = house.mails[0].link
    assert link is not None
    assert link.reveal().startswith("http://localhost:8000/app/verify-email#token=")
    assert len(house.mailed_token().reveal()) == 43


async def test_what_is_promised_hides_the_token_and_the_hash(house: House) -> None:
    await register(house)
    (effect,) = await house.due()
    assert effect.kind == EffectKind.MAIL_REGISTRATION
    await house.work()
    promised = str(dict(effect.subject))
    assert house.mailed_token().reveal() not in promised
    assert "argon2" not in promised


async def test_a_link_proves_once(house: House) -> None:
    await proven(house)
    with pytest.raises(LinkInvalid):
        await verify(house)


async def test_of_many_who_prove_at_once_one_makes_the_account(house: House) -> None:
    await register(house)
    await house.work()
    outcomes = await asyncio.gather(*(verify(house) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(outcome, LinkInvalid) for outcome in outcomes) == 9
    assert await opens(house, PASSWORD)


@pytest.mark.parametrize("wrong", [ANOTHER, Secret(""), Secret("x" * (MAX_LENGTH + 1)), Secret("\ud800")])
async def test_the_link_takes_the_password_of_its_registration_alone(house: House, wrong: Secret) -> None:
    await register(house)
    await house.work()
    with pytest.raises(WrongPassword) as refusal:
        await verify(house, wrong)
    assert refusal.value.field == "password"
    await verify(house)


async def test_a_link_ends_after_a_day(house: House) -> None:
    await register(house)
    await house.work()
    house.clock.advance(timedelta(days=1))
    with pytest.raises(LinkInvalid):
        await verify(house)


async def test_who_registers_anothers_address_gains_nothing_by_the_owners_proof(house: House) -> None:
    await register(house, ANOTHER)
    await house.work()
    await register(house, PASSWORD)
    await house.work()
    first, second = house.mailed_token(0), house.mailed_token(1)
    with pytest.raises(WrongPassword):
        await verify(house, PASSWORD, first)
    with pytest.raises(WrongPassword):
        await verify(house, ANOTHER, second)
    await verify(house, PASSWORD, second)
    with pytest.raises(LinkInvalid):
        await verify(house, ANOTHER, first)
    assert await opens(house, PASSWORD)
    assert not await opens(house, ANOTHER)


async def test_an_address_that_has_an_account_is_told_so_and_nothing_changes(house: House) -> None:
    await proven(house)
    house.clock.advance(timedelta(minutes=1))
    assert await register(house, ANOTHER) is None
    await house.work()
    assert [mail.kind for mail in house.mails] == [MailKind.VERIFY_EMAIL, MailKind.ALREADY_REGISTERED]
    assert house.mails[-1].link is None
    assert await opens(house, PASSWORD)
    assert not await opens(house, ANOTHER)


async def test_a_newer_link_takes_the_place_of_the_one_before(house: House) -> None:
    await register(house)
    await house.work()
    house.clock.advance(timedelta(minutes=2))
    await resend(house)
    with pytest.raises(LinkInvalid):
        await verify(house, token=house.mailed_token(0))
    session = await verify(house, token=house.mailed_token(1))
    _, profile = await house.uses.show_account()(session.user)
    assert profile.full_name == "Ann"


async def test_nothing_is_sent_again_to_who_waits_for_nothing(house: House) -> None:
    await resend(house)
    assert house.mails == []
    await proven(house)
    house.clock.advance(timedelta(minutes=2))
    await resend(house)
    assert len(house.mails) == 1


async def test_an_older_request_for_a_link_does_not_undo_a_newer_one(house: House) -> None:
    await register(house)
    await house.work()
    house.clock.advance(timedelta(minutes=2))
    await house.uses.resend_verification()(email=EMAIL, caller=CALLER)
    (delayed,) = await house.due()
    await house.storage.outbox.done(delayed)
    house.clock.advance(timedelta(minutes=2))
    await resend(house)
    newest = house.mailed_token()
    await house.do(delayed)
    assert len(house.mails) == 2
    await verify(house, token=newest)


async def test_an_account_from_before_needs_its_proof_too_and_loses_what_was_planted(house: House) -> None:
    easy = House()
    easy.storage = house.storage
    planted = await easy.uses.register()(email=EMAIL, password=ANOTHER, full_name="Mallory", caller=CALLER)
    assert planted
    await house.storage.users.add(planted[0])
    plant = await house.uses.open_session()(planted[0], CALLER)
    connection = await house.connect(await bearer_of(house, plant))
    house.clock.advance(timedelta(minutes=1))
    with pytest.raises(LoginFailed):
        await log_in(house, ANOTHER)
    await register(house, PASSWORD)
    await house.work()
    session = await verify(house)
    assert session.user == planted[0].id
    assert not await is_live(house, plant)
    assert await opens(house, PASSWORD)
    assert not await opens(house, ANOTHER)
    assert await house.storage.connections.of_user(session.user) == ()
    await house.work()
    assert await house.storage.credentials.find(connection.id) is None
    assert await house.items(connection) == []
    assert not house.hubspot.grants


async def test_the_owner_of_an_account_from_before_can_ask_for_a_link(house: House) -> None:
    user = await registered(House())
    await house.storage.users.add(user)
    house.clock.advance(timedelta(minutes=1))
    await resend(house)
    session = await verify(house, PASSWORD)
    assert session.user == user.id


async def test_a_disabled_account_is_not_proven(house: House) -> None:
    user = await registered(House())
    await house.storage.users.add(user)
    house.clock.advance(timedelta(minutes=1))
    await resend(house)
    await house.uses.enable_user()(EMAIL, enabled=False)
    with pytest.raises(LinkInvalid):
        await verify(house)


async def test_no_address_collects_registrations_without_end(house: House) -> None:
    for number in range(25):
        house.clock.advance(timedelta(seconds=1))
        await register(house, Secret(f"a purple cow in the rain {number}"))
        await house.work()
    assert len(await house.storage.registrations.of(house.mails[0].to)) == 10
    await verify(house, Secret("a purple cow in the rain 24"))
    assert await house.storage.registrations.of(house.mails[0].to) == []
