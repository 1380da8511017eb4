"""Google away, slow, or with new keys: nobody is refused for it, and whoever logs in another way notices nothing."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import EMBEDDED, SHARED
from tests.e2e.google_client import Google
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.signing_in import URL, back, finish, is_in, me, refused, sign_in, somebody, try_to_sign_in
from tests.services.redis import RedisServer

DISCOVERY, KEYS, TOKEN, USERINFO = "/.well-known/openid-configuration", "/oauth2/v3/certs", "/token", "/v1/userinfo"
FAULTS: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "503 HTML": {"status": 503, "body": "<html>Service Unavailable</html>", "headers": {"Content-Type": "text/html"}},
    "429": {"status": 429, "headers": {"Retry-After": "30"}},
    "reset": {"reset": True},
    "cut": {"cut_after_bytes": 20},
}
ALWAYS = {"times": 10_000}


@pytest.fixture
def google(product: Product) -> Google:
    """To processes that know nothing of it yet."""
    google = Google(product.sandbox)
    google.control("POST", "/reset")
    product.stop_apis()
    product.start()
    google.control("DELETE", "/requests")
    return google


@pytest.fixture
def redis_down(product: Product) -> Iterator[RedisServer]:
    """The product's Redis, to be killed; back at the end."""
    assert product.redis
    yield product.redis
    product.redis.kill()
    product.redis.start()
    product.await_ready()


def script(google: Google, *faults: dict[str, Any]) -> None:
    google.control("POST", "/faults", list(faults))


def asked(google: Google, path: str) -> int:
    return sum(call["path"].endswith(path) for call in google.control("GET", "/requests")["items"])


def away(answer: httpx.Response) -> None:
    refused(answer, 503, "identity_provider_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert "127.0.0.1" not in answer.text


async def others_notice_nothing(person: Person) -> None:
    assert await is_in(person)
    for url in person.product.urls:
        assert (await person.try_to_log_in(base=url)).status_code == 200
        assert (await person.by_cookie("/auth/refresh", base=url)).status_code == 200


async def each_signs_in(product: Product, person: Person, who: str) -> list[int]:
    """At every process once; what they answer."""
    answers = [await finish(person, await back(person, who), base=url) for url in product.urls]
    return [answer.status_code for answer in answers]


async def test_after_new_keys_the_next_sign_in_works(google: Google, product: Product, stranger: Person) -> None:
    who, good = somebody(google), [200] * len(product.urls)
    assert await each_signs_in(product, stranger, who) == good
    google.control("POST", "/rotate-keys")
    assert await each_signs_in(product, stranger, who) == good
    assert asked(google, KEYS) == 2 * len(product.urls)


async def test_a_flood_of_unknown_keys_costs_each_process_one_look(
    google: Google, product: Product, stranger: Person
) -> None:
    who = somebody(google)
    await each_signs_in(product, stranger, who)
    google.control("DELETE", "/requests")
    google.control("POST", "/id_token", {"sign": "unknown"})
    for _ in range(5):
        assert await each_signs_in(product, stranger, who) == [400] * len(product.urls)
    assert asked(google, KEYS) == len(product.urls)
    google.control("POST", "/id_token", {})
    await sign_in(stranger, who)


@EMBEDDED
@pytest.mark.parametrize("path", [DISCOVERY, KEYS, TOKEN, USERINFO])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_a_fault_of_google_is_no_refusal(
    google: Google, person: Person, stranger: Person, path: str, fault: dict[str, Any]
) -> None:
    who = somebody(google)
    script(google, {"path": path} | fault | ALWAYS)
    if path == DISCOVERY:
        for method in ("POST", "GET"):
            answer = await stranger.call(method, URL, bearer="")
            away(answer)
            assert answer.headers.get_list("set-cookie") == []
    else:
        away(await try_to_sign_in(stranger, who))
    await others_notice_nothing(person)
    script(google)
    await sign_in(stranger, who)


@EMBEDDED
async def test_who_was_under_way_begins_again(google: Google, stranger: Person) -> None:
    came = await back(stranger, somebody(google))
    script(google, {"path": TOKEN, "status": 500})
    away(await finish(stranger, came))
    refused(await finish(stranger, came), 400, "authorization_unknown")


@EMBEDDED
async def test_a_slow_google_holds_up_nobody_else(google: Google, person: Person, stranger: Person) -> None:
    came = await back(stranger, somebody(google))
    script(google, {"path": TOKEN, "delay_ms": 40_000})
    waiting = asyncio.create_task(finish(stranger, came))
    await asyncio.sleep(1)
    for _ in range(3):
        await others_notice_nothing(person)
        assert (await person.visit("/health")).status_code == 200
    assert not waiting.done()
    away(await waiting)


async def test_without_google_everything_else_works(google: Google, product: Product, person: Person) -> None:
    who = somebody(google)
    await sign_in(person, who, "link")
    assert product.beside
    product.beside.kill()
    try:
        for url in product.urls:
            answer = await person.call("POST", URL, json={}, bearer="", base=url)
            if answer.status_code != 200:
                away(answer)
        await others_notice_nothing(person)
        answer = await person.call("DELETE", "/auth/google/link")
        assert answer.status_code == 200, answer.text
    finally:
        product.start()
    person.token = answer.json()["access_token"]
    assert (await me(person))["sign_in_methods"] == ["password"]


@SHARED
async def test_without_redis_a_sign_in_is_put_off_and_not_refused(
    google: Google, product: Product, person: Person, stranger: Person, redis_down: RedisServer
) -> None:
    who = somebody(google)
    came = await back(stranger, who)
    redis_down.kill()
    for url in product.urls:
        answer = await stranger.call("POST", URL, json={}, bearer="", base=url)
        refused(answer, 503, "cache_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        refused(await finish(stranger, came, base=url), 503, "cache_unavailable")
    await others_notice_nothing(person)
    redis_down.start()
    deadline = time.monotonic() + 20
    while (await stranger.call("POST", URL, json={}, bearer="")).status_code == 503:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)
    product.await_ready()
    # What was in it is gone: that attempt must be begun again.
    refused(await finish(stranger, came), 400, "authorization_unknown")
    await sign_in(stranger, who)
