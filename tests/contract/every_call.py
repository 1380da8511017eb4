"""Each method of each stored port, once: for stores that are out of reach."""

from collections.abc import Awaitable

from application.ports.storage import Storage
from domain.sync import Change, ChangeKind, RunCounts, RunStatus, SyncState
from domain.user import Profile
from tests.contract.examples import (
    A_TIME,
    a_connection,
    a_credential,
    a_grant_id,
    a_registration,
    a_run,
    a_session,
    a_token_hash,
    a_user,
    an_effect,
    an_event,
    an_item,
)


def every_storage_call(storage: Storage) -> dict[str, Awaitable[object]]:
    """By the name of its method; each is to be awaited."""
    user, connection, session, credential = a_user(), a_connection(), a_session(), a_credential()
    run, effect, item = a_run(connection.id), an_effect(A_TIME), an_item(connection.id)
    registration, token, event = a_registration(), a_token_hash(), an_event(user.id)
    change, grant = Change(ChangeKind.ADDED, item), a_grant_id()
    return {
        "ping": storage.ping(),
        "users.add": storage.users.add(user),
        "users.by_email": storage.users.by_email(user.email),
        "users.by_id": storage.users.by_id(user.id),
        "users.update": storage.users.update(user),
        "users.page": storage.users.page(after=None, limit=1),
        "users.page, long": storage.users.page(after=user.id, limit=1000),
        "profiles.of": storage.profiles.of(user.id),
        "profiles.update": storage.profiles.update(user.id, Profile()),
        "sessions.add": storage.sessions.add(session),
        "sessions.find": storage.sessions.find(session.user, session.id),
        "sessions.of_user": storage.sessions.of_user(session.user),
        "sessions.renew": storage.sessions.renew(session, expected=session.refresh),
        "sessions.end": storage.sessions.end(session.user, session.id),
        "sessions.end_all": storage.sessions.end_all(session.user),
        "registrations.add": storage.registrations.add(registration),
        "registrations.by_token": storage.registrations.by_token(registration.token),
        "registrations.of": storage.registrations.of(registration.email),
        "registrations.remove": storage.registrations.remove(registration),
        "password_resets.add": storage.password_resets.add(token, user.id, expires_at=A_TIME),
        "password_resets.user_of": storage.password_resets.user_of(token),
        "security_events.add": storage.security_events.add(event),
        "security_events.page": storage.security_events.page(user.id, before=event.id, limit=1),
        "security_events.page, long": storage.security_events.page(user.id, before=None, limit=1000),
        "connections.connect": storage.connections.connect(connection),
        "connections.find": storage.connections.find(connection.user, connection.id),
        "connections.of_user": storage.connections.of_user(connection.user),
        "connections.update": storage.connections.update(connection),
        "connections.remove": storage.connections.remove(connection.user, connection.id),
        "credentials.put": storage.credentials.put(credential),
        "credentials.find": storage.credentials.find(credential.connection),
        "credentials.claim": storage.credentials.claim(credential, until=A_TIME, now=A_TIME),
        "credentials.replace": storage.credentials.replace(credential, expected="any"),
        "credentials.remove": storage.credentials.remove(credential.connection, revision="any"),
        "shared_grants.join": storage.shared_grants.join(grant, connection.id),
        "shared_grants.leave": storage.shared_grants.leave(grant, connection.id),
        "shared_grants.holders": storage.shared_grants.holders(grant),
        "shared_grants.claim": storage.shared_grants.claim(grant, "a claim", until=A_TIME, now=A_TIME),
        "shared_grants.release": storage.shared_grants.release(grant, "a claim"),
        "items.put_all": storage.items.put_all(1, [item]),
        "items.stored": storage.items.stored(connection.id, [item.key]),
        "items.find": storage.items.find(connection.id, item.key),
        "items.page": storage.items.page(connection.id, kind=None, after=None, limit=1),
        "items.page, long": storage.items.page(connection.id, kind=None, after=None, limit=1000),
        "items.clear": storage.items.clear(connection.id),
        "changes.append": storage.changes.append(connection.id, 1, [change]),
        "changes.take_over": storage.changes.take_over(connection.id, 1, published=0),
        "changes.between": storage.changes.between(connection.id, after=0, until=1),
        "changes.clear": storage.changes.clear(connection.id, until=1),
        "sync_states.find": storage.sync_states.find(connection.id),
        "sync_states.begin": storage.sync_states.begin(connection.id, run.id),
        "sync_states.advance": storage.sync_states.advance(SyncState(connection.id, epoch=1)),
        "runs.open": storage.runs.open(run),
        "runs.find": storage.runs.find(run.id),
        "runs.latest": storage.runs.latest(connection.id),
        "runs.mark": storage.runs.mark(run.id, RunStatus.RUNNING, at=A_TIME),
        "runs.request_cancel": storage.runs.request_cancel(run.id),
        "runs.finish": storage.runs.finish(run.id, RunStatus.FAILED, at=A_TIME, counts=RunCounts()),
        "outbox.add": storage.outbox.add(effect),
        "outbox.due": storage.outbox.due(A_TIME, limit=1),
        "outbox.postpone": storage.outbox.postpone(effect, until=A_TIME, attempts=1),
        "outbox.done": storage.outbox.done(effect),
    }
