"""A shared grant gives nobody less or more than they have consented to, and outlives whoever is renewing it."""

from datetime import timedelta

import pytest
from dependency_injector import providers

from adapters.outbound.provider_clients import ProviderClients
from application.hold_lease import HoldLease
from application.outcome import Again, Done
from domain.connection import Connection, ConnectionStatus
from domain.credential import shared_grant
from domain.effect import Effect, EffectKind
from domain.errors import NeedsReauth
from domain.secret import Secret
from tests.unit.application.house import House
from tests.unit.played_hubspot import PlayedHubSpot

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def house() -> House:
    hubspot = PlayedHubSpot(contacts=1)
    hubspot.rotates = True
    return House(hubspot)


async def connected(house: House, *scopes: str) -> Connection:
    house.hubspot.scopes = list(scopes or ("oauth",))
    connection = await house.connect(await house.person())
    await house.work()
    house.clock.advance(timedelta(minutes=1))
    return connection


async def held(house: House, connection: Connection) -> tuple[str, tuple[str, ...]]:
    tokens = await house.tokens(connection)
    assert tokens is not None
    return tokens.access.reveal(), tokens.scopes


async def disconnection(house: House) -> Effect:
    (effect,) = [effect for effect in await house.due() if effect.kind == EffectKind.DISCONNECT]
    return effect


async def test_who_consented_to_less_takes_nothing_from_the_others(house: House) -> None:
    wide = await connected(house, "oauth", "contacts")
    before = await held(house, wide)
    narrow = await connected(house, "oauth")
    assert await held(house, wide) == before
    assert (await held(house, narrow))[1] == ("oauth",)


async def test_who_consented_to_less_is_handed_nothing_more(house: House) -> None:
    wide, narrow = await connected(house, "oauth", "contacts"), await connected(house, "oauth")
    before = await held(house, narrow)
    house.clock.advance(AN_HOUR)
    house.hubspot.scopes = ["oauth", "contacts"]
    await house.uses.access_tokens()(wide)
    assert await held(house, narrow) == before
    house.hubspot.scopes = ["oauth"]
    await house.uses.access_tokens()(narrow)
    assert (await held(house, narrow))[1] == ("oauth",)
    assert (await held(house, wide))[1] == ("oauth", "contacts")


async def test_an_answer_without_scopes_has_not_changed_them(house: House) -> None:
    connection = await connected(house, "oauth", "contacts")
    house.clock.advance(AN_HOUR)
    house.hubspot.scopes = []
    await house.uses.access_tokens()(connection)
    assert await held(house, connection) == ("access-2", ("oauth", "contacts"))


async def test_who_goes_while_they_renew_leaves_the_new_pair_to_the_others(house: House) -> None:
    goes, stays = await connected(house), await connected(house)
    house.clock.advance(AN_HOUR)

    async def meanwhile() -> None:
        await house.disconnect(goes)

    house.hubspot.meanwhile = meanwhile
    with pytest.raises(NeedsReauth):
        await house.uses.access_tokens()(goes)
    await house.work()
    assert await house.uses.access_tokens()(stays) == Secret("access-3")
    house.clock.advance(AN_HOUR)
    assert await house.uses.access_tokens()(stays) == Secret("access-4")
    assert await house.status(stays) is ConnectionStatus.ACTIVE
    assert house.hubspot.revoked == []


async def test_a_lease_that_is_never_free_keeps_no_grant_from_being_returned(house: House) -> None:
    connection = await connected(house)
    await house.disconnect(connection)
    busy: HoldLease = house.uses.hold_lease()
    async with busy("grant|hubspot"):
        effect = await disconnection(house)
        assert not isinstance(await house.do(effect), Done)
        house.clock.advance(timedelta(minutes=6))
        async with busy("grant|hubspot"):
            assert isinstance(await house.do(effect), Done)
    assert house.hubspot.revoked == ["refresh-1"]


async def test_what_could_not_be_returned_in_a_day_is_forgotten_whole(house: House) -> None:
    connection = await connected(house)
    await house.disconnect(connection)
    effect = await disconnection(house)
    house.clock.advance(timedelta(hours=25))
    outcome = await house.do(effect)
    assert isinstance(outcome, Done)
    assert outcome.regret
    assert await house.tokens(connection) is None
    grant = shared_grant("hubspot", connection.account.id)
    assert await house.storage.shared_grants.holders(grant) == ()


async def test_a_purge_that_meets_a_run_comes_again(house: House) -> None:
    connection = await connected(house)
    await house.disconnect(connection, purge=True)
    (effect,) = [effect for effect in await house.due() if effect.kind == EffectKind.PURGE]
    await house.storage.changes.take_over(connection.id, 99, published=0)
    assert await house.do(effect) == Again(1, 0)


async def test_a_disconnection_comes_to_an_end_when_its_provider_is_declared_no_more(house: House) -> None:
    connection = await connected(house)
    await house.disconnect(connection)
    effect = await disconnection(house)
    house.uses.provider_clients.override(providers.Object(ProviderClients([], {})))
    house.uses.share_grant.reset()
    house.uses.finish_disconnection.reset()
    house.uses.grants.reset()
    outcome = await house.uses.finish_disconnection()(effect)
    assert isinstance(outcome, Done)
    assert outcome.regret
