"""What is left, in every store, of those who have left: nothing but the mark that they did."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from sandbox.google.people import stable_sub
from tests.e2e.conftest import PROFILES, Newcomer, products_of
from tests.e2e.connecting import revoked
from tests.e2e.google_client import Google
from tests.e2e.mailbox import RESET, SandboxMailbox
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.signing_in import address, me, sign_in, somebody
from tests.e2e.test_account_deletion import FAREWELL, NEW, left
from tests.e2e.traces import promises_kept, traces

CONTACTS = 300
KILLS = 3
SHORT_LIVED = "redis, for minutes"
"""Who began a flow and left in the midst of it: it opens nothing, and ends by itself."""
DEAD_LINKS = "password_reset_tokens"
"""Hashes of dead tokens lead to the dead id, until a day after they would have ended."""
MARKS = {"sync_states", "item_change_epochs", "item_changes", "user_credentials"}
"""Under the random id of a connection, which leads nowhere any more: epochs and counts, so that no late writer begins
anew."""
GONE_SECONDS = 240
"""A worker looks a second time after a minute: so late the last call that was under way may have stored something."""


@pytest.fixture(scope="module", params=PROFILES)
def running_product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One that nobody else uses, for its stores are read as a whole."""
    with products_of(request, request.param, tmp_path_factory) as products:
        yield products.start(contacts=CONTACTS, REFRESH_GRACE_SECONDS="3", LEASE_TTL_SECONDS="2")


@dataclass(frozen=True, slots=True)
class Remembered:
    """By whoever looks for somebody who has left."""

    person: Person
    user: str
    connections: tuple[str, ...]
    names: tuple[str, ...]
    """Who they are elsewhere."""


async def remembered(person: Person, *names: str) -> Remembered:
    connections = [one["id"] for one in await person.connections()]
    return Remembered(person, (await me(person))["id"], tuple(connections), names)


async def with_everything(person: Person, google: Google, mailbox: SandboxMailbox) -> Remembered:
    """Who has told much, connected, disconnected, connected again, and linked a further way in."""
    profile = {"company": f"Company of {person.email}", "preferences": {"theme": person.email}}
    assert (await person.call("PATCH", "/auth/me", json=profile)).status_code == 200
    await person.connect()
    await person.first_sync()
    assert (await person.call("POST", "/integrations/hubspot/disconnect")).status_code == 204
    await revoked(person.product.sandbox)
    await person.connect()
    assert (await person.first_sync())["status"] == "succeeded"
    who = somebody(google)
    await sign_in(person, who, "link")
    assert (await person.post("/auth/forgot-password", email=person.email)).status_code == 202
    await mailbox.awaited(person.email, RESET)
    await person.authorize()
    await person.try_to_log_in("wrong")
    return await remembered(person, address(who), stable_sub(who))


async def in_the_midst_of_a_sync(person: Person) -> Remembered:
    await person.connect()
    await person.under_way((await person.status())["run"]["id"])
    return await remembered(person)


async def test_in_the_end_nothing_is_left_of_who_has_left(product: Product, newcomer: Newcomer) -> None:
    google, mailbox = Google(product.sandbox), SandboxMailbox(product.sandbox)
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chosen = random.Random(seed)
    stays = await newcomer()
    await stays.connect("globex")
    await stays.first_sync()
    others = {item["name"] for item in await stays.items()}

    people = [await with_everything(await newcomer(), google, mailbox)]
    names = {item["name"] for item in await people[0].person.items()} - others
    assert len(names) >= 250
    for needle in (
        people[0].user,
        people[0].person.email,
        *people[0].connections,
        *people[0].names,
        *sorted(names)[:5],
    ):
        assert traces(product, [needle]) != []
    product.sandbox.control("PATCH", body={"latency_ms": 300})
    people.append(await in_the_midst_of_a_sync(await newcomer()))
    for one in reversed(people):
        await left(one.person)
    product.sandbox.control("PATCH", body={"latency_ms": 0})
    for _ in range(KILLS):
        person = await newcomer()
        await person.connect()
        await person.first_sync()
        people.append(await remembered(person))
        await left(person)
        await asyncio.sleep(chosen.uniform(0, 0.5))
        product.working.kill()
        product.start()

    again = people[0].person
    assert (await again.register(NEW)).status_code == 201
    again.password = NEW
    await again.log_in()
    await again.connect("globex")
    await again.first_sync()

    wanted = {one.user for one in people} | {name for one in people for name in one.names}
    connections = {id_ for one in people for id_ in one.connections}
    await promises_kept(product, wanted | connections, seconds=GONE_SECONDS)
    for one in people:
        assert len({mail.message_id for mail in mailbox.of(one.person.email, FAREWELL)}) == 1
    for person in (stays, again):
        assert len(await person.items()) == 10
        assert (await person.synced())["status"] == "succeeded"
    # The one that those two share.
    assert product.sandbox.control("POST", "/revoke") == {"revoked": 1}, "some grants have not been given back"
    wanted |= names | {one.person.email for one in people if one.person is not again}
    found = [row for row in traces(product, wanted) if row[0] not in (SHORT_LIVED, DEAD_LINKS)]
    assert found == [], Counter(place for place, _ in found)
    assert not [row for row in traces(product, wanted - {one.user for one in people}) if row[0] == DEAD_LINKS]
    found = [row for row in traces(product, connections) if row[0] not in MARKS]
    assert found == [], Counter(place for place, _ in found)
