"""Several people read one outside account at once, over all processes: the provider never has to say stop."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.conftest import NewPerson
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.provider_listings import calls
from tests.e2e.sandbox_server import Sandbox

pytestmark = pytest.mark.parametrize("running_product", ["embedded", "sqlite-redis"], indirect=True)
"""One process, and several that share a Redis: no storage takes part."""

THROTTLED = 429
LONGEST_SECONDS = 180.0
JITTER_SECONDS = 1.0
"""Calls may arrive closer together than they left, by so much where the machine is busy."""


@pytest.fixture
def sandbox(product: Product) -> Sandbox:
    """With the limits of all providers on."""
    for provider in ("hubspot", "notion", "airtable"):
        product.sandbox.control("POST", "/reset", provider=provider)
        assert product.sandbox.control("GET", provider=provider)["limits"] is True
    return product.sandbox


@pytest_asyncio.fixture
async def working(product: Product) -> AsyncIterator[Product]:
    """Its worker is not the only one, where there can be a second."""
    if product.worker is None:
        yield product
        return
    second = product.another_worker("second")
    product.start_one(second)
    try:
        yield product
    finally:
        second.stop()


async def all_read(people: Sequence[Person], provider: str, account: str = "acme") -> list[dict[str, Any]]:
    """Their first syncs, which begin one right after the other, at their ends."""
    await asyncio.gather(*(person.connect(account, provider) for person in people))
    runs = [(await person.status(provider))["run"]["id"] for person in people]
    ends = (person.end_of(run, LONGEST_SECONDS) for person, run in zip(people, runs, strict=True))
    found = list(await asyncio.gather(*ends))
    for run in found:
        assert (run["status"], run["error"], run["counts"]["skipped"]) == ("succeeded", None, 0), run
    assert len({run["counts"]["added"] for run in found}) == 1
    return found


def most_within(received: Sequence[dict[str, Any]], seconds: float) -> int:
    """The most calls that arrived in any so long a time, but for the jitter."""
    seconds -= JITTER_SECONDS
    moments = sorted(datetime.fromisoformat(one["at"]).timestamp() for one in received)
    first = most = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def throttled(received: Sequence[dict[str, Any]]) -> list[str]:
    return [one["path"] for one in received if one["status"] == THROTTLED]


async def several(new_person: NewPerson, product: Product, count: int) -> list[Person]:
    return [await new_person(product) for _ in range(count)]


async def test_notion_is_asked_three_times_a_second(working: Product, sandbox: Sandbox, new_person: NewPerson) -> None:
    people = await several(new_person, working, 3)
    (run, *_) = await all_read(people, "notion")
    asked = [one for one in calls(sandbox, "notion", "/v1/") if "/oauth/" not in one["path"]]
    assert len(asked) >= len(people) * run["counts"]["added"] > 60
    assert throttled(asked) == []
    assert most_within(asked, 5) <= 5 * 3


async def test_an_airtable_base_is_asked_five_times_a_second(
    working: Product, sandbox: Sandbox, new_person: NewPerson
) -> None:
    people = await several(new_person, working, 8)
    await all_read(people, "airtable")
    asked = calls(sandbox, "airtable", "/v0/")
    assert throttled(asked) == []
    bases = {base_of(one["path"]) for one in asked} - {None}
    assert len(bases) == 3
    for base in bases:
        of_one = [one for one in asked if base_of(one["path"]) == base]
        assert len(of_one) >= 3 * len(people)
        assert most_within(of_one, 4) <= 4 * 5


def base_of(path: str) -> str | None:
    parts = path.split("/")
    return next((part for part in parts if part.startswith("app")), None)


async def test_hubspot_is_asked_a_hundred_times_in_ten_seconds(
    working: Product, sandbox: Sandbox, new_person: NewPerson
) -> None:
    people = await several(new_person, working, 8)
    await all_read(people, "hubspot")
    asked = calls(sandbox, "hubspot", "/crm/")
    assert len(asked) > 100
    assert throttled(asked) == []
    assert most_within(asked, 10) <= 100


async def test_people_of_two_outside_accounts_do_not_wait_for_each_other(
    working: Product, sandbox: Sandbox, new_person: NewPerson
) -> None:
    """Each of the two has its own budget: together they are faster than one alone may be."""
    one, another = await several(new_person, working, 2)
    await asyncio.gather(all_read([one], "notion", "acme"), all_read([another], "notion", "globex"))
    asked = [call for call in calls(sandbox, "notion", "/v1/") if "/oauth/" not in call["path"]]
    by_account: dict[str, list[dict[str, Any]]] = {}
    for call in asked:
        by_account.setdefault(call["headers"]["authorization"], []).append(call)
    assert len(by_account) == 2
    assert throttled(asked) == []
    both = [most_within(of_one, 3) for of_one in by_account.values()]
    assert max(both) <= 3 * 3
    assert most_within(asked, 3) > max(both)
