"""Syncs that are killed, stopped and overtaken: they end, nothing is lost, nothing is there twice."""

import asyncio
import random
import signal
from collections import Counter

import pytest

from domain.sync import ChangeKind
from tests.e2e.conftest import EMBEDDED, SHARED, NewPerson
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.store import stored
from tests.services.test_services import say

CONTACTS, PAGE, LATENCY = 1000, 100, 120
ONLY_CONTACTS = {"contact": CONTACTS, "company": 0, "deal": 0}
LISTING = "/crm/v3/objects/contacts"
ROUNDS, KILLS = 2, 2
EXIT_OF_A_FAILPOINT = 70


@pytest.fixture
def product(product: Product) -> Product:
    """Its account ``acme`` takes ten pages, and about one and a half seconds."""
    product.sandbox.control("PATCH", body={"records": ONLY_CONTACTS, "latency_ms": LATENCY, "limits": False})
    return product


def listings(product: Product) -> list[str]:
    """The queries of all pages of living contacts that were asked for."""
    received = product.sandbox.control("GET", "/requests")["items"]
    return [
        call["query"]
        for call in received
        if call["path"].endswith("/objects/contacts") and "archived" not in call["query"]
    ]


async def all_is_there(person: Person, connection: str, contacts: int = CONTACTS) -> None:
    """Each contact once, one change for each, numbers without gap or double, and true totals."""
    items = await person.items(connection_id=connection)
    assert len({item["id"] for item in items}) == len(items) == contacts
    sandbox = person.product.sandbox
    expected = Counter(contact["id"] for contact in sandbox.contacts(sandbox.tokens()["access_token"]))
    assert Counter(item["external_id"] for item in items) == expected
    assert (await person.status(connection_id=connection))["counts"] == {"contact": contacts}
    found = await stored(person.product, connection)
    assert [change.number for change in found.changes] == list(range(1, contacts + 1))
    assert {change.kind for change in found.changes} == {ChangeKind.ADDED}
    assert found.state.sequence == contacts
    assert {change.item.source.external_id: change.number for change in found.changes} == found.numbers


def complete(run: dict[str, object], contacts: int = CONTACTS) -> None:
    counts = {"seen": contacts, "added": contacts, "changed": 0, "unchanged": 0, "deleted": 0, "skipped": 0}
    assert (run["status"], run["counts"], run["error"]) == ("succeeded", counts, None)


async def test_a_kill_at_any_moment_loses_and_doubles_nothing(product: Product, new_person: NewPerson) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chosen = random.Random(seed)
    for _ in range(ROUNDS):
        person = await new_person(product)
        product.sandbox.control("DELETE", "/requests")
        connection = await person.connect()
        run = (await person.status())["run"]["id"]
        for _ in range(KILLS):
            await asyncio.sleep(chosen.uniform(0, 2))
            product.working.kill()
            product.start()
        complete(await person.end_of(run))
        # Beside the page that was being stored there is the one that was being read ahead.
        assert len(listings(product)) <= CONTACTS / PAGE + 2 * KILLS
        await all_is_there(person, connection)


async def test_a_crash_between_items_and_checkpoint_is_repaired(product: Product, person: Person) -> None:
    product.sandbox.control("POST", "/faults", [{"path": LISTING, "delay_ms": 3000}])
    connection = await person.connect()
    working = product.working
    working.kill()
    for _ in range(2):
        product.start_one(working, FAILPOINTS="sync.after_items=exit")
        assert working.ended(60) == EXIT_OF_A_FAILPOINT
    product.sandbox.control("PATCH", body={"latency_ms": 2000})
    product.start()
    status = await person.status()
    product.sandbox.control("PATCH", body={"latency_ms": LATENCY})
    assert status["status"] == "syncing"
    complete(await person.end_of(status["run"]["id"]))
    await all_is_there(person, connection)


@EMBEDDED
async def test_a_crash_between_new_tokens_and_their_storing_is_repaired(product: Product, person: Person) -> None:
    """The claim on the refresh token outlives its holder by up to a minute; then the old one is tried once more."""
    connection = await person.connect()
    complete(await person.first_sync())
    product.sandbox.control("POST", "/faults", [{"path": LISTING, "delay_ms": 3000}])
    run = (await person.sync())["id"]
    working = product.working
    working.kill()
    product.sandbox.control("POST", "/expire")
    product.start_one(working, FAILPOINTS="refresh.after_response=exit")
    assert working.ended(60) == EXIT_OF_A_FAILPOINT
    product.start()
    ended = await person.end_of(run, seconds=120)
    assert (ended["status"], ended["counts"]["unchanged"]) == ("succeeded", CONTACTS)
    received = product.sandbox.control("GET", "/requests")["items"]
    assert len([call for call in received if "grant_type=refresh_token" in call["body"]]) == 2
    await all_is_there(person, connection)


async def test_twenty_who_ask_at_once_get_one_run(product: Product, person: Person) -> None:
    late = {"path": LISTING, "delay_ms": 5000}
    product.sandbox.control("POST", "/faults", [late])
    await person.connect()
    first = (await person.status())["run"]["id"]
    assert {run["id"] for run in await asyncio.gather(*(person.sync() for _ in range(20)))} == {first}
    complete(await person.end_of(first))
    product.sandbox.control("POST", "/faults", [late])
    second = {run["id"] for run in await asyncio.gather(*(person.sync() for _ in range(20)))}
    assert len(second) == 1
    assert (await person.end_of(second.pop()))["counts"]["unchanged"] == CONTACTS


@SHARED
async def test_a_worker_that_stood_still_damages_nothing(product: Product, person: Person) -> None:
    connection = await person.connect()
    run = (await person.status())["run"]["id"]
    await person.under_way(run)
    # While it waits for the provider: stopped inside a write it would keep all others out of a SQLite file.
    product.sandbox.control("PATCH", body={"latency_ms": 2000})
    await asyncio.sleep(1)
    product.working.send(signal.SIGSTOP)
    product.sandbox.control("PATCH", body={"latency_ms": LATENCY})
    successor = product.another_worker("successor")
    product.start_one(successor)
    try:
        try:
            complete(await person.end_of(run))
        finally:
            product.working.send(signal.SIGCONT)
        await asyncio.sleep(2)
        assert product.working.runs
        await all_is_there(person, connection)
    finally:
        successor.stop()
    again = await person.synced()
    assert (again["status"], again["counts"]["unchanged"]) == ("succeeded", CONTACTS)
    assert "Traceback" not in product.working.output()


@SHARED
async def test_two_workers_and_an_emptied_cache_do_one_sync(product: Product, person: Person) -> None:
    """Without its lease a run may be taken up a second time; the epoch lets one of the two go on."""
    another = product.another_worker("another")
    product.start_one(another)
    try:
        connection = await person.connect()
        run = (await person.status())["run"]["id"]
        assert product.redis
        for _ in range(6):
            say(product.redis, "FLUSHALL")
            await asyncio.sleep(0.3)
        complete(await person.end_of(run))
        await all_is_there(person, connection)
    finally:
        another.stop()


@SHARED
async def test_a_run_that_nobody_has_begun_can_be_cancelled(product: Product, person: Person) -> None:
    product.working.kill()
    await person.connect("globex")
    run = (await person.status())["run"]
    assert run["status"] == "queued"
    cancelled = await person.call("POST", f"/runs/{run['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelled")
    product.start()
    assert (await person.synced())["counts"]["added"] == 10
    assert (await person.get(f"/runs/{run['id']}"))["status"] == "cancelled"


async def test_a_worker_that_is_asked_to_end_leaves_its_run_to_the_next(product: Product, person: Person) -> None:
    connection = await person.connect()
    run = (await person.status())["run"]["id"]
    await person.under_way(run)
    product.working.stop()
    product.start()
    complete(await person.end_of(run))
    await all_is_there(person, connection)
