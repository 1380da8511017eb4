"""What every adapter of the port SignIns promises."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from application.ports.cache import Cache
from application.ports.sign_ins import SignIns
from domain.authorization import browser_hash, state_hash
from domain.ids import FlowId
from domain.sign_in import SignIn, SignInPurpose
from tests.contract.examples import ODD_TEXTS, a_session_id, a_user_id


@pytest.fixture
def sign_ins(cache: Cache) -> SignIns:
    return cache.sign_ins


def a_sign_in(*, lives: timedelta = timedelta(minutes=10), **given: Any) -> SignIn:
    ours = {
        "state": state_hash(secrets.token_urlsafe()),
        "flow": FlowId(secrets.token_urlsafe()),
        "purpose": SignInPurpose.LOGIN,
        "browser": browser_hash("cookie"),
        "verifier": "v" * 128,
        "nonce": secrets.token_urlsafe(),
        "next": None,
        "user": None,
        "session": None,
        "expires_at": datetime.now(UTC) + lives,
    }
    return SignIn(**ours | given)


@pytest.mark.parametrize("purpose", SignInPurpose)
@pytest.mark.parametrize("text", [None, "", "/app/items/?kind=contact", *ODD_TEXTS.values()], ids=ascii)
async def test_what_was_added_comes_back_whole(sign_ins: SignIns, purpose: SignInPurpose, text: str | None) -> None:
    asking: dict[str, Any] = {} if purpose is SignInPurpose.LOGIN else {"user": a_user_id(), "session": a_session_id()}
    added = a_sign_in(purpose=purpose, next=text, **asking)
    await sign_ins.add(added)
    assert await sign_ins.consume(added.state) == added


async def test_it_can_be_consumed_by_another_process(sign_ins: SignIns, another_cache: Cache) -> None:
    added = a_sign_in()
    await sign_ins.add(added)
    assert await another_cache.sign_ins.consume(added.state) == added


async def test_it_can_be_consumed_once(sign_ins: SignIns, another_cache: Cache) -> None:
    added = a_sign_in()
    await sign_ins.add(added)
    await sign_ins.consume(added.state)
    assert await sign_ins.consume(added.state) is None
    assert await another_cache.sign_ins.consume(added.state) is None


async def test_of_many_callers_at_once_the_first_gets_it(sign_ins: SignIns, cache_callers: list[Cache]) -> None:
    for _ in range(5):
        added = a_sign_in()
        await sign_ins.add(added)
        found = await asyncio.gather(*(caller.sign_ins.consume(added.state) for caller in cache_callers))
        assert [sign_in for sign_in in found if sign_in] == [added]


async def test_an_expired_one_is_gone(sign_ins: SignIns) -> None:
    added = a_sign_in(lives=timedelta(milliseconds=60))
    await sign_ins.add(added)
    await asyncio.sleep(0.08)
    assert await sign_ins.consume(added.state) is None


async def test_one_already_expired_is_not_kept(sign_ins: SignIns) -> None:
    added = a_sign_in(lives=-timedelta(seconds=1))
    await sign_ins.add(added)
    assert await sign_ins.consume(added.state) is None


async def test_one_outlives_others_that_expire(sign_ins: SignIns) -> None:
    short, long = a_sign_in(lives=timedelta(milliseconds=30)), a_sign_in()
    await sign_ins.add(short)
    await sign_ins.add(long)
    await asyncio.sleep(0.05)
    await sign_ins.add(a_sign_in())
    assert await sign_ins.consume(long.state) == long


async def test_another_state_finds_nothing(sign_ins: SignIns) -> None:
    added = a_sign_in()
    await sign_ins.add(added)
    assert await sign_ins.consume(a_sign_in().state) is None
    assert await sign_ins.consume(added.state) == added


async def test_a_sign_in_and_an_authorization_of_one_state_are_strangers(sign_ins: SignIns, cache: Cache) -> None:
    """A state that was given out for one purpose opens nothing at the other's callback."""
    added = a_sign_in()
    await sign_ins.add(added)
    assert await cache.authorizations.consume(added.state) is None
    assert await sign_ins.consume(added.state) == added
