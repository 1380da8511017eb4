"""What every storage promises about an account that goes: nothing of it is found again, whoever writes meanwhile."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.connections import Connections
from application.ports.profiles import Profiles
from application.ports.runs import Runs
from application.ports.security_events import SecurityEvents
from application.ports.sessions import Sessions
from application.ports.storage import Storage
from domain.connection import Connection
from domain.errors import VersionSuperseded
from domain.sync import RunCounts, RunStatus
from domain.user import Profile
from tests.contract.examples import (
    A_TIME,
    a_connection,
    a_connection_id,
    a_hash,
    a_run,
    a_session,
    a_user_id,
    an_event,
)

LATER = A_TIME + timedelta(days=1, microseconds=1)
COUNTS = RunCounts(seen=1)
RACES = 30

# What people tell about themselves


async def test_a_profile_that_was_removed_is_gone_for_everybody(profiles: Profiles, another_storage: Storage) -> None:
    gone, kept = a_user_id(), a_user_id()
    for user in (gone, kept):
        await profiles.update(user, Profile(company="Acme", preferences={"theme": "dark"}))
    await profiles.remove(gone)
    for everywhere in (profiles, another_storage.profiles):
        assert await everywhere.of(gone) == Profile()
        assert (await everywhere.of(kept)).company == "Acme"


async def test_removing_what_nobody_told_is_no_error(profiles: Profiles) -> None:
    user = a_user_id()
    await profiles.remove(user)
    await profiles.update(user, Profile(company="Acme"))
    for _ in range(2):
        await profiles.remove(user)
    assert await profiles.of(user) == Profile()


async def test_a_late_change_of_a_profile_brings_nothing_back(profiles: Profiles, another_storage: Storage) -> None:
    for _ in range(RACES):
        user = a_user_id()
        told = await profiles.update(user, Profile(company="Acme"))
        changed, _ = await asyncio.gather(
            another_storage.profiles.update(user, replace(told, company="Globex")),
            profiles.remove(user),
            return_exceptions=True,
        )
        assert isinstance(changed, Profile | VersionSuperseded)
        assert await another_storage.profiles.of(user) == Profile()
        with pytest.raises(VersionSuperseded):
            await profiles.update(user, replace(told, company="Globex"))
        assert await profiles.of(user) == Profile()


# Sessions


async def test_sessions_that_were_forgotten_are_gone_for_everybody(
    sessions: Sessions, another_storage: Storage
) -> None:
    first, theirs = a_session(), a_session()
    mine = [first, *(a_session(user=first.user) for _ in range(4))]
    for session in (*mine, theirs):
        await sessions.add(session)
    await sessions.end(first.user, mine[1].id)
    await another_storage.sessions.forget(first.user)
    for everywhere in (sessions, another_storage.sessions):
        assert list(await everywhere.of_user(first.user)) == []
        assert [await everywhere.find(session.user, session.id) for session in mine] == [None] * len(mine)
        assert list(await everywhere.of_user(theirs.user)) == [theirs]


async def test_forgetting_sessions_again_is_no_error(sessions: Sessions) -> None:
    await sessions.forget(a_user_id())
    ended = a_session()
    await sessions.add(ended)
    await sessions.end_all(ended.user)
    for _ in range(2):
        await sessions.forget(ended.user)
    await sessions.end_all(ended.user)
    await sessions.forget(ended.user)
    assert list(await sessions.of_user(ended.user)) == []


async def test_a_renewal_never_brings_back_what_was_forgotten(sessions: Sessions, another_storage: Storage) -> None:
    for _ in range(RACES):
        added = a_session()
        await sessions.add(added)
        renewed = replace(added, refresh=a_hash(), previous=added.refresh, renewed_at=LATER)
        await asyncio.gather(
            another_storage.sessions.renew(renewed, expected=added.refresh),
            sessions.forget(added.user),
            another_storage.sessions.end(added.user, added.id),
        )
        assert await another_storage.sessions.find(added.user, added.id) is None
        assert not await sessions.renew(renewed, expected=added.refresh)
        assert not await sessions.renew(replace(renewed, refresh=a_hash()), expected=renewed.refresh)
        assert list(await sessions.of_user(added.user)) == []


async def test_several_may_forget_sessions_at_once(sessions: Sessions, callers: list[Storage]) -> None:
    first = a_session()
    for session in (first, *(a_session(user=first.user) for _ in range(4))):
        await sessions.add(session)
    await asyncio.gather(*(caller.sessions.forget(first.user) for caller in callers[:6]))
    assert list(await sessions.of_user(first.user)) == []


# Security events


async def test_events_that_were_cleared_are_gone_however_old(
    security_events: SecurityEvents, another_storage: Storage
) -> None:
    gone, kept = a_user_id(), a_user_id()
    for days in (0, 1, 3, 30, 89):
        for user in (gone, kept):
            await security_events.add(an_event(user, A_TIME - timedelta(days=days)))
    await another_storage.security_events.clear(gone)
    for everywhere in (security_events, another_storage.security_events):
        assert await everywhere.page(gone, before=None, limit=100) == []
        assert len(await everywhere.page(kept, before=None, limit=100)) == 5


async def test_clearing_events_again_is_no_error(security_events: SecurityEvents) -> None:
    user = a_user_id()
    for _ in range(2):
        await security_events.clear(user)
    event = an_event(user)
    await security_events.add(event)
    assert await security_events.page(user, before=None, limit=100) == [event]
    for _ in range(2):
        await security_events.clear(user)
    assert await security_events.page(user, before=None, limit=100) == []


# Runs


async def test_runs_that_were_cleared_are_gone_for_everybody(runs: Runs, another_storage: Storage) -> None:
    connection = a_connection_id()
    ended = await runs.open(a_run(connection))
    await runs.finish(ended.id, RunStatus.SUCCEEDED, at=LATER, counts=COUNTS)
    going_on = await runs.open(a_run(connection))
    theirs = await runs.open(a_run(a_connection_id()))
    await another_storage.runs.clear(connection)
    for everywhere in (runs, another_storage.runs):
        assert await everywhere.latest(connection) is None
        assert [await everywhere.find(run.id) for run in (ended, going_on)] == [None, None]
        assert await everywhere.latest(theirs.connection) == await everywhere.find(theirs.id) == theirs


async def test_clearing_runs_again_is_no_error(runs: Runs) -> None:
    connection = a_connection_id()
    await runs.clear(connection)
    await runs.open(a_run(connection))
    for _ in range(2):
        await runs.clear(connection)
    assert await runs.latest(connection) is None


async def test_a_late_word_of_a_run_brings_nothing_back(runs: Runs, another_storage: Storage) -> None:
    for _ in range(RACES):
        run = await runs.open(a_run(a_connection_id()))
        await asyncio.gather(
            another_storage.runs.mark(run.id, RunStatus.RUNNING, at=LATER),
            runs.clear(run.connection),
            another_storage.runs.finish(run.id, RunStatus.SUCCEEDED, at=LATER, counts=COUNTS),
            runs.request_cancel(run.id),
        )
        assert await another_storage.runs.mark(run.id, RunStatus.WAITING, at=LATER) is None
        assert await runs.finish(run.id, RunStatus.FAILED, at=LATER, counts=COUNTS) is None
        assert await runs.find(run.id) is None
        assert await another_storage.runs.latest(run.connection) is None


# Connections


async def test_connections_that_were_forgotten_are_gone_for_everybody(
    connections: Connections, another_storage: Storage
) -> None:
    first = await connections.connect(a_connection())
    removed = await connections.connect(a_connection(user=first.user))
    theirs = await connections.connect(replace(first, user=a_user_id(), id=a_connection_id()))
    await connections.remove(removed.user, removed.id)
    await another_storage.connections.forget(first.user)
    for everywhere in (connections, another_storage.connections):
        assert await everywhere.of_user(first.user) == ()
        assert [await everywhere.find(one.user, one.id) for one in (first, removed)] == [None, None]
        assert await everywhere.of_user(theirs.user) == (theirs,)


async def test_forgetting_connections_again_is_no_error(connections: Connections) -> None:
    await connections.forget(a_user_id())
    gone = await connections.connect(a_connection())
    for _ in range(2):
        await connections.forget(gone.user)
    await connections.remove(gone.user, gone.id)
    assert await connections.of_user(gone.user) == ()


async def test_a_late_change_of_a_connection_brings_nothing_back(
    connections: Connections, another_storage: Storage
) -> None:
    for _ in range(RACES):
        first = await connections.connect(a_connection())
        changed, *_ = await asyncio.gather(
            another_storage.connections.update(replace(first, last_sync_at=LATER)),
            connections.forget(first.user),
            another_storage.connections.remove(first.user, first.id),
            return_exceptions=True,
        )
        assert isinstance(changed, Connection | VersionSuperseded)
        with pytest.raises(VersionSuperseded):
            await connections.update(replace(first, last_sync_at=LATER))
        assert await another_storage.connections.find(first.user, first.id) is None
        assert await connections.of_user(first.user) == ()
