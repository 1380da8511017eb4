"""Which session a refresh token is of."""

from datetime import timedelta

import pytest

from application.open_session import OpenedSession
from domain.errors import SessionEnded
from domain.secret import Secret
from domain.user import User
from tests.unit.application.house import House
from tests.unit.builders import CALLER


async def opened(house: House, user: User) -> OpenedSession:
    return await house.uses.open_session()(user, CALLER)


@pytest.fixture
async def user(house: House) -> User:
    return await house.account()


async def test_the_present_token_and_the_one_before_lead_to_it(house: House, user: User) -> None:
    first = await opened(house, user)
    second = await house.uses.renew_session()(first.refresh, CALLER)
    for token in (first.refresh, second.refresh):
        found = await house.uses.presented_session()(token)
        assert found is not None
        assert found.user == user.id
    third = await house.uses.renew_session()(second.refresh, CALLER)
    assert third.refresh != second.refresh
    assert await house.uses.presented_session()(first.refresh) is None


async def test_a_guess_and_what_is_no_token_lead_nowhere(house: House, user: User) -> None:
    text = (await opened(house, user)).refresh.reveal()
    for guess in (text[:-1] + ("A" if text[-1] != "A" else "B"), text[:50] + "AAAA" + text[54:], "x", ""):
        assert await house.uses.presented_session()(Secret(guess)) is None


async def test_a_session_that_has_ended_by_itself_ends_no_other(house: House, user: User) -> None:
    idle = await opened(house, user)
    house.clock.advance(timedelta(days=7))
    busy = await opened(house, user)
    with pytest.raises(SessionEnded):
        await house.uses.log_out_everywhere()(idle.refresh, CALLER)
    assert await house.uses.presented_session()(busy.refresh) is not None
