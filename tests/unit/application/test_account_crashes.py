"""An account whose process is stopped between any two steps can still be registered, reset and used."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from application.open_session import OpenedSession
from domain.errors import LinkInvalid, LoginFailed
from domain.mail import MailKind
from domain.secret import Secret
from domain.user import User
from tests.unit.application.accounts import (
    ANOTHER,
    PASSWORD,
    a_careful_house,
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
from tests.unit.application.power import Power, PowerCut
from tests.unit.builders import CALLER

MOST_STEPS = 60


@dataclass
class Scene:
    house: House
    token: Secret = field(default_factory=lambda: Secret(""))
    """Of a mail that has arrived."""
    earlier: OpenedSession | None = None
    """A session from before."""
    user: User | None = None


async def stopped_everywhere(
    make: Callable[[], Awaitable[Scene]],
    act: Callable[[Scene, House], Awaitable[object]],
    check: Callable[[Scene, House, bool], Awaitable[None]],
) -> None:
    """Stop ``act`` before each of its steps in turn, and check what is left each time; at last let it end."""
    for steps in range(MOST_STEPS):
        scene = await make()
        try:
            await act(scene, scene.house.another(Power(steps)))
        except PowerCut:
            await check(scene, scene.house, False)
        else:
            await check(scene, scene.house, True)
            return
    raise AssertionError("it never ended")


async def works(_: Scene, house: House) -> None:
    await house.work()


async def has_ended(scene: Scene) -> bool:
    """Whether the session from before is over."""
    assert scene.earlier is not None
    return not await is_live(scene.house, scene.earlier)


async def test_a_registration_that_must_be_proven() -> None:
    async def make() -> Scene:
        return Scene(a_careful_house())

    async def check(scene: Scene, house: House, done: bool) -> None:
        del scene, done
        await house.work()
        if not house.mails:
            await register(house)
            await house.work()
        await verify(house)
        assert await opens(house, PASSWORD)

    await stopped_everywhere(make, lambda _, house: register(house), check)


async def test_the_mail_of_a_registration() -> None:
    async def make() -> Scene:
        house = a_careful_house()
        await register(house)
        return Scene(house)

    async def check(scene: Scene, house: House, done: bool) -> None:
        del scene, done
        await house.work()
        await verify(house)
        assert await opens(house, PASSWORD)

    await stopped_everywhere(make, works, check)


async def test_a_proof() -> None:
    async def make() -> Scene:
        house = a_careful_house()
        await register(house)
        await house.work()
        return Scene(house, house.mailed_token())

    async def act(scene: Scene, house: House) -> None:
        await verify(house, token=scene.token)

    async def check(scene: Scene, house: House, done: bool) -> None:
        del scene, done
        try:
            await verify(house)
        except LinkInvalid:
            assert await opens(house, PASSWORD)
        assert await opens(house, PASSWORD)

    await stopped_everywhere(make, act, check)


async def test_a_proof_of_an_account_from_before() -> None:
    async def make() -> Scene:
        house = a_careful_house()
        planted = await registered(House())
        await house.storage.users.add(planted)
        earlier = await house.uses.open_session()(planted, CALLER)
        await house.connect(await bearer_of(house, earlier))
        house.clock.advance(timedelta(minutes=1))
        await register(house, ANOTHER)
        await house.do((await house.due())[-1])
        return Scene(house, house.mailed_token(), earlier, planted)

    async def act(scene: Scene, house: House) -> None:
        await verify(house, ANOTHER, scene.token)

    async def check(scene: Scene, house: House, done: bool) -> None:
        if not done:
            try:
                await verify(house, ANOTHER, scene.token)
            except LinkInvalid:
                await log_in(house, ANOTHER)
        assert await has_ended(scene)
        assert not await opens(house, PASSWORD)
        assert await opens(house, ANOTHER)
        assert scene.user
        assert await house.storage.connections.of_user(scene.user.id) == ()

    await stopped_everywhere(make, act, check)


async def test_a_reset() -> None:
    async def make() -> Scene:
        house = House()
        await registered(house)
        earlier = await log_in(house)
        await forget(house)
        return Scene(house, house.mailed_token(), earlier)

    async def act(scene: Scene, house: House) -> None:
        await reset(house, token=scene.token)

    async def check(scene: Scene, house: House, done: bool) -> None:
        changed = await opens(house, ANOTHER)
        if changed:
            assert await has_ended(scene)
            with pytest.raises(LinkInvalid):
                await reset(house, Secret("yet another password"), scene.token)
        else:
            assert not done
            await reset(house, token=scene.token)
        assert (await opens(house, ANOTHER), await opens(house, PASSWORD)) == (True, False)

    await stopped_everywhere(make, act, check)


async def test_the_mail_of_a_reset() -> None:
    async def make() -> Scene:
        house = House()
        await registered(house)
        await house.uses.request_password_reset()(email="ann@example.org", caller=CALLER)
        return Scene(house)

    async def check(scene: Scene, house: House, done: bool) -> None:
        del scene, done
        await house.work()
        await reset(house)
        assert await opens(house, ANOTHER)

    await stopped_everywhere(make, works, check)


async def test_a_change_of_the_password() -> None:
    async def make() -> Scene:
        house = House()
        user = await registered(house)
        return Scene(house, earlier=await log_in(house), user=user)

    async def act(scene: Scene, house: House) -> None:
        assert scene.user
        await house.uses.change_password()(
            scene.user.id, current_password=PASSWORD, new_password=ANOTHER, caller=CALLER
        )

    async def check(scene: Scene, house: House, done: bool) -> None:
        changed = await opens(house, ANOTHER)
        assert changed or not done
        assert await opens(house, PASSWORD) is not changed
        if changed:
            assert await has_ended(scene)

    await stopped_everywhere(make, act, check)


async def test_a_login() -> None:
    async def make() -> Scene:
        house = House()
        await registered(house)
        return Scene(house)

    async def check(scene: Scene, house: House, done: bool) -> None:
        del scene, done
        assert await opens(house, PASSWORD)

    await stopped_everywhere(make, lambda _, house: log_in(house), check)


async def test_a_mail_whose_sending_was_not_written_down_is_sent_again_as_the_same() -> None:
    house = House()
    await registered(house)
    await house.uses.request_password_reset()(email="ann@example.org", caller=CALLER)
    (effect,) = await house.due()
    await house.do(effect)
    await house.work()
    first, again = house.mails
    assert (first.id, first.kind, first.at) == (again.id, MailKind.RESET_PASSWORD, again.at)
    assert first.link == again.link
    await reset(house)


async def test_a_mail_of_a_link_that_was_used_is_not_sent_again() -> None:
    house = House()
    await registered(house)
    await house.uses.request_password_reset()(email="ann@example.org", caller=CALLER)
    (effect,) = await house.due()
    await house.do(effect)
    house.clock.advance(timedelta(seconds=1))
    await reset(house)
    await house.do(effect)
    assert [mail.kind for mail in house.mails] == [MailKind.RESET_PASSWORD]
    with pytest.raises(LoginFailed):
        await log_in(house, PASSWORD)
