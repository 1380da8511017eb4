"""What every adapter of the port Sessions promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from application.ports.sessions import Sessions
from application.ports.storage import Storage
from domain.session import Session
from tests.contract.examples import A_TIME, ODD_TEXTS, a_hash, a_session, a_session_id, a_user_id


def successor(session: Session) -> Session:
    later = session.renewed_at + timedelta(seconds=1, microseconds=1)
    return replace(session, refresh=a_hash(), previous=session.refresh, renewed_at=later)


async def test_a_session_comes_back_whole(sessions: Sessions, another_storage: Storage) -> None:
    added = a_session(previous=a_hash(), device=ODD_TEXTS["emoji"])
    await sessions.add(added)
    for everywhere in (sessions, another_storage.sessions):
        assert await everywhere.find(added.user, added.id) == added


async def test_what_never_was_is_not_found(sessions: Sessions) -> None:
    assert await sessions.find(a_user_id(), a_session_id()) is None


async def test_another_users_session_is_not_found(sessions: Sessions) -> None:
    added = a_session()
    await sessions.add(added)
    assert await sessions.find(a_user_id(), added.id) is None


async def test_its_times_are_not_judged_here(sessions: Sessions) -> None:
    long_past = a_session()
    long_past = replace(long_past, expires_at=long_past.created_at - timedelta(days=3650))
    await sessions.add(long_past)
    assert await sessions.find(long_past.user, long_past.id) == long_past


async def test_a_renewal_replaces_the_session(sessions: Sessions, another_storage: Storage) -> None:
    added = a_session()
    await sessions.add(added)
    renewed = successor(added)
    assert await sessions.renew(renewed, expected=added.refresh)
    assert await another_storage.sessions.find(added.user, added.id) == renewed


async def test_a_renewal_from_another_hash_changes_nothing(sessions: Sessions) -> None:
    added = a_session()
    await sessions.add(added)
    assert not await sessions.renew(successor(added), expected=a_hash())
    assert await sessions.find(added.user, added.id) == added


async def test_of_many_renewals_from_one_hash_the_first_wins(sessions: Sessions, callers: list[Storage]) -> None:
    added = a_session()
    await sessions.add(added)
    rivals = [successor(added) for _ in callers]
    calls = (caller.sessions.renew(r, expected=added.refresh) for caller, r in zip(callers, rivals, strict=True))
    won = await asyncio.gather(*calls)
    assert sum(won) == 1
    assert await sessions.find(added.user, added.id) == rivals[won.index(True)]


async def test_an_ended_session_is_gone_for_everybody_at_once(sessions: Sessions, another_storage: Storage) -> None:
    added = a_session()
    await sessions.add(added)
    await another_storage.sessions.find(added.user, added.id)
    await sessions.end(added.user, added.id)
    assert await sessions.find(added.user, added.id) is None
    assert await another_storage.sessions.find(added.user, added.id) is None


async def test_ending_one_leaves_the_others(sessions: Sessions) -> None:
    one = a_session()
    another = a_session(user=one.user)
    await sessions.add(one)
    await sessions.add(another)
    await sessions.end(one.user, one.id)
    assert await sessions.find(one.user, another.id) == another


async def test_ending_what_is_gone_is_no_error(sessions: Sessions) -> None:
    added = a_session()
    await sessions.add(added)
    await sessions.end(added.user, added.id)
    await sessions.end(added.user, added.id)
    await sessions.end(a_user_id(), a_session_id())


async def test_of_many_who_end_a_session_one_has_ended_it(sessions: Sessions, callers: list[Storage]) -> None:
    added = a_session()
    await sessions.add(added)
    ended = await asyncio.gather(*(caller.sessions.end(added.user, added.id) for caller in callers))
    assert sorted(ended) == [False] * (len(callers) - 1) + [True]
    assert not await sessions.end(added.user, added.id)


async def test_nobody_ends_another_users_session(sessions: Sessions) -> None:
    added = a_session()
    await sessions.add(added)
    await sessions.end(a_user_id(), added.id)
    assert await sessions.find(added.user, added.id) == added


async def test_a_renewal_never_brings_back_what_was_ended(sessions: Sessions) -> None:
    added = a_session()
    await sessions.add(added)
    await sessions.end(added.user, added.id)
    assert not await sessions.renew(successor(added), expected=added.refresh)
    assert await sessions.find(added.user, added.id) is None


async def test_ending_wins_against_renewals_at_the_same_moment(sessions: Sessions, another_storage: Storage) -> None:
    for _ in range(20):
        added = a_session()
        await sessions.add(added)
        await asyncio.gather(
            *(sessions.renew(successor(added), expected=added.refresh) for _ in range(2)),
            another_storage.sessions.end(added.user, added.id),
            *(another_storage.sessions.renew(successor(added), expected=added.refresh) for _ in range(2)),
        )
        assert await sessions.find(added.user, added.id) is None


async def test_all_sessions_of_a_user_end_together(sessions: Sessions, another_storage: Storage) -> None:
    first = a_session()
    mine = [first, *(a_session(user=first.user) for _ in range(4))]
    for session in mine:
        await sessions.add(session)
    await another_storage.sessions.end_all(first.user)
    assert [await sessions.find(session.user, session.id) for session in mine] == [None] * len(mine)
    assert not await sessions.renew(successor(first), expected=first.refresh)


async def test_the_sessions_of_others_live_on(sessions: Sessions) -> None:
    mine, theirs = a_session(), a_session()
    await sessions.add(mine)
    await sessions.add(theirs)
    await sessions.end_all(mine.user)
    assert await sessions.find(theirs.user, theirs.id) == theirs


async def test_ending_all_of_nobody_is_no_error(sessions: Sessions) -> None:
    await sessions.end_all(a_user_id())


async def test_what_was_added_after_all_ended_lives(sessions: Sessions, another_storage: Storage) -> None:
    user = a_user_id()
    for round_ in range(3):
        before, after = a_session(user=user), a_session(user=user)
        await sessions.add(before)
        await sessions.end_all(user)
        await another_storage.sessions.add(after)
        assert await another_storage.sessions.find(user, before.id) is None, round_
        assert await sessions.find(user, after.id) == after, round_
        assert await sessions.renew(successor(after), expected=after.refresh), round_


async def test_ending_all_wins_against_renewals_at_the_same_moment(
    sessions: Sessions, another_storage: Storage
) -> None:
    for _ in range(20):
        added = a_session()
        await sessions.add(added)
        await asyncio.gather(
            sessions.renew(successor(added), expected=added.refresh),
            another_storage.sessions.end_all(added.user),
            another_storage.sessions.renew(successor(added), expected=added.refresh),
        )
        assert await sessions.find(added.user, added.id) is None


async def test_all_live_ones_of_a_user_come_in_the_order_of_their_ids(
    sessions: Sessions, another_storage: Storage
) -> None:
    first = a_session(device=ODD_TEXTS["emoji"])
    mine = [first, *(a_session(user=first.user, previous=a_hash()) for _ in range(4))]
    for session in reversed(mine):
        await sessions.add(session)
    await sessions.add(a_session())
    mine[2] = successor(mine[2])
    assert await sessions.renew(mine[2], expected=mine[2].previous or a_hash())
    expected = sorted(mine, key=lambda session: session.id)
    for everywhere in (sessions, another_storage.sessions):
        assert list(await everywhere.of_user(first.user)) == expected


async def test_who_never_signed_in_has_no_sessions(sessions: Sessions) -> None:
    assert list(await sessions.of_user(a_user_id())) == []


async def test_an_ended_session_is_not_among_them(sessions: Sessions, another_storage: Storage) -> None:
    ended = a_session()
    other = a_session(user=ended.user)
    await sessions.add(ended)
    await sessions.add(other)
    await sessions.end(ended.user, ended.id)
    assert list(await another_storage.sessions.of_user(ended.user)) == [other]
    await another_storage.sessions.end(other.user, other.id)
    assert list(await sessions.of_user(ended.user)) == []


async def test_after_all_have_ended_those_added_later_are_listed(sessions: Sessions, another_storage: Storage) -> None:
    user = a_user_id()
    for _ in range(2):
        await sessions.add(a_session(user=user))
        await sessions.end_all(user)
        assert list(await another_storage.sessions.of_user(user)) == []
    later = a_session(user=user)
    await sessions.add(later)
    assert list(await another_storage.sessions.of_user(user)) == [later]


async def test_the_times_of_those_listed_are_not_judged(sessions: Sessions) -> None:
    long_past = a_session(expires_at=A_TIME - timedelta(days=3650))
    await sessions.add(long_past)
    assert list(await sessions.of_user(long_past.user)) == [long_past]


async def test_of_many_added_at_once_all_are_listed(sessions: Sessions, callers: list[Storage]) -> None:
    user = a_user_id()
    added = [a_session(user=user) for _ in callers]
    await asyncio.gather(*(caller.sessions.add(one) for caller, one in zip(callers, added, strict=True)))
    assert list(await sessions.of_user(user)) == sorted(added, key=lambda session: session.id)
