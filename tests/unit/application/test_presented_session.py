"""Which session a refresh token is of."""

from datetime import timedelta

import pytest

from application.open_session import OpenedSession
from domain.errors import SessionEnded
from domain.ids import UserId
from domain.secret import Secret
from tests.unit.application.house import House


async def opened(house: House, user: str) -> OpenedSession:
    return await house.uses.open_session()(UserId(user), device="Firefox")


@pytest.fixture
def user(house: House) -> str:
    return house.entropy.identifier()


async def test_the_present_token_and_the_one_before_lead_to_it(house: House, user: str) -> None:
    first = await opened(house, user)
    second = await house.uses.renew_session()(first.refresh)
    for token in (first.refresh, second.refresh):
        found = await house.uses.presented_session()(token)
        assert found is not None
        assert found.user == user
    third = await house.uses.renew_session()(second.refresh)
    assert third.refresh != second.refresh
    assert await house.uses.presented_session()(first.refresh) is None


async def test_a_guess_and_what_is_no_token_lead_nowhere(house: House, user: str) -> None:
    text = (await opened(house, user)).refresh.reveal()
    for guess in (text[:-1] + ("A" if text[-1] != "A" else "B"), text[:50] + "AAAA" + text[54:], "x", ""):
        assert await house.uses.presented_session()(Secret(guess)) is None


async def test_a_session_that_has_ended_by_itself_ends_no_other(house: House, user: str) -> None:
    idle = await opened(house, user)
    house.clock.advance(timedelta(days=7))
    busy = await opened(house, user)
    with pytest.raises(SessionEnded):
        await house.uses.log_out_everywhere()(idle.refresh)
    assert await house.uses.presented_session()(busy.refresh) is not None
