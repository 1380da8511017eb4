"""Registering, logging in and out, and renewing a session."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.open_session import OpenedSession
from application.ports.tokens import Bearer
from domain.errors import EmailTaken, InvalidInput, LoginFailed, NotAuthenticated, SessionEnded
from domain.ids import SessionId, UserId
from domain.password import MAX_LENGTH
from domain.secret import Secret
from domain.user import Profile, User
from tests.unit.application.house import House
from tests.unit.application.power import Power, PowerCut
from tests.unit.builders import CALLER

PASSWORD = Secret("correct horse battery")
GRACE = timedelta(seconds=10)


async def register(house: House, email: str = "ann@example.org", password: Secret = PASSWORD) -> tuple[User, Profile]:
    made = await house.uses.register()(email=email, password=password, full_name="Ann", caller=CALLER)
    assert made is not None
    return made


async def log_in(house: House, email: str = "ann@example.org", password: Secret = PASSWORD) -> OpenedSession:
    return await house.uses.log_in()(email=email, password=password, caller=CALLER)


async def opened(house: House) -> OpenedSession:
    return await house.uses.open_session()(await house.account(), CALLER)


async def is_live(house: House, session: OpenedSession) -> bool:
    try:
        await house.uses.authenticate()(session.access.token.reveal())
    except NotAuthenticated:
        return False
    return True


async def test_who_has_registered_can_log_in_and_is_known(house: House) -> None:
    user, profile = await register(house)
    session = await log_in(house)
    assert session.user == user.id
    assert await house.uses.show_account()(user.id) == (user, profile)
    assert profile.full_name == "Ann"
    assert await is_live(house, session)


async def test_an_address_is_registered_once_however_it_is_spelt(house: House) -> None:
    await register(house)
    with pytest.raises(EmailTaken):
        await register(house, "  Ann@EXAMPLE.org ")


async def test_of_many_registrations_of_one_address_one_succeeds(house: House) -> None:
    outcomes = await asyncio.gather(*(register(house) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, EmailTaken) for outcome in outcomes) == 7


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * (MAX_LENGTH + 1), "bad surrogate \ud800"])
async def test_a_password_against_the_policy_makes_no_account(house: House, password: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await register(house, password=Secret(password))
    assert refusal.value.field == "password"
    await register(house)


async def test_an_address_that_is_none_makes_no_account(house: House) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await register(house, "not an address")
    assert refusal.value.field == "email"


@pytest.mark.parametrize("steps", [0, 1])
async def test_a_registration_that_was_stopped_leaves_the_address_free(house: House, steps: int) -> None:
    with pytest.raises(PowerCut):
        await register(house.another(Power(steps)))
    await register(house)
    await log_in(house)


async def test_one_spelling_of_a_password_is_as_good_as_another(house: House) -> None:
    await register(house, password=Secret("Ange\u0301lique in Zürich"))
    await log_in(house, password=Secret("Ang\u00e9lique in Zürich"))


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ann@example.org", "another password"),
        ("nobody@example.org", PASSWORD.reveal()),
        ("not an address", PASSWORD.reveal()),
        ("ann@example.org", ""),
        ("ann@example.org", PASSWORD.reveal() + "\ud800"),
        ("ann@example.org", "x" * (MAX_LENGTH + 1)),
    ],
)
async def test_every_failure_to_log_in_is_the_same(house: House, email: str, password: str) -> None:
    await register(house)
    with pytest.raises(LoginFailed) as failure:
        await log_in(house, email, Secret(password))
    assert (failure.value.code, failure.value.detail) == ("login_failed", "")


async def test_a_password_beyond_all_length_is_never_hashed(house: House) -> None:
    await register(house)
    house.uses.passwords().close()
    with pytest.raises(LoginFailed):
        await log_in(house, password=Secret("x" * 10_000_000))


async def test_an_account_without_a_password_has_none_to_guess(house: House) -> None:
    user, _ = await register(house)
    await house.storage.users.add(User(UserId("other"), user.email.replace("ann", "bob"), None, user.created_at))  # type: ignore[arg-type]
    for guess in ("", "reference", "None"):
        with pytest.raises(LoginFailed):
            await log_in(house, "bob@example.org", Secret(guess))


async def test_a_device_that_describes_itself_at_length_is_cut_short(house: House) -> None:
    session = await house.uses.open_session()(await house.account(), replace(CALLER, device="x" * 10_000))
    bearer = house.uses.tokens().verify(session.access.token.reveal())
    assert bearer is not None
    stored = await house.storage.sessions.find(bearer.user, bearer.session)
    assert stored is not None
    assert len(stored.device) == 200


async def test_a_refresh_token_is_worth_one_successor(house: House) -> None:
    first = await opened(house)
    second = await house.uses.renew_session()(first.refresh, CALLER)
    assert second.refresh != first.refresh
    assert await is_live(house, second)


async def test_parallel_callers_get_the_same_successor(house: House) -> None:
    first = await opened(house)
    renewed = await asyncio.gather(*(house.uses.renew_session()(first.refresh, CALLER) for _ in range(10)))
    assert len({one.refresh.reveal() for one in renewed}) == 1


async def test_within_the_grace_it_yields_the_same_successor_again(house: House) -> None:
    first = await opened(house)
    second = await house.uses.renew_session()(first.refresh, CALLER)
    house.clock.advance(GRACE - timedelta(microseconds=1))
    assert (await house.uses.renew_session()(first.refresh, CALLER)).refresh == second.refresh


async def test_used_again_after_the_grace_it_ends_the_session(house: House) -> None:
    first = await opened(house)
    second = await house.uses.renew_session()(first.refresh, CALLER)
    house.clock.advance(GRACE)
    with pytest.raises(SessionEnded):
        await house.uses.renew_session()(first.refresh, CALLER)
    assert not await is_live(house, second)
    with pytest.raises(SessionEnded):
        await house.uses.renew_session()(second.refresh, CALLER)


async def test_an_older_one_ends_the_session_once_the_grace_is_over(house: House) -> None:
    first = await opened(house)
    second = await house.uses.renew_session()(first.refresh, CALLER)
    third = await house.uses.renew_session()(second.refresh, CALLER)
    with pytest.raises(SessionEnded):
        await house.uses.renew_session()(first.refresh, CALLER)
    assert await is_live(house, third)
    house.clock.advance(timedelta(seconds=11))
    with pytest.raises(SessionEnded):
        await house.uses.renew_session()(first.refresh, CALLER)
    assert not await is_live(house, third)


async def test_a_guess_ends_nobodys_session(house: House) -> None:
    session = await opened(house)
    text = session.refresh.reveal()
    for place in (45, 60, 80, len(text) - 1):
        guess = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(SessionEnded):
            await house.uses.renew_session()(Secret(guess), CALLER)
    assert await is_live(house, session)


@pytest.mark.parametrize("text", ["", "x", "é" * 10, "\ud800", "A" * 107, "not base64 !!"])
async def test_what_is_no_refresh_token_is_refused(house: House, text: str) -> None:
    with pytest.raises(SessionEnded):
        await house.uses.renew_session()(Secret(text), CALLER)
    await house.uses.log_out()(Secret(text), CALLER)
    with pytest.raises(SessionEnded):
        await house.uses.log_out_everywhere()(Secret(text), CALLER)


async def test_a_session_ends_when_it_is_idle_and_when_it_is_old(house: House) -> None:
    idle = await opened(house)
    house.clock.advance(timedelta(days=7))
    with pytest.raises(SessionEnded):
        await house.uses.renew_session()(idle.refresh, CALLER)
    busy = await opened(house)
    for _ in range(5):
        house.clock.advance(timedelta(days=6) - timedelta(seconds=1))
        busy = await house.uses.renew_session()(busy.refresh, CALLER)
    house.clock.advance(timedelta(days=1))
    with pytest.raises(SessionEnded):
        await house.uses.renew_session()(busy.refresh, CALLER)


async def test_logging_out_ends_this_session_alone(house: House) -> None:
    mine, other = await opened(house), await opened(house)
    await house.uses.log_out()(mine.refresh, CALLER)
    assert not await is_live(house, mine)
    assert await is_live(house, other)
    await house.uses.log_out()(mine.refresh, CALLER)


async def test_logging_out_everywhere_ends_all_of_this_person(house: House) -> None:
    await register(house)
    mine = [await log_in(house) for _ in range(3)]
    other = await opened(house)
    await house.uses.log_out_everywhere()(mine[0].refresh, CALLER)
    assert [await is_live(house, one) for one in [*mine, other]] == [False, False, False, True]
    with pytest.raises(SessionEnded):
        await house.uses.log_out_everywhere()(mine[0].refresh, CALLER)
    assert await is_live(house, await log_in(house))


async def test_a_token_that_was_replaced_before_still_logs_out(house: House) -> None:
    first = await opened(house)
    second = await house.uses.renew_session()(first.refresh, CALLER)
    await house.uses.log_out()(first.refresh, CALLER)
    assert not await is_live(house, second)


async def test_a_token_of_nobody_authenticates_nobody(house: House) -> None:
    stranger = Bearer(UserId(house.entropy.identifier()), SessionId(house.entropy.identifier()))
    with pytest.raises(NotAuthenticated):
        await house.uses.authenticate()(house.uses.tokens().issue(stranger).token.reveal())
