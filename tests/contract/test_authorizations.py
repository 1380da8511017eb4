"""What every adapter of the port Authorizations promises."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta

from application.ports.authorizations import Authorizations
from application.ports.cache import Cache
from domain.authorization import Authorization, browser_hash, state_hash
from domain.ids import FlowId
from tests.contract.examples import a_session_id, a_user_id


def an_authorization(*, lives: timedelta = timedelta(minutes=10)) -> Authorization:
    return Authorization(
        state=state_hash(secrets.token_urlsafe()),
        flow=FlowId(secrets.token_urlsafe()),
        provider="hubspot",
        user=a_user_id(),
        session=a_session_id(),
        browser=browser_hash("cookie"),
        verifier="v" * 128,
        origin="http://localhost:3000",
        expires_at=datetime.now(UTC) + lives,
    )


async def test_what_was_added_comes_back_whole(authorizations: Authorizations) -> None:
    added = an_authorization()
    await authorizations.add(added)
    assert await authorizations.consume(added.state) == added


async def test_it_can_be_consumed_by_another_process(authorizations: Authorizations, another_cache: Cache) -> None:
    added = an_authorization()
    await authorizations.add(added)
    assert await another_cache.authorizations.consume(added.state) == added


async def test_it_can_be_consumed_once(authorizations: Authorizations, another_cache: Cache) -> None:
    added = an_authorization()
    await authorizations.add(added)
    await authorizations.consume(added.state)
    assert await authorizations.consume(added.state) is None
    assert await another_cache.authorizations.consume(added.state) is None


async def test_of_many_callers_at_once_the_first_gets_it(
    authorizations: Authorizations, cache_callers: list[Cache]
) -> None:
    added = an_authorization()
    await authorizations.add(added)
    found = await asyncio.gather(*(caller.authorizations.consume(added.state) for caller in cache_callers))
    assert [authorization for authorization in found if authorization] == [added]


async def test_an_expired_one_is_gone(authorizations: Authorizations) -> None:
    added = an_authorization(lives=timedelta(milliseconds=60))
    await authorizations.add(added)
    await asyncio.sleep(0.08)
    assert await authorizations.consume(added.state) is None


async def test_one_already_expired_is_not_kept(authorizations: Authorizations) -> None:
    added = an_authorization(lives=-timedelta(seconds=1))
    await authorizations.add(added)
    assert await authorizations.consume(added.state) is None


async def test_one_outlives_others_that_expire(authorizations: Authorizations) -> None:
    short, long = an_authorization(lives=timedelta(milliseconds=30)), an_authorization()
    await authorizations.add(short)
    await authorizations.add(long)
    await asyncio.sleep(0.05)
    await authorizations.add(an_authorization())
    assert await authorizations.consume(long.state) == long


async def test_another_state_finds_nothing(authorizations: Authorizations) -> None:
    added = an_authorization()
    await authorizations.add(added)
    assert await authorizations.consume(an_authorization().state) is None
    assert await authorizations.consume(added.state) == added
