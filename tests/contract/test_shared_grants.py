"""What every adapter of the port SharedGrants promises."""

import asyncio
from datetime import timedelta

from application.ports.shared_grants import SharedGrants
from application.ports.storage import Storage
from tests.contract.examples import A_TIME, a_connection_id, a_grant_id

LATER = A_TIME + timedelta(minutes=1)


async def test_who_joins_holds_it(shared_grants: SharedGrants, another_storage: Storage) -> None:
    grant, connections = a_grant_id(), sorted(a_connection_id() for _ in range(3))
    assert await shared_grants.holders(grant) == ()
    for connection in reversed(connections):
        await shared_grants.join(grant, connection)
    for everywhere in (shared_grants, another_storage.shared_grants):
        assert await everywhere.holders(grant) == tuple(connections)
    assert await shared_grants.holders(a_grant_id()) == ()


async def test_joining_twice_is_joining_once(shared_grants: SharedGrants) -> None:
    grant, connection = a_grant_id(), a_connection_id()
    for _ in range(2):
        await shared_grants.join(grant, connection)
    assert await shared_grants.holders(grant) == (connection,)
    await shared_grants.leave(grant, connection)
    assert await shared_grants.holders(grant) == ()


async def test_who_leaves_no_longer_holds_it(shared_grants: SharedGrants, another_storage: Storage) -> None:
    grant, gone, kept = a_grant_id(), a_connection_id(), a_connection_id()
    for connection in (gone, kept):
        await shared_grants.join(grant, connection)
    for _ in range(2):
        await another_storage.shared_grants.leave(grant, gone)
    assert await shared_grants.holders(grant) == (kept,)
    await shared_grants.join(grant, gone)
    assert await another_storage.shared_grants.holders(grant) == tuple(sorted((gone, kept)))


async def test_one_connection_may_hold_several(shared_grants: SharedGrants) -> None:
    first, second, connection = a_grant_id(), a_grant_id(), a_connection_id()
    for grant in (first, second):
        await shared_grants.join(grant, connection)
    await shared_grants.leave(first, connection)
    assert (await shared_grants.holders(first), await shared_grants.holders(second)) == ((), (connection,))


async def test_all_who_join_at_once_hold_it(shared_grants: SharedGrants, callers: list[Storage]) -> None:
    grant, connections = a_grant_id(), sorted(a_connection_id() for _ in callers)
    calls = zip(callers, connections, strict=True)
    await asyncio.gather(*(caller.shared_grants.join(grant, connection) for caller, connection in calls))
    assert await shared_grants.holders(grant) == tuple(connections)


async def test_a_claim_is_one_callers_alone(shared_grants: SharedGrants, another_storage: Storage) -> None:
    grant = a_grant_id()
    assert await shared_grants.claim(grant, "mine", until=LATER, now=A_TIME)
    for everywhere in (shared_grants, another_storage.shared_grants):
        assert not await everywhere.claim(grant, "yours", until=LATER, now=A_TIME)
        assert not await everywhere.claim(grant, "mine", until=LATER, now=A_TIME)
    assert await shared_grants.claim(a_grant_id(), "yours", until=LATER, now=A_TIME)


async def test_of_many_claims_at_once_one_is_granted(shared_grants: SharedGrants, callers: list[Storage]) -> None:
    grant = a_grant_id()
    calls = (
        caller.shared_grants.claim(grant, f"claim {n}", until=LATER, now=A_TIME) for n, caller in enumerate(callers)
    )
    granted = await asyncio.gather(*calls)
    assert sum(granted) == 1
    await shared_grants.release(grant, f"claim {granted.index(True)}")
    assert await shared_grants.claim(grant, "next", until=LATER, now=A_TIME)


async def test_a_claim_ends_with_its_time(shared_grants: SharedGrants) -> None:
    grant = a_grant_id()
    await shared_grants.claim(grant, "mine", until=LATER, now=A_TIME)
    assert not await shared_grants.claim(grant, "yours", until=LATER, now=LATER - timedelta(microseconds=1))
    assert await shared_grants.claim(grant, "yours", until=LATER + timedelta(minutes=1), now=LATER)


async def test_only_its_owner_releases_a_claim(shared_grants: SharedGrants, another_storage: Storage) -> None:
    grant = a_grant_id()
    await shared_grants.release(grant, "mine")
    await shared_grants.claim(grant, "mine", until=LATER, now=A_TIME)
    await another_storage.shared_grants.release(grant, "yours")
    assert not await shared_grants.claim(grant, "yours", until=LATER, now=A_TIME)
    await another_storage.shared_grants.release(grant, "mine")
    assert await shared_grants.claim(grant, "yours", until=LATER, now=A_TIME)
    await shared_grants.release(grant, "mine")
    assert not await shared_grants.claim(grant, "mine", until=LATER, now=A_TIME)
