"""Every method of a stored port that writes under a condition, at work: for stores whose answers get lost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from application.ports.storage import Storage
from domain.connection import ConnectionStatus
from domain.errors import EpochSuperseded
from domain.sync import RunCounts, RunStatus
from domain.user import Profile
from tests.contract.examples import (
    A_TIME,
    a_connection,
    a_connection_id,
    a_credential,
    a_grant_id,
    a_hash,
    a_reset,
    a_run,
    a_run_id,
    a_session,
    a_user,
    some_changes,
)

LATER = A_TIME + timedelta(minutes=1)
COUNTS = RunCounts(seen=1, added=1)

On = Callable[[Storage], Awaitable[Any]]


async def nothing(_: Storage) -> None:
    pass


@dataclass(frozen=True)
class Case:
    act: On
    look: On
    before: On = nothing


def registering() -> Case:
    user = a_user()
    return Case(lambda on: on.users.add(user), lambda on: on.users.by_id(user.id))


def asking_to_reset_a_password() -> Case:
    user, reset = a_user(), a_reset()
    return Case(
        before=lambda on: on.users.add(user),
        act=lambda on: on.users.update(replace(user, reset=reset)),
        look=lambda on: on.users.by_email(user.email),
    )


def telling_about_oneself() -> Case:
    user, profile = a_user().id, Profile(full_name="Ann", preferences={"theme": "dark"})
    return Case(lambda on: on.profiles.update(user, profile), lambda on: on.profiles.of(user))


def telling_more_about_oneself() -> Case:
    user, profile = a_user().id, Profile(full_name="Ann")
    return Case(
        before=lambda on: on.profiles.update(user, profile),
        act=lambda on: on.profiles.update(user, replace(profile, company="Acme", version=1)),
        look=lambda on: on.profiles.of(user),
    )


def logging_in() -> Case:
    session = a_session()
    return Case(lambda on: on.sessions.add(session), lambda on: on.sessions.find(session.user, session.id))


def renewing_a_session() -> Case:
    session = a_session()
    renewed = replace(session, refresh=a_hash(), previous=session.refresh, renewed_at=LATER)
    return Case(
        before=lambda on: on.sessions.add(session),
        act=lambda on: on.sessions.renew(renewed, expected=session.refresh),
        look=lambda on: on.sessions.find(session.user, session.id),
    )


def logging_out() -> Case:
    session = a_session()
    return Case(
        before=lambda on: on.sessions.add(session),
        act=lambda on: on.sessions.end(session.user, session.id),
        look=lambda on: on.sessions.find(session.user, session.id),
    )


def logging_out_everywhere() -> Case:
    session = a_session()
    return Case(
        before=lambda on: on.sessions.add(session),
        act=lambda on: on.sessions.end_all(session.user),
        look=lambda on: on.sessions.find(session.user, session.id),
    )


def connecting() -> Case:
    connection = a_connection()
    return Case(lambda on: on.connections.connect(connection), lambda on: on.connections.of_user(connection.user))


def reconnecting() -> Case:
    connection = a_connection()
    again = replace(connection, id=a_connection_id(), connected_at=LATER)
    return Case(
        before=lambda on: on.connections.connect(connection),
        act=lambda on: on.connections.connect(again),
        look=lambda on: on.connections.of_user(connection.user),
    )


def updating_a_connection() -> Case:
    connection = a_connection()
    return Case(
        before=lambda on: on.connections.connect(connection),
        act=lambda on: on.connections.update(replace(connection, status=ConnectionStatus.NEEDS_REAUTH)),
        look=lambda on: on.connections.of_user(connection.user),
    )


def removing_a_connection() -> Case:
    connection = a_connection()
    return Case(
        before=lambda on: on.connections.connect(connection),
        act=lambda on: on.connections.remove(connection.user, connection.id),
        look=lambda on: on.connections.of_user(connection.user),
    )


def connecting_what_was_removed() -> Case:
    connection = a_connection()
    again = replace(connection, id=a_connection_id(), connected_at=LATER)

    async def connect_and_remove(on: Storage) -> None:
        await on.connections.connect(connection)
        await on.connections.remove(connection.user, connection.id)

    return Case(
        before=connect_and_remove,
        act=lambda on: on.connections.connect(again),
        look=lambda on: on.connections.of_user(connection.user),
    )


def granting() -> Case:
    credential = a_credential()
    return Case(lambda on: on.credentials.put(credential), lambda on: on.credentials.find(credential.connection))


def claiming_a_refresh() -> Case:
    credential = a_credential()
    return Case(
        before=lambda on: on.credentials.put(credential),
        act=lambda on: on.credentials.claim(credential, until=LATER, now=A_TIME),
        look=lambda on: on.credentials.find(credential.connection),
    )


def storing_a_refresh() -> Case:
    credential = a_credential()
    renewed = a_credential(connection=credential.connection)
    return Case(
        before=lambda on: on.credentials.put(credential),
        act=lambda on: on.credentials.replace(renewed, expected=credential.revision),
        look=lambda on: on.credentials.find(credential.connection),
    )


def removing_a_credential() -> Case:
    credential = a_credential()
    return Case(
        before=lambda on: on.credentials.put(credential),
        act=lambda on: on.credentials.remove(credential.connection, revision=credential.revision),
        look=lambda on: on.credentials.find(credential.connection),
    )


def claiming_a_shared_grant() -> Case:
    grant = a_grant_id()
    return Case(
        act=lambda on: on.shared_grants.claim(grant, "mine", until=LATER, now=A_TIME),
        look=lambda on: on.shared_grants.claim(grant, "yours", until=LATER, now=A_TIME),
    )


def releasing_a_shared_grant() -> Case:
    grant = a_grant_id()
    return Case(
        before=lambda on: on.shared_grants.claim(grant, "mine", until=LATER, now=A_TIME),
        act=lambda on: on.shared_grants.release(grant, "mine"),
        look=lambda on: on.shared_grants.claim(grant, "yours", until=LATER, now=A_TIME),
    )


def beginning() -> Case:
    connection, run = a_connection_id(), a_run_id()
    return Case(lambda on: on.sync_states.begin(connection, run), lambda on: on.sync_states.find(connection))


def advancing() -> Case:
    connection, run = a_connection_id(), a_run_id()

    async def advance(on: Storage) -> None:
        await on.sync_states.advance(replace(await on.sync_states.find(connection), sequence=100))

    return Case(
        before=lambda on: on.sync_states.begin(connection, run),
        act=advance,
        look=lambda on: on.sync_states.find(connection),
    )


def appending() -> Case:
    connection = a_connection_id()
    changes = some_changes(connection, range(1, 121))
    return Case(
        act=lambda on: on.changes.append(connection, 1, changes),
        look=lambda on: on.changes.between(connection, after=0, until=1000),
    )


def taking_over() -> Case:
    connection = a_connection_id()
    changes = some_changes(connection, range(1, 11))

    async def is_refused(on: Storage) -> bool:
        try:
            await on.changes.append(connection, 1, changes)
        except EpochSuperseded:
            return True
        return False

    return Case(
        before=lambda on: on.changes.append(connection, 1, changes),
        act=lambda on: on.changes.take_over(connection, 2, published=3),
        look=is_refused,
    )


def clearing_a_log() -> Case:
    connection = a_connection_id()
    changes = some_changes(connection, range(1, 11))
    return Case(
        before=lambda on: on.changes.append(connection, 1, changes),
        act=lambda on: on.changes.clear(connection, until=7),
        look=lambda on: on.changes.between(connection, after=0, until=1000),
    )


def opening_a_run() -> Case:
    run = a_run(a_connection_id())
    return Case(lambda on: on.runs.open(run), lambda on: on.runs.latest(run.connection))


def marking_a_run() -> Case:
    run = a_run(a_connection_id())
    return Case(
        before=lambda on: on.runs.open(run),
        act=lambda on: on.runs.mark(run.id, RunStatus.RUNNING, at=LATER),
        look=lambda on: on.runs.find(run.id),
    )


def cancelling_a_run() -> Case:
    run = a_run(a_connection_id())
    return Case(
        before=lambda on: on.runs.open(run),
        act=lambda on: on.runs.request_cancel(run.id),
        look=lambda on: on.runs.find(run.id),
    )


def finishing_a_run() -> Case:
    run = a_run(a_connection_id())
    return Case(
        before=lambda on: on.runs.open(run),
        act=lambda on: on.runs.finish(run.id, RunStatus.SUCCEEDED, at=LATER, counts=COUNTS),
        look=lambda on: on.runs.latest(run.connection),
    )


CASES = [
    registering,
    asking_to_reset_a_password,
    telling_about_oneself,
    telling_more_about_oneself,
    logging_in,
    renewing_a_session,
    logging_out,
    logging_out_everywhere,
    connecting,
    reconnecting,
    updating_a_connection,
    removing_a_connection,
    connecting_what_was_removed,
    granting,
    claiming_a_refresh,
    storing_a_refresh,
    removing_a_credential,
    claiming_a_shared_grant,
    releasing_a_shared_grant,
    beginning,
    advancing,
    appending,
    taking_over,
    clearing_a_log,
    opening_a_run,
    marking_a_run,
    cancelling_a_run,
    finishing_a_run,
]
