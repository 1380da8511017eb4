"""People who register, prove themselves, and forget."""

from dataclasses import replace

from application.open_session import OpenedSession
from application.ports.tokens import Bearer
from domain.errors import LoginFailed, NotAuthenticated
from domain.secret import Secret
from domain.security_event import SecurityAction, SecurityEvent
from domain.user import User
from tests.unit.application.house import House
from tests.unit.builders import CALLER, some_settings

EMAIL = "ann@example.org"
PASSWORD = Secret("correct horse battery")
ANOTHER = Secret("a purple cow in the rain")


def a_careful_house(**settings: str) -> House:
    """One where an address must be proven."""
    return House(settings=some_settings(EMAIL_VERIFICATION="required", **settings))


async def register(house: House, password: Secret = PASSWORD, email: str = EMAIL) -> User | None:
    made = await house.uses.register()(email=email, password=password, full_name="Ann", caller=CALLER)
    return made[0] if made else None


async def registered(house: House) -> User:
    """With an account that nobody has proven."""
    made = await register(house)
    assert made is not None
    return made


async def proven(house: House, password: Secret = PASSWORD, email: str = EMAIL) -> OpenedSession:
    """Registered, and logged in by the link that was mailed."""
    await register(house, password, email)
    await house.work()
    return await verify(house, password)


async def verify(house: House, password: Secret = PASSWORD, token: Secret | None = None) -> OpenedSession:
    opened: OpenedSession = await house.uses.verify_email()(
        token=token or house.mailed_token(), password=password, caller=CALLER
    )
    return opened


async def log_in(house: House, password: Secret = PASSWORD, email: str = EMAIL, address: str = "") -> OpenedSession:
    caller = replace(CALLER, network=address) if address else CALLER
    opened: OpenedSession = await house.uses.log_in()(email=email, password=password, caller=caller)
    return opened


async def opens(house: House, password: Secret) -> bool:
    """Whether this password lets its person in."""
    try:
        await log_in(house, password)
    except LoginFailed:
        return False
    return True


async def forget(house: House, email: str = EMAIL) -> None:
    """Ask for a link, and wait for the mail."""
    await house.uses.request_password_reset()(email=email, caller=CALLER)
    await house.work()


async def reset(house: House, password: Secret = ANOTHER, token: Secret | None = None) -> None:
    await house.uses.reset_password()(token=token or house.mailed_token(), new_password=password, caller=CALLER)


async def is_live(house: House, session: OpenedSession) -> bool:
    try:
        await house.uses.authenticate()(session.access.token.reveal())
    except NotAuthenticated:
        return False
    return True


async def bearer_of(house: House, session: OpenedSession) -> Bearer:
    bearer: Bearer = await house.uses.authenticate()(session.access.token.reveal())
    return bearer


async def events(house: House, user: User) -> list[SecurityEvent]:
    """Of this account, the oldest first."""
    await house.uses.record_event().settle()
    return list(await house.storage.security_events.page(user.id, before=None, limit=1000))[::-1]


async def actions(house: House, user: User) -> list[tuple[SecurityAction, str]]:
    return [(event.action, event.reason) for event in await events(house, user)]
