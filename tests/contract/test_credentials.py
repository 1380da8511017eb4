"""What every adapter of the port Credentials promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from application.ports.credentials import Credentials
from application.ports.storage import Storage
from domain.credential import Credential
from tests.contract.examples import A_TIME, a_connection_id, a_credential

UNTIL = A_TIME + timedelta(seconds=30)
TICK = timedelta(microseconds=1)


def renewed(credential: Credential) -> Credential:
    return a_credential(connection=credential.connection, access=b"renewed", obtained_at=A_TIME + timedelta(hours=1))


async def test_a_credential_comes_back_whole(credentials: Credentials, another_storage: Storage) -> None:
    credential = a_credential(scopes=("oauth", "crm.objects.contacts.read"))
    await credentials.put(credential)
    for everywhere in (credentials, another_storage.credentials):
        assert await everywhere.find(credential.connection) == credential


async def test_a_credential_may_lack_a_refresh_token_and_an_end(credentials: Credentials) -> None:
    credential = a_credential(refresh=None, expires_at=None, scopes=())
    await credentials.put(credential)
    assert await credentials.find(credential.connection) == credential


async def test_where_none_was_put_none_is_found(credentials: Credentials) -> None:
    assert await credentials.find(a_connection_id()) is None


async def test_the_newest_grant_wins(credentials: Credentials) -> None:
    first = a_credential()
    second = renewed(first)
    await credentials.put(first)
    assert await credentials.claim(first, until=UNTIL, now=A_TIME)
    await credentials.put(second)
    assert await credentials.find(first.connection) == second
    assert await credentials.claim(second, until=UNTIL, now=A_TIME)


async def test_of_many_puts_at_once_one_stays_unmixed(credentials: Credentials, callers: list[Storage]) -> None:
    connection = a_connection_id()
    grants = [a_credential(connection=connection, access=bytes([n]), refresh=bytes([n])) for n, _ in enumerate(callers)]
    await asyncio.gather(*(caller.credentials.put(one) for caller, one in zip(callers, grants, strict=True)))
    assert await credentials.find(connection) in grants


async def test_a_claim_keeps_others_out_until_it_ends(credentials: Credentials, another_storage: Storage) -> None:
    credential = a_credential()
    await credentials.put(credential)
    assert await credentials.claim(credential, until=UNTIL, now=A_TIME)
    assert not await another_storage.credentials.claim(credential, until=UNTIL + TICK, now=UNTIL - TICK)
    assert await credentials.find(credential.connection) == replace(credential, claimed_until=UNTIL)
    assert await another_storage.credentials.claim(credential, until=UNTIL + TICK, now=UNTIL)


async def test_another_revision_cannot_be_claimed(credentials: Credentials) -> None:
    credential = a_credential()
    await credentials.put(credential)
    assert not await credentials.claim(replace(credential, revision="another"), until=UNTIL, now=A_TIME)
    assert await credentials.find(credential.connection) == credential


async def test_what_is_gone_cannot_be_claimed(credentials: Credentials) -> None:
    credential = a_credential()
    assert not await credentials.claim(credential, until=UNTIL, now=A_TIME)
    assert await credentials.find(credential.connection) is None


async def test_of_many_claims_at_once_one_holds(credentials: Credentials, callers: list[Storage]) -> None:
    credential = a_credential()
    await credentials.put(credential)
    claimed = await asyncio.gather(
        *(caller.credentials.claim(credential, until=UNTIL, now=A_TIME) for caller in callers)
    )
    assert sum(claimed) == 1
    assert await credentials.find(credential.connection) == replace(credential, claimed_until=UNTIL)


async def test_of_many_claims_on_an_ended_one_one_holds(credentials: Credentials, callers: list[Storage]) -> None:
    credential = a_credential()
    await credentials.put(credential)
    assert await credentials.claim(credential, until=UNTIL, now=A_TIME)
    later = UNTIL + timedelta(seconds=30)
    claimed = await asyncio.gather(
        *(caller.credentials.claim(credential, until=later, now=UNTIL) for caller in callers)
    )
    assert sum(claimed) == 1


async def test_a_claim_that_is_given_back_can_be_taken(credentials: Credentials, another_storage: Storage) -> None:
    credential = a_credential()
    await credentials.put(credential)
    await credentials.claim(credential, until=UNTIL, now=A_TIME)
    await another_storage.credentials.release(credential, claimed=UNTIL)
    assert await credentials.find(credential.connection) == credential
    assert await credentials.claim(credential, until=UNTIL, now=A_TIME)


async def test_who_gives_a_claim_back_too_late_does_not_give_back_the_next(credentials: Credentials) -> None:
    credential, later = a_credential(), UNTIL + timedelta(seconds=30)
    await credentials.put(credential)
    await credentials.claim(credential, until=UNTIL, now=A_TIME)
    await credentials.claim(credential, until=later, now=UNTIL)
    await credentials.release(credential, claimed=UNTIL)
    assert await credentials.find(credential.connection) == replace(credential, claimed_until=later)


async def test_a_claim_on_another_revision_is_not_given_back(credentials: Credentials) -> None:
    first = a_credential()
    second = renewed(first)
    await credentials.put(second)
    await credentials.claim(second, until=UNTIL, now=A_TIME)
    await credentials.release(first, claimed=UNTIL)
    assert await credentials.find(first.connection) == replace(second, claimed_until=UNTIL)
    await credentials.remove(second.connection, revision=second.revision)
    await credentials.release(second, claimed=UNTIL)
    assert await credentials.find(first.connection) is None


async def test_a_replacement_is_free_of_any_claim(credentials: Credentials, another_storage: Storage) -> None:
    first = a_credential()
    await credentials.put(first)
    await credentials.claim(first, until=UNTIL, now=A_TIME)
    second = renewed(first)
    assert await credentials.replace(replace(second, claimed_until=UNTIL), expected=first.revision)
    assert await another_storage.credentials.find(first.connection) == second
    assert await another_storage.credentials.claim(second, until=UNTIL, now=A_TIME)


async def test_a_replacement_of_another_revision_changes_nothing(credentials: Credentials) -> None:
    first = a_credential()
    await credentials.put(first)
    assert not await credentials.replace(renewed(first), expected="another")
    assert await credentials.find(first.connection) == first


async def test_of_many_replacements_of_one_revision_one_wins(credentials: Credentials, callers: list[Storage]) -> None:
    first = a_credential()
    await credentials.put(first)
    rivals = [renewed(first) for _ in callers]
    calls = (caller.credentials.replace(r, expected=first.revision) for caller, r in zip(callers, rivals, strict=True))
    won = await asyncio.gather(*calls)
    assert sum(won) == 1
    assert await credentials.find(first.connection) == rivals[won.index(True)]


async def test_a_removed_one_is_gone(credentials: Credentials, another_storage: Storage) -> None:
    credential = a_credential()
    await credentials.put(credential)
    await credentials.remove(credential.connection, revision=credential.revision)
    assert await credentials.find(credential.connection) is None
    assert await another_storage.credentials.find(credential.connection) is None


async def test_one_of_another_revision_is_not_removed(credentials: Credentials) -> None:
    credential = a_credential()
    await credentials.put(credential)
    await credentials.remove(credential.connection, revision="another")
    assert await credentials.find(credential.connection) == credential


async def test_removing_what_is_gone_is_no_error(credentials: Credentials) -> None:
    await credentials.remove(a_connection_id(), revision="any")


async def test_what_was_removed_never_comes_back_by_a_late_write(credentials: Credentials) -> None:
    first = a_credential()
    await credentials.put(first)
    await credentials.claim(first, until=UNTIL, now=A_TIME)
    await credentials.remove(first.connection, revision=first.revision)
    assert not await credentials.replace(renewed(first), expected=first.revision)
    assert not await credentials.claim(first, until=UNTIL, now=UNTIL)
    assert await credentials.find(first.connection) is None


async def test_after_a_removal_the_account_can_be_connected_again(credentials: Credentials) -> None:
    first = a_credential()
    await credentials.put(first)
    await credentials.remove(first.connection, revision=first.revision)
    second = renewed(first)
    await credentials.put(second)
    assert await credentials.find(first.connection) == second


async def test_a_replacement_and_a_removal_at_once_leave_one_of_the_two(
    credentials: Credentials, another_storage: Storage
) -> None:
    for _ in range(15):
        first = a_credential()
        second = renewed(first)
        await credentials.put(first)
        replaced, _ = await asyncio.gather(
            credentials.replace(second, expected=first.revision),
            another_storage.credentials.remove(first.connection, revision=first.revision),
        )
        assert await credentials.find(first.connection) == (second if replaced else None)
