"""Leaving: what goes, when, and what stays."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.tokens import Bearer
from domain.account_deletion import deleted_account
from domain.effect import EffectKind
from domain.errors import NotAuthenticated, ReauthenticationRequired, WrongPassword
from domain.ids import ConnectionId
from domain.mail import MailKind
from domain.secret import Secret
from tests.unit.application.accounts import (
    ANOTHER,
    EMAIL,
    PASSWORD,
    bearer_of,
    forget,
    is_live,
    log_in,
    opens,
    register,
    registered,
)
from tests.unit.application.house import House
from tests.unit.application.power import Power, PowerCut
from tests.unit.builders import CALLER
from tests.unit.played_hubspot import PlayedHubSpot


@pytest.fixture
def house() -> House:
    return House(PlayedHubSpot(contacts=3))


async def delete(house: House, bearer: Bearer, password: Secret | None = PASSWORD) -> None:
    await house.uses.delete_account()(bearer, current_password=password, caller=CALLER)


async def somebody_at_home(house: House) -> Bearer:
    """With a connection, items, a profile, a link that was mailed."""
    user = await registered(house)
    await house.uses.change_profile()(user.id, {"company": "Acme"})
    await forget(house)
    bearer = await bearer_of(house, await log_in(house))
    await house.connect(bearer)
    await house.work()
    return bearer


async def nothing_is_left(house: House, bearer: Bearer) -> None:
    storage, user = house.storage, bearer.user
    await house.uses.record_event().settle()
    assert await storage.users.by_id(user) is None
    assert await storage.connections.of_user(user) == ()
    assert await storage.identities.of_user(user) == []
    assert await storage.sessions.of_user(user) == []
    assert await storage.security_events.page(user, before=None, limit=10) == []
    assert (await storage.profiles.of(user)).version == 0
    assert await storage.deletions.at(deleted_account(user)) is not None
    assert await house.due() == []


async def test_at_once_nothing_opens_the_account_and_its_address_is_free(house: House) -> None:
    bearer = await somebody_at_home(house)
    session = await log_in(house)
    await delete(house, bearer)
    assert not await is_live(house, session)
    assert not await opens(house, PASSWORD)
    anew = await register(house, ANOTHER)
    assert anew is not None
    assert anew.id != bearer.user
    assert await house.uses.list_integrations()(anew.id)


async def test_in_the_end_everything_is_gone_everywhere(house: House) -> None:
    bearer = await somebody_at_home(house)
    (connection,) = await house.storage.connections.of_user(bearer.user)
    run = await house.storage.runs.latest(connection.id)
    assert run is not None
    await delete(house, bearer)
    await house.work()
    await nothing_is_left(house, bearer)
    assert await house.items(connection) == []
    assert await house.storage.runs.find(run.id) is None
    assert await house.storage.credentials.find(connection.id) is None
    assert not house.hubspot.grants
    assert [mail.kind for mail in house.mails] == [MailKind.RESET_PASSWORD, MailKind.ACCOUNT_DELETED]
    assert house.mails[-1].to == EMAIL


async def test_who_registers_the_address_anew_keeps_what_is_new(house: House) -> None:
    bearer = await somebody_at_home(house)
    await delete(house, bearer)
    house.clock.advance(timedelta(seconds=1))
    anew = await register(house, ANOTHER)
    assert anew is not None
    await house.work()
    assert await opens(house, ANOTHER)
    assert await house.storage.users.by_email(anew.email) is not None


async def test_it_takes_the_password(house: House) -> None:
    bearer = await somebody_at_home(house)
    for wrong in (ANOTHER, Secret(""), Secret("x" * 100_000)):
        with pytest.raises(WrongPassword):
            await delete(house, bearer, wrong)
    with pytest.raises(ReauthenticationRequired):
        await delete(house, bearer, None)
    assert await opens(house, PASSWORD)


async def test_twice_is_once(house: House) -> None:
    bearer = await somebody_at_home(house)
    await delete(house, bearer)
    with pytest.raises(NotAuthenticated):
        await delete(house, bearer)


async def test_a_connection_that_comes_in_late_goes_too(house: House) -> None:
    bearer = await somebody_at_home(house)
    (connection,) = await house.storage.connections.of_user(bearer.user)
    await delete(house, bearer)
    (erase,) = (effect for effect in await house.due() if effect.kind == EffectKind.ERASE)
    await house.settle(erase, await house.do(erase))
    # Its callback had looked at the session before that was ended.
    late = replace(connection, id=ConnectionId(house.entropy.identifier()))
    await house.storage.connections.connect(late)
    assert await house.storage.connections.of_user(bearer.user) == (late,)
    await house.work()
    await nothing_is_left(house, bearer)


async def test_stopped_at_any_step_it_is_completed() -> None:
    for steps in range(60):
        house = House(PlayedHubSpot(contacts=3))
        bearer = await somebody_at_home(house)
        try:
            await delete(house.another(Power(steps)), bearer)
        except PowerCut:
            if not await house.due():
                assert await opens(house, PASSWORD)
                continue
            await house.work()
            await nothing_is_left(house, bearer)
        else:
            return
    raise AssertionError("it never ended")


async def test_stopped_at_any_step_of_the_work_it_is_completed() -> None:
    for steps in range(200):
        house = House(PlayedHubSpot(contacts=3))
        bearer = await somebody_at_home(house)
        await delete(house, bearer)
        try:
            await house.another(Power(steps)).work()
        except PowerCut:
            await house.work()
            await nothing_is_left(house, bearer)
        else:
            await nothing_is_left(house, bearer)
            return
    raise AssertionError("it never ended")
