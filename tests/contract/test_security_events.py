"""What every adapter of the port SecurityEvents promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.security_events import SecurityEvents
from application.ports.storage import Storage
from domain.ids import EventId, UserId
from domain.security_event import EventOutcome, SecurityAction, SecurityEvent
from tests.contract.examples import A_TIME, ODD_TEXTS, a_user_id, an_event, an_event_id

NEAR = timedelta(milliseconds=1)
FAR = timedelta(days=2, hours=7)


async def walk(events: SecurityEvents, user: UserId, *, limit: int) -> list[SecurityEvent]:
    """All events of ``user``, page by page; each page before the last one is full."""
    found: list[SecurityEvent] = []
    before: EventId | None = None
    while True:
        page = await events.page(user, before=before, limit=limit)
        assert len(page) <= limit
        found += page
        if len(page) < limit:
            return found
        before = page[-1].id


async def some_events(
    events: SecurityEvents, amount: int, *, apart: timedelta = NEAR
) -> tuple[UserId, list[SecurityEvent]]:
    """Kept, of one user, the oldest first."""
    user = a_user_id()
    kept = [an_event(user, A_TIME + number * apart, request_id=f"{number}") for number in range(amount)]
    for event in kept:
        await events.add(event)
    return user, kept


@pytest.mark.parametrize("action", SecurityAction)
async def test_an_event_comes_back_whole(
    security_events: SecurityEvents, another_storage: Storage, action: SecurityAction
) -> None:
    user = a_user_id()
    event = an_event(user, action=action, outcome=EventOutcome.FAILURE, reason="login_failed")
    await security_events.add(event)
    for everywhere in (security_events, another_storage.security_events):
        assert list(await everywhere.page(user, before=None, limit=10)) == [event]


async def test_an_event_may_lack_a_caller(security_events: SecurityEvents) -> None:
    event = an_event(user := a_user_id(), address=None, request_id=None)
    await security_events.add(event)
    assert list(await security_events.page(user, before=None, limit=10)) == [event]


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
async def test_any_text_comes_back(security_events: SecurityEvents, text: str) -> None:
    event = an_event(user := a_user_id(), address=text, request_id=text, reason=text)
    await security_events.add(event)
    assert list(await security_events.page(user, before=None, limit=10)) == [event]


async def test_the_address_that_was_given_is_not_kept(security_events: SecurityEvents) -> None:
    event = an_event(user := a_user_id(), named="0123456789abcdef")
    await security_events.add(event)
    assert list(await security_events.page(user, before=None, limit=10)) == [replace(event, named="")]


async def test_who_did_nothing_has_no_events(security_events: SecurityEvents) -> None:
    assert list(await security_events.page(a_user_id(), before=None, limit=10)) == []
    assert list(await security_events.page(a_user_id(), before=an_event_id(A_TIME), limit=10)) == []


async def test_people_have_events_of_their_own(security_events: SecurityEvents) -> None:
    mine, theirs = an_event(a_user_id()), an_event(a_user_id())
    await security_events.add(mine)
    await security_events.add(theirs)
    assert mine.user is not None
    assert list(await security_events.page(mine.user, before=None, limit=10)) == [mine]


async def test_the_newest_comes_first_by_its_id(security_events: SecurityEvents) -> None:
    user = a_user_id()
    ids = [an_event_id(A_TIME + number * FAR) for number in range(6)]
    # Clocks of several processes differ: what an id says counts.
    kept = [an_event(user, A_TIME - number * NEAR, id=id_) for number, id_ in enumerate(ids)]
    for number in (3, 0, 5, 1, 4, 2):
        await security_events.add(kept[number])
    assert list(await security_events.page(user, before=None, limit=10)) == kept[::-1]


@pytest.mark.parametrize("limit", [1, 3, 12, 13])
@pytest.mark.parametrize("apart", [NEAR, FAR], ids=["of one day", "of a month"])
async def test_pages_of_any_size_give_every_event_once(
    security_events: SecurityEvents, another_storage: Storage, limit: int, apart: timedelta
) -> None:
    user, kept = await some_events(security_events, 12, apart=apart)
    assert await walk(another_storage.security_events, user, limit=limit) == kept[::-1]


@pytest.mark.parametrize("apart", [NEAR, FAR], ids=["of one day", "of a month"])
async def test_a_page_begins_before_any_id_whether_it_is_there_or_not(
    security_events: SecurityEvents, apart: timedelta
) -> None:
    user, kept = await some_events(security_events, 8, apart=apart)
    between = an_event_id(A_TIME + 4 * apart - NEAR)
    assert list(await security_events.page(user, before=kept[3].id, limit=2)) == [kept[2], kept[1]]
    assert list(await security_events.page(user, before=between, limit=100))[-3:] == kept[2::-1]
    assert list(await security_events.page(user, before=kept[0].id, limit=2)) == []
    assert list(await security_events.page(user, before=an_event_id(A_TIME - FAR), limit=2)) == []
    assert list(await security_events.page(user, before=an_event_id(A_TIME + 99 * FAR), limit=1)) == [kept[-1]]


async def test_adding_it_again_is_harmless(security_events: SecurityEvents, another_storage: Storage) -> None:
    event = an_event(user := a_user_id())
    await security_events.add(event)
    await another_storage.security_events.add(event)
    assert list(await security_events.page(user, before=None, limit=10)) == [event]


async def test_of_many_at_once_all_are_kept_once(security_events: SecurityEvents, callers: list[Storage]) -> None:
    user = a_user_id()
    kept = [an_event(user, A_TIME + number * NEAR) for number in range(len(callers) // 2)]
    calls = (caller.security_events.add(event) for caller, event in zip(callers, kept * 2, strict=True))
    await asyncio.gather(*calls)
    assert await walk(security_events, user, limit=7) == kept[::-1]


async def test_an_event_is_kept_for_ninety_days(security_events: SecurityEvents) -> None:
    first = an_event(user := a_user_id())
    await security_events.add(first)
    for days in (1, 90):
        await security_events.add(an_event(a_user_id(), A_TIME + timedelta(days=days)))
    assert list(await security_events.page(user, before=None, limit=10)) == [first]
