"""What a person can read of what has happened to the own account: each act once, with who asked for it."""

import asyncio
import time
from datetime import datetime
from typing import Any

import httpx

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED, NewPerson
from tests.e2e.mailbox import CHANGED, RESET, REUSE, Mailbox
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.e2e.test_accounts_change_password import change
from tests.e2e.test_accounts_reset import forgot, logs_in_with, reset
from tests.e2e.test_sessions import GRACE_SECONDS, refreshed_with

NEW, LAST = "another horse, another battery", "a third horse, a third battery"

Told = tuple[str, str, str | None, str]
"""Action, outcome, reason, request id."""


async def events(person: Person, **query: str | int) -> list[dict[str, Any]]:
    """The oldest first."""
    found: list[dict[str, Any]] = (await person.get("/auth/events", params=query))["items"]
    return found[::-1]


async def awaited_events(person: Person, count: int) -> list[dict[str, Any]]:
    """As soon as there are so many: some are written when the answer has gone already."""
    deadline = time.monotonic() + 30
    while len(found := await events(person)) < count:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.1)
    return found


def told(action: str, answer: httpx.Response, reason: str | None = None) -> Told:
    return action, "failure" if reason else "success", reason, answer.headers["x-request-id"]


async def test_each_act_leaves_one_event(product: Product, stranger: Person, mailbox: Mailbox) -> None:
    person, acts = stranger, list[Told]()
    acts.append(told("register", await person.register()))
    acts.append(told("login", await logged_in(person)))
    acts.append(told("login", await person.try_to_log_in(NEW), "login_failed"))
    acts.append(told("password_change", await change(person, NEW, current=NEW), "wrong_password"))
    changed = await change(person, NEW)
    acts.append(told("password_change", changed))
    person.token, person.password = changed.json()["access_token"], NEW
    acts.append(told("logout", await person.by_cookie("/auth/logout")))
    acts.append(told("password_reset_request", await forgot(person)))
    token = await mailbox.token(person.email, RESET)
    acts.append(told("password_reset", await reset(person, token, LAST)))
    person.password = LAST
    acts += [told("login", await logged_in(person)) for _ in range(2)]
    (phone,) = (one["id"] for one in (await person.get("/auth/sessions"))["items"] if not one["current"])
    acts.append(told("session_revoked", await person.call("DELETE", f"/auth/sessions/{phone}")))
    denied = await person.consent((await person.authorize())["url"], decision="deny")
    acts.append(told("connect", await person.visit(denied), "consent_denied"))
    acts.append(told("connect", await person.visit(await person.approved("globex"))))
    await person.first_sync()
    acts.append(told("disconnect", await person.call("POST", "/integrations/hubspot/disconnect")))
    acts.append(told("logout_all", await person.by_cookie("/auth/logout-all")))
    acts.append(told("login", await logged_in(person)))

    found = await awaited_events(person, len(acts))
    assert sorted(acts) == sorted((one["action"], one["outcome"], one["reason"], one["request_id"]) for one in found)
    assert {one["ip"] for one in found} == {"127.0.0.1"}
    assert len({one["id"] for one in found}) == len(found)
    times = [datetime.fromisoformat(one["at"]) for one in found]
    assert times == sorted(times)
    assert all(set(one) == {"id", "action", "outcome", "reason", "at", "ip", "request_id"} for one in found)


async def logged_in(person: Person) -> httpx.Response:
    answer = await person.try_to_log_in()
    assert answer.status_code == 200, answer.text
    person.token = answer.json()["access_token"]
    return answer


@EMBEDDED
async def test_the_id_of_a_request_may_be_the_callers_own(person: Person) -> None:
    own = "a.request-of_mine.17"
    answer = await person.try_to_log_in(headers={"X-Request-Id": own})
    assert answer.headers["x-request-id"] == own
    assert [one["request_id"] for one in await events(person)][-1] == own
    for odd in ("x" * 65, "two words", "semi;colon", "<b>", ""):
        answer = await person.try_to_log_in(headers={"X-Request-Id": odd})
        assert answer.headers["x-request-id"] not in ("", odd)
    assert len({one["request_id"] for one in await events(person)}) == len(await events(person))


async def test_what_happens_to_an_address_without_account_is_nobodys_event(
    product: Product, stranger: Person, new_person: NewPerson, mailbox: Mailbox
) -> None:
    bystander = await new_person(product)
    before = await events(bystander)
    for _ in range(3):
        problem(await stranger.try_to_log_in(), 401, "login_failed")
    await forgot(stranger)
    await forgot(bystander)
    await mailbox.settled(bystander.email, RESET)
    actions = [one["action"] for one in await events(bystander)]
    assert actions == [*(one["action"] for one in before), "password_reset_request"]
    await stranger.register()
    await stranger.log_in()
    assert [one["action"] for one in await events(stranger)] == ["register", "login"]


async def test_events_come_in_pages(person: Person) -> None:
    for _ in range(6):
        await person.log_in()
    whole = (await person.get("/auth/events"))["items"]
    assert len(whole) == 8
    for limit in (1, 3, 8, 1000):
        assert await paged(person, limit) == whole


async def paged(person: Person, limit: int) -> list[dict[str, Any]]:
    found, query = list[dict[str, Any]](), dict[str, str | int](limit=limit)
    while True:
        page = await person.get("/auth/events", params=query)
        assert 0 < len(page["items"]) <= limit
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


async def test_a_page_stays_where_it_was_while_more_happens(person: Person) -> None:
    for _ in range(3):
        await person.log_in()
    first = await person.get("/auth/events", params={"limit": 2})
    rest = (await person.get("/auth/events"))["items"][2:]
    await person.log_in()
    second = await person.get("/auth/events", params={"limit": 100, "cursor": first["next_cursor"]})
    assert (second["items"], second["next_cursor"]) == (rest, None)


async def test_a_cursor_is_its_owners_alone(product: Product, person: Person, new_person: NewPerson) -> None:
    other = await new_person(product)
    cursor = (await other.get("/auth/events", params={"limit": 1}))["next_cursor"]
    altered = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    for odd in (cursor, altered, cursor[:-1], "x", "0", "%00", "A" * 2000, "\u00e9"):
        problem(await person.call("GET", "/auth/events", params={"cursor": odd}), 400, "cursor_invalid")
    assert (await other.call("GET", "/auth/events", params={"cursor": cursor})).status_code == 200


@EMBEDDED
async def test_a_page_has_one_to_a_thousand_events(person: Person) -> None:
    for limit in ("0", "-1", "1001", "1e2", "1.0", "x", "", "9" * 400):
        problem(await person.call("GET", "/auth/events", params={"limit": limit}), 400, "invalid_input")
    for bearer in ("", "x"):
        problem(await person.call("GET", "/auth/events", bearer=bearer), 401, "not_authenticated")


async def test_a_stolen_refresh_token_is_told_of_once(person: Person, mailbox: Mailbox) -> None:
    stolen = person.http.cookies["vs_refresh"]
    for _ in range(2):
        await person.by_cookie("/auth/refresh")
    await asyncio.sleep(GRACE_SECONDS + 0.2)
    for answer in await asyncio.gather(*(refreshed_with(person, stolen) for _ in range(10))):
        problem(answer, 401, "session_ended")
    problem(await refreshed_with(person, stolen), 401, "session_ended")
    await person.log_in()
    await forgot(person)
    await mailbox.settled(person.email, RESET)
    assert [mail.subject for mail in mailbox.of(person.email)].count(REUSE) == 1
    assert mailbox.of(person.email, CHANGED) == []
    found = [(one["action"], one["outcome"], one["reason"]) for one in await events(person)]
    assert ("refresh_reuse", "failure", "session_ended") in found
    assert await logs_in_with(person, PASSWORD) == [PASSWORD]
