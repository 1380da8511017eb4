"""A grant that two people hold together, since they have connected the same portal: one renews it, for both."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from domain.connection import Connection, ConnectionStatus
from domain.credential import Credential, Tokens
from domain.errors import NeedsReauth, ProviderUnavailable
from domain.secret import Secret
from tests.unit.application.house import House
from tests.unit.application.power import Power
from tests.unit.played_hubspot import PlayedHubSpot


@pytest.fixture
def house() -> House:
    hubspot = PlayedHubSpot()
    hubspot.rotates = True
    return House(hubspot)


@pytest.fixture
async def both(house: House) -> list[Connection]:
    """One portal, connected by two people a minute after each other."""
    return [await connected(house), await connected(house)]


async def connected(house: House) -> Connection:
    house.clock.advance(timedelta(minutes=1))
    return await house.connect(await house.person())


async def credential(house: House, connection: Connection) -> Credential:
    found = await house.storage.credentials.find(connection.id)
    assert found is not None
    return found


async def pairs(house: House, connections: list[Connection]) -> list[tuple[str, str]]:
    """The stored tokens of each."""
    stored = [await house.tokens(connection) for connection in connections]
    return [(one.access.reveal(), one.refresh.reveal()) for one in stored if one and one.refresh]


def expire(house: House) -> None:
    house.clock.advance(timedelta(minutes=29, seconds=30))


async def test_a_fresh_installation_is_handed_to_whoever_was_there(house: House, both: list[Connection]) -> None:
    assert await pairs(house, both) == [("access-2", "refresh-2")] * 2
    first, second = [await credential(house, one) for one in both]
    assert (first.obtained_at, first.expires_at) == (second.obtained_at, second.expires_at)


async def test_each_copy_is_sealed_for_its_own_row(house: House, both: list[Connection]) -> None:
    first, second = [await credential(house, one) for one in both]
    assert first.access != second.access
    with pytest.raises(NeedsReauth):
        house.uses.seal_tokens().open(replace(first, access=second.access))
    with pytest.raises(NeedsReauth):
        house.uses.seal_tokens().open(replace(first, refresh=second.refresh))


async def test_of_many_callers_of_both_one_refreshes(house: House, both: list[Connection]) -> None:
    expire(house)
    processes = [house, house.another(Power()), house.another(Power())]
    calls = (processes[n % 3].uses.access_tokens()(both[n % 2]) for n in range(30))
    assert {token.reveal() for token in await asyncio.gather(*calls)} == {"access-3"}
    assert house.hubspot.refreshes == 1
    assert await pairs(house, both) == [("access-3", "refresh-3")] * 2


async def test_many_of_both_that_were_refused_refresh_once_too(house: House, both: list[Connection]) -> None:
    calls = (house.uses.access_tokens()(both[n % 2], refused=Secret("access-2")) for n in range(20))
    assert {token.reveal() for token in await asyncio.gather(*calls)} == {"access-3"}
    assert house.hubspot.refreshes == 1


async def test_renewed_again_and_again_by_either_both_go_on(house: House, both: list[Connection]) -> None:
    for turn in range(6):
        expire(house)
        token = await house.uses.access_tokens()(both[turn % 2])
        assert await house.uses.access_tokens()(both[1 - turn % 2]) == token
    assert house.hubspot.refreshes == 6


async def test_another_portal_has_a_grant_of_its_own(house: House, both: list[Connection]) -> None:
    house.hubspot.account = 7
    other = await connected(house)
    assert await pairs(house, [*both, other]) == [("access-2", "refresh-2")] * 2 + [("access-3", "refresh-3")]
    expire(house)
    await house.uses.access_tokens()(other)
    assert await pairs(house, [*both, other]) == [("access-2", "refresh-2")] * 2 + [("access-4", "refresh-4")]


async def test_a_copy_that_does_not_open_is_ignored(house: House, both: list[Connection]) -> None:
    first, second = both
    newer = replace(
        await credential(house, first), connection=second.id, obtained_at=house.clock.now().replace(year=2999)
    )
    await house.storage.credentials.put(newer)
    expire(house)
    assert await house.uses.access_tokens()(first) == Secret("access-3")
    assert house.hubspot.refreshes == 1
    assert await house.status(first) is ConnectionStatus.ACTIVE


async def test_what_was_obtained_for_the_other_is_taken_instead_of_a_refresh(
    house: House, both: list[Connection]
) -> None:
    first, second = both
    old = await credential(house, second)
    expire(house)
    await house.uses.access_tokens()(first)
    # As whoever was stopped before it had handed out would have left it.
    await house.storage.credentials.put(old)
    assert await house.uses.access_tokens()(second) == Secret("access-3")
    assert house.hubspot.refreshes == 1
    assert (await credential(house, second)).obtained_at == (await credential(house, first)).obtained_at


async def test_a_newer_copy_that_is_ending_itself_is_refreshed(house: House, both: list[Connection]) -> None:
    first, second = both
    old = await credential(house, second)
    expire(house)
    await house.uses.access_tokens()(first)
    await house.storage.credentials.put(old)
    expire(house)
    assert await house.uses.access_tokens()(second) == Secret("access-4")
    assert await pairs(house, both) == [("access-4", "refresh-4")] * 2


async def test_one_whose_access_is_refused_is_not_given_the_same_again(house: House, both: list[Connection]) -> None:
    first, second = both
    house.clock.advance(timedelta(minutes=1))
    token = await house.uses.access_tokens()(first, refused=Secret("access-2"))
    assert await house.uses.access_tokens()(second, refused=Secret("access-2")) == token
    assert await house.uses.access_tokens()(second, refused=token) == Secret("access-4")


async def test_when_it_is_dead_each_is_told_once_and_nobody_asks_again(house: House, both: list[Connection]) -> None:
    expire(house)
    house.hubspot.grants.clear()
    for _ in range(3):
        for connection in both:
            for known in (connection, await house.connection(connection.user, connection.id)):
                with pytest.raises(NeedsReauth):
                    await house.uses.access_tokens()(known)
    assert [await house.status(connection) for connection in both] == [ConnectionStatus.NEEDS_REAUTH] * 2
    assert house.hubspot.refreshes == 2
    await house.work()
    assert len(house.mails) == 2


@pytest.mark.parametrize("fault", [httpx.Response(503), httpx.ConnectError("no route")], ids=repr)
async def test_a_provider_that_is_away_keeps_nobody_from_trying_again(
    house: House, both: list[Connection], fault: httpx.Response | Exception
) -> None:
    expire(house)
    house.hubspot.token_faults = [fault]
    with pytest.raises(ProviderUnavailable) as failure:
        await house.uses.access_tokens()(both[0])
    house.clock.advance(timedelta(seconds=failure.value.retry_after))
    assert await house.uses.access_tokens()(both[1]) == Secret("access-3")
    assert await house.uses.access_tokens()(both[0]) == Secret("access-3")


async def test_who_has_gone_is_handed_nothing(house: House, both: list[Connection]) -> None:
    first, second = both
    await house.disconnect(second)
    expire(house)
    await house.uses.access_tokens()(first)
    assert await house.tokens(second) is None
    await house.work()
    assert await house.tokens(first) == Tokens(
        Secret("access-3"), Secret("refresh-3"), house.clock.now() + timedelta(minutes=30), ("oauth",)
    )


async def test_who_disconnects_while_the_other_renews_stays_gone(house: House, both: list[Connection]) -> None:
    first, second = both
    expire(house)

    async def disconnect() -> None:
        await house.disconnect(second)

    house.hubspot.meanwhile = disconnect
    assert await house.uses.access_tokens()(first) == Secret("access-3")
    assert await house.tokens(second) is None
    assert await house.status(second) is ConnectionStatus.DISCONNECTED
