"""What every adapter of the port Connections promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.connections import Connections
from application.ports.storage import Storage
from domain.connection import Account, Connection, ConnectionStatus, SyncError
from domain.errors import VersionSuperseded
from tests.contract.examples import A_TIME, ODD_TEXTS, a_connection, a_connection_id, a_user_id

LATER = A_TIME + timedelta(days=1, microseconds=1)


def reconnected(connection: Connection) -> Connection:
    """What a second consent to the same account brings: under a new id, with new words for everything."""
    return replace(
        connection,
        id=a_connection_id(),
        account=Account(connection.account.id, "Acme, renamed"),
        status=ConnectionStatus.ACTIVE,
        scopes=("oauth",),
        created_at=LATER,
        connected_at=LATER,
        last_sync_at=None,
        last_error=None,
        version=1,
    )


async def test_a_new_connection_is_kept_as_it_is(connections: Connections, another_storage: Storage) -> None:
    connection = a_connection()
    assert await connections.connect(connection) == connection
    for everywhere in (connections, another_storage.connections):
        assert await everywhere.find(connection.user, connection.id) == connection


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
async def test_an_account_may_have_any_name(connections: Connections, text: str) -> None:
    connection = a_connection(account=Account("1", text))
    await connections.connect(connection)
    assert await connections.find(connection.user, connection.id) == connection


async def test_connecting_again_keeps_what_is_lasting_and_takes_the_rest(connections: Connections) -> None:
    first = await connections.connect(a_connection())
    error = SyncError("needs_reauth", LATER)
    before = await connections.update(
        replace(first, status=ConnectionStatus.NEEDS_REAUTH, last_sync_at=A_TIME, last_error=error)
    )
    again = reconnected(first)
    after = await connections.connect(again)
    assert after.version > before.version
    assert after == replace(again, id=first.id, created_at=first.created_at, last_sync_at=A_TIME, version=after.version)
    assert await connections.find(first.user, first.id) == after
    assert await connections.of_user(first.user) == (after,)


async def test_of_many_at_once_all_get_the_same_id(connections: Connections, callers: list[Storage]) -> None:
    first = a_connection()
    rivals = [reconnected(first) for _ in callers]
    calls = (caller.connections.connect(rival) for caller, rival in zip(callers, rivals, strict=True))
    connected = await asyncio.gather(*calls)
    kept = await connections.of_user(first.user)
    assert {connection.id for connection in connected} == {connection.id for connection in kept}
    assert len(kept) == 1
    assert kept[0] in connected
    assert kept[0].version == max(connection.version for connection in connected)


async def test_each_user_and_provider_has_its_own_connection(connections: Connections) -> None:
    first = a_connection()
    others = [
        replace(reconnected(first), user=a_user_id()),
        replace(reconnected(first), provider="notion"),
        replace(reconnected(first), account=Account("another", "Acme")),
    ]
    connected = [await connections.connect(connection) for connection in (first, *others)]
    assert connected == [first, *others]


async def test_what_is_not_there_is_not_found(connections: Connections) -> None:
    assert await connections.find(a_user_id(), a_connection_id()) is None
    assert await connections.of_user(a_user_id()) == ()


async def test_another_users_connection_is_not_found(connections: Connections) -> None:
    connection = await connections.connect(a_connection())
    assert await connections.find(a_user_id(), connection.id) is None


async def test_all_of_a_user_come_in_the_order_of_their_ids(connections: Connections) -> None:
    user = a_user_id()
    mine = [a_connection(user=user, provider=provider) for provider in ("slack", "notion", "hubspot", "hubspot")]
    mine[1] = replace(mine[1], status=ConnectionStatus.DISCONNECTED)
    for connection in reversed(mine):
        await connections.connect(connection)
    assert await connections.of_user(user) == tuple(sorted(mine, key=lambda connection: connection.id))


async def test_an_update_is_stored_under_the_next_version(connections: Connections, another_storage: Storage) -> None:
    first = await connections.connect(a_connection())
    wanted = replace(
        first,
        account=Account(first.account.id, "renamed"),
        status=ConnectionStatus.DISCONNECTED,
        scopes=(),
        last_sync_at=LATER,
        last_error=SyncError("listing_refused", LATER),
    )
    after = await connections.update(wanted)
    assert after == replace(wanted, version=first.version + 1)
    assert await another_storage.connections.find(first.user, first.id) == after


async def test_an_update_of_a_stale_version_is_refused(connections: Connections) -> None:
    first = await connections.connect(a_connection())
    second = await connections.update(replace(first, last_sync_at=LATER))
    with pytest.raises(VersionSuperseded):
        await connections.update(replace(first, status=ConnectionStatus.DISCONNECTED))
    assert await connections.find(first.user, first.id) == second


async def test_an_update_from_before_a_reconnection_is_refused(connections: Connections) -> None:
    first = await connections.connect(a_connection())
    second = await connections.connect(reconnected(first))
    with pytest.raises(VersionSuperseded):
        await connections.update(replace(first, status=ConnectionStatus.NEEDS_REAUTH))
    assert await connections.find(first.user, first.id) == second


async def test_an_update_of_what_is_not_there_is_refused(connections: Connections) -> None:
    connection = a_connection()
    with pytest.raises(VersionSuperseded):
        await connections.update(connection)
    assert await connections.find(connection.user, connection.id) is None


async def test_of_many_updates_of_one_version_one_wins(connections: Connections, callers: list[Storage]) -> None:
    first = await connections.connect(a_connection())
    wanted = [replace(first, account=Account(first.account.id, f"{n}")) for n in range(len(callers))]
    calls = (caller.connections.update(one) for caller, one in zip(callers, wanted, strict=True))
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    stored = [outcome for outcome in outcomes if isinstance(outcome, Connection)]
    assert {type(outcome) for outcome in outcomes} == {Connection, VersionSuperseded}
    assert stored == [await connections.find(first.user, first.id)]


async def test_a_reconnection_and_updates_at_once_lose_nothing(
    connections: Connections, another_storage: Storage
) -> None:
    for _ in range(10):
        first = await connections.connect(a_connection())
        synced, again = await asyncio.gather(
            connections.update(replace(first, last_sync_at=LATER)),
            another_storage.connections.connect(reconnected(first)),
            return_exceptions=True,
        )
        assert isinstance(again, Connection)
        after = await connections.find(first.user, first.id)
        assert after is not None
        assert (after.connected_at, after.scopes) == (LATER, ("oauth",))
        assert after.last_sync_at == (LATER if isinstance(synced, Connection) else None)


async def test_a_removed_connection_is_gone_for_everybody(connections: Connections, another_storage: Storage) -> None:
    gone = await connections.connect(a_connection())
    kept = await connections.connect(a_connection(user=gone.user))
    await connections.remove(gone.user, gone.id)
    for everywhere in (connections, another_storage.connections):
        assert await everywhere.find(gone.user, gone.id) is None
        assert await everywhere.of_user(gone.user) == (kept,)


async def test_a_removed_connection_cannot_be_updated(connections: Connections) -> None:
    gone = await connections.connect(a_connection())
    await connections.remove(gone.user, gone.id)
    with pytest.raises(VersionSuperseded):
        await connections.update(replace(gone, last_sync_at=LATER))
    assert await connections.of_user(gone.user) == ()


async def test_removing_what_is_gone_is_no_error(connections: Connections) -> None:
    gone = await connections.connect(a_connection())
    for _ in range(2):
        await connections.remove(gone.user, gone.id)
    await connections.remove(a_user_id(), a_connection_id())
    assert await connections.of_user(gone.user) == ()


async def test_nobody_removes_another_users_connection(connections: Connections) -> None:
    connection = await connections.connect(a_connection())
    await connections.remove(a_user_id(), connection.id)
    assert await connections.find(connection.user, connection.id) == connection


async def test_an_account_connected_after_its_removal_is_another_connection(
    connections: Connections, another_storage: Storage
) -> None:
    first = await connections.connect(a_connection())
    await connections.update(replace(first, last_sync_at=A_TIME))
    for everywhere in (connections, another_storage.connections, connections):
        (before,) = await connections.of_user(first.user)
        await connections.remove(before.user, before.id)
        again = reconnected(first)
        assert await everywhere.connect(again) == again
        assert await connections.find(before.user, before.id) is None
        assert await connections.of_user(first.user) == (again,)


async def test_a_late_removal_leaves_the_next_connection_alone(connections: Connections) -> None:
    first = await connections.connect(a_connection())
    await connections.remove(first.user, first.id)
    second = await connections.connect(reconnected(first))
    await connections.remove(first.user, first.id)
    assert await connections.of_user(first.user) == (second,)


async def test_after_a_removal_connecting_again_keeps_the_new_id(connections: Connections) -> None:
    first = await connections.connect(a_connection())
    await connections.remove(first.user, first.id)
    second = await connections.connect(reconnected(first))
    third = await connections.connect(reconnected(first))
    assert third.id == second.id
    assert third.version > second.version
    assert await connections.of_user(first.user) == (third,)


async def test_after_a_removal_of_many_at_once_all_get_the_same_new_id(
    connections: Connections, callers: list[Storage]
) -> None:
    first = await connections.connect(a_connection())
    await connections.remove(first.user, first.id)
    rivals = [reconnected(first) for _ in callers]
    calls = (caller.connections.connect(rival) for caller, rival in zip(callers, rivals, strict=True))
    connected = await asyncio.gather(*calls)
    (kept,) = await connections.of_user(first.user)
    assert {connection.id for connection in connected} == {kept.id}
    assert kept.id != first.id


async def test_of_many_removals_at_once_each_succeeds(connections: Connections, callers: list[Storage]) -> None:
    connection = await connections.connect(a_connection())
    await asyncio.gather(*(caller.connections.remove(connection.user, connection.id) for caller in callers))
    assert await connections.of_user(connection.user) == ()


async def test_a_removal_wins_against_updates_at_the_same_moment(
    connections: Connections, another_storage: Storage
) -> None:
    for _ in range(15):
        first = await connections.connect(a_connection())
        outcome, *_ = await asyncio.gather(
            connections.update(replace(first, last_sync_at=LATER)),
            another_storage.connections.remove(first.user, first.id),
            return_exceptions=True,
        )
        assert isinstance(outcome, Connection | VersionSuperseded)
        assert await connections.find(first.user, first.id) is None


async def test_a_removal_and_a_reconnection_at_once_leave_none_or_a_new_one(
    connections: Connections, another_storage: Storage
) -> None:
    for _ in range(15):
        first = await connections.connect(a_connection())
        again, _ = await asyncio.gather(
            another_storage.connections.connect(reconnected(first)),
            connections.remove(first.user, first.id),
        )
        left = await connections.of_user(first.user)
        assert left == (() if again.id == first.id else (again,))
