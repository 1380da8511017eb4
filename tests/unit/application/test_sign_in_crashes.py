"""A sign-in that is stopped at any step: the same person tries again, and it is done."""

from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from application.open_session import OpenedSession
from domain.errors import NotFound
from domain.identity import ProvenIdentity
from domain.sign_in import SignInPurpose
from tests.unit.application.accounts import (
    PASSWORD,
    a_careful_house,
    bearer_of,
    is_live,
    log_in,
    opens,
    registered,
)
from tests.unit.application.house import House
from tests.unit.application.power import Power, PowerCut
from tests.unit.builders import CALLER
from tests.unit.played_issuer import somebody

MOST_STEPS = 60


async def finish(
    house: House,
    who: ProvenIdentity,
    purpose: SignInPurpose = SignInPurpose.LOGIN,
    session: OpenedSession | None = None,
) -> OpenedSession:
    """The whole way."""
    started = await house.uses.start_sign_in()(
        await bearer_of(house, session) if session else None, purpose=purpose, next_path=None, caller=CALLER
    )
    house.issuer.codes["code"] = who
    finished = await house.uses.finish_sign_in()(
        state=parse_qs(urlsplit(started.url).query)["state"][0],
        code="code",
        flows={started.flow: started.cookie.reveal()},
        refresh=None,
        caller=CALLER,
    )
    opened: OpenedSession = finished.opened
    return opened


async def test_somebody_new_who_was_stopped_gets_the_account_by_trying_again() -> None:
    for steps in range(MOST_STEPS):
        house = House()
        try:
            await finish(house.another(Power(steps)), somebody())
        except PowerCut:
            session = await finish(house, somebody())
            assert await is_live(house, session)
            assert len(await house.storage.users.page(after=None, limit=10)) == 1
        else:
            return
    raise AssertionError("it never ended")


async def test_a_takeover_that_was_stopped_is_completed_by_trying_again() -> None:
    for steps in range(MOST_STEPS):
        house = a_careful_house()
        planted = await registered(House())
        await house.storage.users.add(planted)
        owner = somebody("owner", authoritative=True)
        try:
            await finish(house.another(Power(steps)), owner)
        except PowerCut:
            session = await finish(house, owner)
            assert (session.user, await is_live(house, session)) == (planted.id, True)
            assert not await opens(house, PASSWORD)
        else:
            return
    raise AssertionError("it never ended")


async def test_a_link_that_was_stopped_is_made_by_trying_again() -> None:
    for steps in range(MOST_STEPS):
        house = House()
        user = await registered(house)
        session = await log_in(house)
        try:
            await finish(house.another(Power(steps)), somebody(), SignInPurpose.LINK, session)
        except PowerCut:
            await finish(house, somebody(), SignInPurpose.LINK, await log_in(house))
            assert (await finish(house, somebody())).user == user.id
            stored, _ = await house.uses.show_account()(user.id)
            assert stored.sign_in_methods == ("password", "google")
        else:
            return
    raise AssertionError("it never ended")


async def test_an_unlinking_that_was_stopped_is_made_by_trying_again() -> None:
    for steps in range(MOST_STEPS):
        house = House()
        user = await registered(house)
        session = await finish(house, somebody(), SignInPurpose.LINK, await log_in(house))
        bearer = await bearer_of(house, session)
        try:
            await house.another(Power(steps)).uses.unlink_identity()(bearer, CALLER)
        except PowerCut:
            await gone(house)
            stored, _ = await house.uses.show_account()(user.id)
            assert stored.sign_in_methods == ("password",)
            assert await house.storage.identities.of_user(user.id) == []
        else:
            return
    raise AssertionError("it never ended")


async def gone(house: House) -> None:
    """Try again, by the password; where it was done already there is nothing left to do."""
    with suppress(NotFound):
        await house.uses.unlink_identity()(await bearer_of(house, await log_in(house)), CALLER)
