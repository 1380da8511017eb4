"""How often one may try, at the rates as they are."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from application.open_session import OpenedSession
from domain.errors import LimitReached, LoginFailed, Overloaded, SessionEnded, WrongPassword
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
    register,
    registered,
    reset,
    verify,
)
from tests.unit.application.house import House
from tests.unit.builders import CALLER, some_settings

Call = Callable[[], Awaitable[object]]


@pytest.fixture
def house() -> House:
    return House(settings=some_settings(RATE_LIMIT_SCALE="1"))


async def let_through(amount: int, call: Call) -> int:
    """How many of so many calls, one after the other, were not held back."""
    passed = 0
    for _ in range(amount):
        try:
            await call()
        except LimitReached:
            continue
        except (LoginFailed, WrongPassword):
            pass
        passed += 1
    return passed


async def test_five_wrong_passwords_cost_a_wait_which_the_right_one_does_not_shorten(house: House) -> None:
    await registered(house)
    assert await let_through(6, lambda: log_in(house, ANOTHER)) == 5
    with pytest.raises(LimitReached) as refusal:
        await log_in(house)
    assert refusal.value.retry_after == 60
    house.clock.advance(timedelta(seconds=60))
    await log_in(house)
    assert await let_through(6, lambda: log_in(house, ANOTHER)) == 5


async def test_each_further_guess_costs_twice_the_wait_up_to_a_quarter_of_an_hour(house: House) -> None:
    await registered(house)
    await let_through(5, lambda: log_in(house, ANOTHER))
    waits = []
    for _ in range(6):
        with pytest.raises(LimitReached) as refusal:
            await log_in(house, ANOTHER)
        waits.append(refusal.value.retry_after)
        house.clock.advance(timedelta(seconds=refusal.value.retry_after))
        with pytest.raises(LoginFailed):
            await log_in(house, ANOTHER)
    assert waits == [60, 120, 240, 480, 900, 900]


async def test_many_at_once_guess_no_more_often(house: House) -> None:
    await registered(house)
    outcomes = await asyncio.gather(*(log_in(house, ANOTHER) for _ in range(30)), return_exceptions=True)
    assert sum(isinstance(outcome, LoginFailed) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, LimitReached) for outcome in outcomes) == 25


@pytest.mark.parametrize("spelling", ["  Ann@EXAMPLE.org ", "ann@example.org", "ANN@example.ORG"])
async def test_every_spelling_of_an_address_is_the_same_account(house: House, spelling: str) -> None:
    await registered(house)
    await let_through(5, lambda: log_in(house, ANOTHER))
    with pytest.raises(LimitReached):
        await log_in(house, email=spelling)


async def test_guessing_from_many_addresses_is_held_back_too(house: House) -> None:
    await registered(house)
    networks = iter(f"192.0.2.{number}" for number in range(300))
    assert await let_through(300, lambda: log_in(house, ANOTHER, address=next(networks))) == 5


async def test_while_others_guess_the_owner_stays_logged_in_and_can_reset(house: House) -> None:
    await registered(house)
    session = await log_in(house)
    await let_through(20, lambda: log_in(house, ANOTHER, address="198.51.100.7"))
    assert await is_live(house, session)
    await forget(house)
    await reset(house)
    assert await opens(house, ANOTHER)


async def test_one_address_fails_ten_times_a_minute_however_many_accounts_it_tries(house: House) -> None:
    emails = iter(f"{number}@example.org" for number in range(100))
    assert await let_through(30, lambda: log_in(house, email=next(emails))) == 10
    house.clock.advance(timedelta(minutes=1))
    assert await let_through(30, lambda: log_in(house, email=next(emails))) == 10


async def test_whoever_logs_in_has_not_failed(house: House) -> None:
    await registered(house)
    assert await let_through(30, lambda: log_in(house)) == 30
    assert await let_through(1, lambda: log_in(house)) == 0


async def test_a_success_does_not_wipe_out_the_failures_of_its_address(house: House) -> None:
    await registered(house)
    emails = iter(f"{number}@example.org" for number in range(100))
    assert await let_through(9, lambda: log_in(house, email=next(emails))) == 9
    await log_in(house)
    assert await let_through(5, lambda: log_in(house, email=next(emails))) == 1


async def test_an_overloaded_process_has_not_seen_a_guess(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await registered(house)
    monkeypatch.setattr(house.uses.passwords(), "_most", 0)
    for _ in range(20):
        with pytest.raises(Overloaded):
            await log_in(house, ANOTHER)
    monkeypatch.undo()
    await log_in(house)


async def test_a_throttled_login_is_told_to_operators_alone(house: House) -> None:
    user = await registered(house)
    await let_through(8, lambda: log_in(house, ANOTHER))
    assert (SecurityAction.LOGIN_THROTTLED, "rate_limited") not in await actions(house, user)


async def test_registering_has_a_rate(house: House) -> None:
    emails = iter(f"{number}@example.org" for number in range(100))
    assert await let_through(25, lambda: register(house, email=next(emails))) == 20


async def test_asking_for_mail_has_a_rate_by_address_and_mails_have_one_by_mailbox(house: House) -> None:
    await registered(house)

    async def ask() -> None:
        await house.uses.request_password_reset()(email=EMAIL, caller=CALLER)

    assert await let_through(25, ask) == 20
    await house.work()
    assert len(house.mails) == 1
    for _ in range(10):
        house.clock.advance(timedelta(seconds=61))
        await ask()
        await house.work()
    assert len(house.mails) == 5


async def test_a_link_of_a_registration_is_no_place_to_guess_passwords() -> None:
    house = a_careful_house(RATE_LIMIT_SCALE="1")
    await register(house)
    await house.work()
    assert await let_through(10, lambda: verify(house, ANOTHER)) == 5
    house.clock.advance(timedelta(seconds=60))
    await verify(house)


async def test_changing_the_password_has_a_rate_by_account(house: House) -> None:
    user = await registered(house)

    async def change() -> None:
        await house.uses.change_password()(user.id, current_password=ANOTHER, new_password=PASSWORD, caller=CALLER)

    assert await let_through(8, change) == 5


async def test_renewing_connecting_and_syncing_have_rates_of_their_own(house: House) -> None:
    await registered(house)
    session = await log_in(house)
    bearer = await bearer_of(house, session)
    connection = await house.connect(bearer)
    current: list[OpenedSession] = [session]

    async def renew() -> None:
        current.append(await house.uses.renew_session()(current[-1].refresh, CALLER))

    assert await let_through(70, renew) == 60
    assert await let_through(20, lambda: house.start(bearer)) == 9
    start_sync = house.uses.start_sync()
    assert await let_through(10, lambda: start_sync(bearer.user, provider="hubspot", connection=connection.id)) == 6
    another = await house.person()
    await house.start(another)


async def test_a_guess_at_a_refresh_token_uses_up_nobodys_calls(house: House) -> None:
    await registered(house)
    session = await log_in(house)
    text = session.refresh.reveal()
    guess = Secret(text[:-3] + ("AAA" if text[-3:] != "AAA" else "BBB"))
    for _ in range(70):
        with pytest.raises(SessionEnded):
            await house.uses.renew_session()(guess, CALLER)
    await house.uses.renew_session()(session.refresh, CALLER)
