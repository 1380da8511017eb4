"""A provider that throttles, fails or talks nonsense while it is being read."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tests.e2e.conftest import EMBEDDED
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox

CONTACTS = 400
ONLY_CONTACTS = {"contact": CONTACTS, "company": 0, "deal": 0}
LISTING = "/crm/v3/objects/contacts"
CANARY = "canary-41d7"


@pytest.fixture
def sandbox(product: Product) -> Sandbox:
    """Of four pages, and without the provider's own rate limits."""
    product.sandbox.control("PATCH", body={"limits": False, "records": ONLY_CONTACTS})
    return product.sandbox


def received(sandbox: Sandbox, path: str, body: str = "") -> list[dict[str, Any]]:
    calls = sandbox.control("GET", "/requests")["items"]
    return [call for call in calls if call["path"].endswith(path) and body in call["body"]]


def counted(run: dict[str, Any], **counts: int) -> None:
    nothing = dict.fromkeys(("seen", "added", "changed", "unchanged", "deleted", "skipped"), 0)
    assert run["counts"] == nothing | counts, run


async def connected_while(person: Person, *faults: dict[str, Any]) -> dict[str, Any]:
    """The first run at its end, with these answers scripted for it."""
    person.product.sandbox.control("POST", "/faults", list(faults))
    await person.connect()
    return await person.first_sync()


async def all_arrives_with_the_next_sync(person: Person, already: int) -> None:
    person.product.sandbox.control("POST", "/faults", [])
    run = await person.synced()
    counted(run, seen=CONTACTS, added=CONTACTS - already, unchanged=already)
    assert run["status"] == "succeeded"
    status = await person.status()
    assert (status["status"], status["counts"], status["last_error"]) == ("active", {"contact": CONTACTS}, None)
    assert len({item["id"] for item in await person.items()}) == CONTACTS


async def test_a_throttled_run_waits_as_long_as_it_is_told(sandbox: Sandbox, person: Person) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=4), usegmt=True)
    sandbox.control(
        "POST",
        "/faults",
        [
            {"path": LISTING, "after": 2, "status": 429, "headers": {"Retry-After": "2"}},
            {"path": LISTING, "status": 429, "headers": {"Retry-After": date}},
        ],
    )
    await person.connect()
    run = (await person.status())["run"]["id"]
    waiting = await person.until(run, "waiting")
    assert (waiting["counts"]["seen"] <= 200, waiting["error"]["code"]) == (True, "provider_throttled")
    ended = await person.end_of(run)
    counted(ended, seen=CONTACTS, added=CONTACTS)
    assert (ended["status"], ended["error"]) == ("succeeded", None)
    calls = received(sandbox, LISTING)
    refused = [number for number, call in enumerate(calls) if call["status"] == 429]
    assert len(refused) == 2
    moments = [datetime.fromisoformat(call["at"]) for call in calls]
    assert (moments[refused[0] + 1] - moments[refused[0]]).total_seconds() >= 2
    assert (await person.status())["status"] == "active"


@EMBEDDED
@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"status": 502, "body": "<html>"}, {"status": 408}, {"reset": True}, {"cut_after_bytes": 3000}],
    ids=str,
)
async def test_a_fault_in_the_middle_is_got_over(sandbox: Sandbox, person: Person, fault: dict[str, Any]) -> None:
    run = await connected_while(person, {"path": LISTING, "after": 2, "times": 2, **fault})
    counted(run, seen=CONTACTS, added=CONTACTS)
    assert (run["status"], run["error"]) == ("succeeded", None)


@EMBEDDED
async def test_a_provider_that_is_away_for_longer_is_waited_for(sandbox: Sandbox, person: Person) -> None:
    run = await connected_while(person, {"path": LISTING, "after": 2, "times": 3, "status": 503})
    counted(run, seen=CONTACTS, added=CONTACTS)
    assert run["status"] == "succeeded"


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "a page of HTML": ({"status": 200, "body": f"<html>{CANARY}"}, "unreadable_answer"),
    "cut JSON": ({"status": 200, "body": '{"results":[{"id":"1","proper' + CANARY}, "unreadable_answer"),
    "5 MB": ({"status": 200, "body": "x" * 5_000_000}, "unreadable_answer"),
    "deep": ({"status": 200, "body": '{"results":' + "[" * 10_000 + "]" * 10_000 + "}"}, "unreadable_answer"),
    "deep beside": ({"body": '{"x":' + '{"a":' * 9_000 + "1" + "}" * 9_000 + ',"results":[]}'}, "unreadable_answer"),
    "no results": ({"json": {"paging": None}}, "unreadable_answer"),
    "null results": ({"json": {"results": None}}, "unreadable_answer"),
    "a list": ({"json": []}, "unreadable_answer"),
    "number cursor": ({"json": {"results": [], "paging": {"next": {"after": 5}}}}, "unreadable_answer"),
    "no body": ({"status": 204}, "unexpected_answer"),
    "a redirect": ({"status": 302, "headers": {"Location": "http://127.0.0.1:9/"}}, "unexpected_answer"),
    "404": ({"status": 404, "json": {"message": CANARY}}, "unexpected_answer"),
    "403": ({"status": 403, "json": {"message": CANARY}}, "access_forbidden"),
    "the same cursor": ({"json": {"results": [], "paging": {"next": {"after": "200"}}}}, "cursor_loop"),
    "an earlier cursor": ({"json": {"results": [], "paging": {"next": {"after": "100"}}}}, "cursor_loop"),
}


@EMBEDDED
@pytest.mark.parametrize("answer", BROKEN)
async def test_an_answer_that_makes_no_sense_ends_the_run_with_a_reason(
    sandbox: Sandbox, person: Person, answer: str
) -> None:
    fault, code = BROKEN[answer]
    run = await connected_while(person, {"path": LISTING, "after": 2, **fault})
    assert (run["status"], run["error"]["code"]) == ("partial", code)
    assert CANARY not in str(run)
    counted(run, seen=200, added=200)
    status = await person.status()
    assert (status["status"], status["last_error"]["code"], status["counts"]) == ("error", code, {"contact": 200})
    assert status["last_error"]["next_step"]
    assert CANARY not in str(status)
    assert len(await person.items()) == 200
    await all_arrives_with_the_next_sync(person, already=200)


async def test_a_run_that_broke_off_is_made_good_by_the_next(sandbox: Sandbox, person: Person) -> None:
    run = await connected_while(person, {"path": LISTING, "after": 2, "body": "<html>"})
    assert (run["status"], run["error"]["code"]) == ("partial", "unreadable_answer")
    counted(run, seen=200, added=200)
    await all_arrives_with_the_next_sync(person, already=200)


async def test_a_first_page_that_makes_no_sense_fails_the_run(sandbox: Sandbox, person: Person) -> None:
    run = await connected_while(person, {"path": LISTING, "body": "<html>"})
    assert (run["status"], run["error"]["code"]) == ("failed", "unreadable_answer")
    counted(run)
    assert await person.items() == []
    await all_arrives_with_the_next_sync(person, already=0)


async def test_a_failing_sync_takes_nothing_away(sandbox: Sandbox, person: Person) -> None:
    await person.connect()
    await person.first_sync()
    faults: list[dict[str, Any]] = [{"status": 403}, {"body": "<html>"}, {"json": {"results": []}}]
    for fault in faults:
        sandbox.control("POST", "/faults", [{"path": LISTING, **fault}])
        await person.synced()
        assert (await person.get("/items"))["total"] == CONTACTS
        assert len(await person.items()) == CONTACTS


async def test_an_entry_that_cannot_be_read_is_skipped_and_counted(sandbox: Sandbox, person: Person) -> None:
    times = {"createdAt": "2025-01-01T00:00:00.000Z", "updatedAt": "2025-01-01T00:00:00.000Z"}
    good = {"id": "900001", "properties": {"firstname": "Good"}, **times}
    odd = [
        good | {"id": 7},
        good | {"id": ""},
        good | {"id": "900002", "properties": None},
        good | {"id": "900003", "properties": {"firstname": 7}},
        good | {"id": "900004", "createdAt": "yesterday"},
        {"id": "900005"},
        "text",
        None,
        [],
    ]
    readable = [
        good,
        good | {"id": "900006", "properties": {"firstname": "NUL \u0000 inside", "x" * 300: "y" * 50_000}},
        good | {"id": "\U0001f9ed", "properties": {"firstname": "\U0001f9ed"}},
        good | {"id": "a/b c%00?d#e" + "z" * 3_000},
    ]
    run = await connected_while(person, {"path": LISTING, "json": {"results": [*odd, *readable]}})
    assert (run["status"], run["error"]) == ("succeeded", None)
    counted(run, seen=4, added=4, skipped=9)
    items = {item["external_id"]: item for item in await person.items()}
    assert set(items) == {entry["id"] for entry in readable}
    assert items["900006"]["properties"]["firstname"] == "NUL \u0000 inside"
    for item in items.values():
        assert await person.get(f"/items/{item['id']}") == item


async def test_text_that_is_none_spoils_one_entry_at_most(sandbox: Sandbox, person: Person) -> None:
    times = '"createdAt":"2025-01-01T00:00:00.000Z","updatedAt":"2025-01-01T00:00:00.000Z"'
    entries = ",".join(
        f'{{"id":"{number}","properties":{{"firstname":{name}}},{times}}}'
        for number, name in enumerate(['"Good"', '"\\ud800"', '"\\udfff x"', '"Good too"'], 1)
    )
    run = await connected_while(person, {"path": LISTING, "body": f'{{"results":[{entries}]}}'})
    assert run["status"] in ("succeeded", "failed")
    names = {item["name"] for item in await person.items()}
    if run["status"] == "succeeded":
        assert {"Good", "Good too"} <= names
        assert run["counts"]["added"] + run["counts"]["skipped"] == 4
    else:
        assert (run["error"]["code"], names) == ("unreadable_answer", set())


async def test_a_contact_listed_twice_is_one_item(sandbox: Sandbox, person: Person) -> None:
    times = {"createdAt": "2025-01-01T00:00:00.000Z", "updatedAt": "2025-01-01T00:00:00.000Z"}
    entry = {"id": "1", "properties": {"firstname": "Once"}, **times}
    more = {"paging": {"next": {"after": "x"}}}
    page = {"path": LISTING, "json": {"results": [entry, entry]} | more}
    last = {"path": LISTING, "json": {"results": [entry]}}
    run = await connected_while(person, page, last)
    assert (run["status"], run["counts"]["added"]) == ("succeeded", 1)
    assert [item["name"] for item in await person.items()] == ["Once"]
    assert (await person.status())["counts"] == {"contact": 1}
