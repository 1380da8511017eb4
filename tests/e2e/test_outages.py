"""What still works while Redis is away, and that all of it comes back by itself."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from tests.e2e.claims import data_code, problem
from tests.e2e.conftest import SHARED
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.services.redis import RedisServer

pytestmark = SHARED


@pytest.fixture
def redis_down(product: Product) -> Iterator[RedisServer]:
    """The product's Redis, to be killed; back at the end."""
    assert product.redis
    yield product.redis
    product.redis.kill()
    product.redis.start()
    product.await_ready()


async def ready(person: Person, url: str, status: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        answer = await person.visit("/ready", base=url)
        assert answer.status_code == 200, answer.text
        if answer.json()["status"] == status:
            return
        assert time.monotonic() < deadline, answer.text
        await asyncio.sleep(0.2)


async def test_who_is_logged_in_stays_so_without_redis(
    product: Product, person: Person, redis_down: RedisServer
) -> None:
    await person.connect("globex")
    await person.first_sync()
    callback = await person.approved("globex")
    redis_down.kill()
    for url in product.urls:
        assert (await person.visit("/health", base=url)).status_code == 200
        await ready(person, url, "degraded")
        begun = time.monotonic()
        for path in ("/auth/me", "/items", "/integrations", "/integrations/hubspot/status"):
            assert (await person.call("GET", path, base=url)).status_code == 200
        assert time.monotonic() - begun < 5
        refused = await person.call("POST", "/integrations/hubspot/authorize", base=url)
        problem(refused, 503, "cache_unavailable")
        assert int(refused.headers["retry-after"]) >= 1
        page = await person.visit(callback, base=url)
        assert (page.status_code, data_code(page)) == (503, "cache_unavailable")
        renewed = await person.by_cookie("/auth/refresh", base=url)
        assert renewed.status_code == 200
    login = await person.call("POST", "/auth/token", json={"email": person.email, "password": PASSWORD}, bearer="")
    assert login.status_code == 200
    queued = await person.sync()
    assert queued["status"] in ("queued", "waiting", "running")

    redis_down.start()
    for url in product.urls:
        await ready(person, url, "ok")
    assert (await person.end_of(queued["id"]))["counts"]["unchanged"] == 10
    # What was in it is gone: that attempt must be begun again, and then it works.
    page = await person.visit(callback)
    assert (page.status_code, data_code(page)) == (400, "authorization_unknown")
    assert await person.connect("globex")
    assert (await person.first_sync())["status"] == "succeeded"
    for process in product.processes:
        assert process.runs
        assert "Traceback" not in process.output()


async def test_a_sync_goes_on_without_redis(product: Product, person: Person, redis_down: RedisServer) -> None:
    product.sandbox.control("PATCH", body={"latency_ms": 200})
    await person.connect()
    run = (await person.status())["run"]["id"]
    await person.under_way(run)
    redis_down.kill()
    ended = await person.end_of(run)
    assert (ended["status"], ended["counts"]["added"]) == ("succeeded", 1020)
    assert len(await person.items()) == 1020
