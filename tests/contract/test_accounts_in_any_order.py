"""Accounts and what is theirs under any order of calls: every store answers as the memory one does."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from application.ports.storage import Storage
from domain.connection import Account, Connection
from domain.errors import EmailTaken
from domain.registration import Registration
from domain.security_event import SecurityEvent
from domain.session import Session
from domain.user import Profile, User
from tests.contract.examples import (
    A_TIME,
    a_connection,
    a_hash,
    a_registration,
    a_reset,
    a_session,
    a_token_hash,
    a_user,
    an_address,
    an_event,
    an_event_id,
)
from tests.contract.side_by_side import SideBySide, answers_alike

PEOPLE = st.integers(0, 2)
VERSIONS = st.integers(0, 3)
MOMENTS = st.none() | st.integers(0, 5).map(lambda hours: A_TIME + timedelta(hours=hours))
DAYS = st.floats(0, 60)
AN_END = datetime.now(UTC) + timedelta(hours=1)


class AccountsInAnyOrder(SideBySide):
    """Three people and two addresses: the first two want the same one."""

    def __init__(self, stores: tuple[Storage, Storage], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(stores, loop)
        first = a_user()
        self.people = [first, a_user(email=first.email), a_user()]
        self.owners: set[int] = set()
        self.accounts: list[User] = []
        self.sessions: list[Session] = []
        self.connections: list[Connection] = []
        self.addresses = [an_address() for _ in range(2)]
        self.registrations = [
            a_registration(email=self.addresses[n % 2], created_at=A_TIME + timedelta(minutes=n)) for n in range(5)
        ]
        self.tokens = [a_token_hash() for _ in range(4)]
        self.events: list[SecurityEvent] = []

    @rule(person=PEOPLE, second=st.booleans())
    def register(self, person: int, *, second: bool) -> None:
        if person not in self.owners:
            user = self.people[person]
            if self.both(lambda on: on.users.add(user), second=second) is not EmailTaken:
                self.owners.add(person)
                self.accounts.append(user)

    @rule(data=st.data(), disabled_at=MOMENTS, changed_at=MOMENTS, asked=st.booleans(), second=st.booleans())
    def change_an_account(
        self,
        data: st.DataObject,
        disabled_at: datetime | None,
        changed_at: datetime | None,
        *,
        asked: bool,
        second: bool,
    ) -> None:
        before = data.draw(st.sampled_from(self.accounts + self.people))
        reset = a_reset(A_TIME + timedelta(minutes=len(self.accounts))) if asked else None
        wanted = replace(before, disabled_at=disabled_at, credentials_changed_at=changed_at, reset=reset)
        after = self.both(lambda on: on.users.update(wanted), second=second)
        if isinstance(after, User):
            self.accounts.append(after)

    @rule(person=PEOPLE, version=VERSIONS, name=st.none() | st.text(max_size=5), second=st.booleans())
    def tell(self, person: int, version: int, name: str | None, *, second: bool) -> None:
        user, told = self.people[person].id, Profile(full_name=name, preferences={"a": name or ""}, version=version)
        self.both(lambda on: on.profiles.update(user, told), second=second)

    @rule(person=PEOPLE, second=st.booleans())
    def log_in(self, person: int, *, second: bool) -> None:
        session = a_session(user=self.people[person].id)
        self.both(lambda on: on.sessions.add(session), second=second)
        self.sessions.append(session)

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), second=st.booleans())
    def renew(self, data: st.DataObject, *, second: bool) -> None:
        before = data.draw(st.sampled_from(self.sessions))
        after = replace(before, refresh=a_hash(), previous=before.refresh)
        if self.both(lambda on: on.sessions.renew(after, expected=before.refresh), second=second):
            self.sessions.append(after)

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), second=st.booleans())
    def log_out(self, data: st.DataObject, *, second: bool) -> None:
        session = data.draw(st.sampled_from(self.sessions))
        self.both(lambda on: on.sessions.end(session.user, session.id), second=second)

    @rule(person=PEOPLE, second=st.booleans())
    def log_out_everywhere(self, person: int, *, second: bool) -> None:
        self.both(lambda on: on.sessions.end_all(self.people[person].id), second=second)

    @rule(person=PEOPLE, account=st.sampled_from("ab"), second=st.booleans())
    def connect(self, person: int, account: str, *, second: bool) -> None:
        connection = a_connection(user=self.people[person].id, account=Account(account, "Acme"))
        self.connections.append(self.both(lambda on: on.connections.connect(connection), second=second))

    @precondition(lambda self: self.connections)
    @rule(data=st.data(), scopes=st.sampled_from([(), ("oauth",)]), second=st.booleans())
    def change_a_connection(self, data: st.DataObject, scopes: tuple[str, ...], *, second: bool) -> None:
        before = data.draw(st.sampled_from(self.connections))
        after = self.both(lambda on: on.connections.update(replace(before, scopes=scopes)), second=second)
        if isinstance(after, Connection):
            self.connections.append(after)

    @precondition(lambda self: self.connections)
    @rule(data=st.data(), person=st.none() | PEOPLE, second=st.booleans())
    def remove_a_connection(self, data: st.DataObject, person: int | None, *, second: bool) -> None:
        connection = data.draw(st.sampled_from(self.connections))
        user = connection.user if person is None else self.people[person].id
        self.both(lambda on: on.connections.remove(user, connection.id), second=second)

    @rule(data=st.data(), second=st.booleans())
    def ask_for_an_account(self, data: st.DataObject, *, second: bool) -> None:
        registration: Registration = data.draw(st.sampled_from(self.registrations))
        self.both(lambda on: on.registrations.add(registration), second=second)

    @rule(data=st.data(), second=st.booleans())
    def forget_who_asked(self, data: st.DataObject, *, second: bool) -> None:
        registration: Registration = data.draw(st.sampled_from(self.registrations))
        self.both(lambda on: on.registrations.remove(registration), second=second)

    @rule(number=st.integers(0, 3), second=st.booleans())
    def mail_a_reset(self, number: int, *, second: bool) -> None:
        token, user = self.tokens[number], self.people[number % 3].id
        self.both(lambda on: on.password_resets.add(token, user, expires_at=AN_END), second=second)

    @rule(person=PEOPLE, days=DAYS, second=st.booleans())
    def happen(self, person: int, days: float, *, second: bool) -> None:
        event = an_event(self.people[person].id, A_TIME + timedelta(days=days), named="somebody")
        self.both(lambda on: on.security_events.add(event), second=second)
        self.events.append(event)

    @precondition(lambda self: self.events)
    @rule(data=st.data(), second=st.booleans())
    def happen_again(self, data: st.DataObject, *, second: bool) -> None:
        event = data.draw(st.sampled_from(self.events))
        self.both(lambda on: on.security_events.add(event), second=second)

    @rule(data=st.data(), person=PEOPLE, days=DAYS, limit=st.integers(1, 4), second=st.booleans())
    def look_back(self, data: st.DataObject, person: int, days: float, limit: int, *, second: bool) -> None:
        ids = [event.id for event in self.events] + [an_event_id(A_TIME + timedelta(days=days))]
        before = data.draw(st.none() | st.sampled_from(ids))
        user = self.people[person].id
        self.both(lambda on: self._listed(on.security_events.page(user, before=before, limit=limit)), second=second)

    @invariant()
    def everything_is_the_same(self) -> None:
        self.both(self._everything, second=True)

    async def _everything(self, on: Storage) -> list[Any]:
        asked: list[Awaitable[Any]] = [
            *(self._listed(on.registrations.of(email)) for email in self.addresses),
            *(on.registrations.by_token(one.token) for one in self.registrations),
            *(on.password_resets.user_of(token) for token in self.tokens),
            *(on.sessions.find(one.user, one.id) for one in self.sessions),
            *(on.connections.find(one.user, one.id) for one in self.connections),
        ]
        for user in self.people:
            asked += [
                on.users.by_id(user.id),
                on.users.by_email(user.email),
                on.profiles.of(user.id),
                self._listed(on.sessions.of_user(user.id)),
                on.connections.of_user(user.id),
                self._listed(on.security_events.page(user.id, before=None, limit=100)),
            ]
        return await asyncio.gather(*asked)

    async def _listed(self, asked: Awaitable[Sequence[Any]]) -> list[Any]:
        return list(await asked)


def test_every_store_answers_alike(
    storages: tuple[Storage, Storage], loop: asyncio.AbstractEventLoop, examples: int
) -> None:
    class OnThisStore(AccountsInAnyOrder):
        def __init__(self) -> None:
            super().__init__(storages, loop)

    answers_alike(OnThisStore, examples)
