"""Whose call it is: what a proxy that we trust says counts, what anybody else says does not; and how a wait ends."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from uuid import uuid4

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import ADDRESSES, EMBEDDED, Newcomer, as_started, with_settings
from tests.e2e.product import Product
from tests.e2e.test_accounts_limits import GUESSES, WRONG, counts, limited

pytestmark = EMBEDDED
Counted = Callable[..., Awaitable[bool]]
"""Whether a call that says this of itself is one of those that its address has."""
CALLS = 20
"""Of one address in a minute."""
FORGED = ("X_Forwarded_For", "X_Real_IP", "Forwarded", "True_Client_IP", "CF_Connecting_IP", "X_Client_IP")


@pytest.fixture(scope="module")
def strict(running_product: Product) -> Iterator[Product]:
    with with_settings(running_product, RATE_LIMIT_SCALE="1", TRUSTED_PROXIES="127.0.0.1/32") as product:
        yield product


@pytest.fixture
def product(strict: Product) -> Product:
    return as_started(strict)


@pytest.fixture
def counted(product: Product, visitor: httpx.AsyncClient) -> Counted:
    async def counted(*forwarded_for: str, **headers: str) -> bool:
        said = [("X-Forwarded-For", one) for one in forwarded_for] + list(headers.items())
        answer = await visitor.post(
            product.next_url() + "/auth/reset-password",
            headers=[(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in said],
            json={"token": "x", "new_password": "another horse, another battery"},
        )
        if answer.status_code == 429:
            return False
        problem(answer, 400, "link_invalid")
        return True

    return counted


async def test_the_last_hop_that_is_not_ours_is_the_caller(counted: Counted) -> None:
    hop, other = next(ADDRESSES), next(ADDRESSES)
    spoofed = [await counted(f"{next(ADDRESSES)}, {next(ADDRESSES)},{hop}") for _ in range(22)]
    assert spoofed == [True] * CALLS + [False] * 2
    for headers in ([hop], [other, hop], [f"{other},{hop}", "127.0.0.1"], [f"{hop}, 127.0.0.1, 127.0.0.1"]):
        assert not await counted(*headers), headers
    for same in (f"x, \t{hop}", f"{hop}:4711", f"::ffff:{hop}", f"x, {hop}"):
        assert not await counted(same), same
    assert await counted(f"{hop}, {other}")


async def test_a_network_of_ipv6_is_one_caller(counted: Counted) -> None:
    prefix = f"2001:db8:{uuid4().hex[:4]}"
    answers = [await counted(f"{prefix}:1::{number:x}:{number:x}") for number in range(1, 23)]
    assert answers == [True] * CALLS + [False] * 2
    for same in (f"[{prefix}:1::9]:443", f"{prefix}:1::1%eth0", f"{prefix.upper()}:1:a:b:c:d"):
        assert not await counted(same), same
    assert await counted(f"{prefix}:2::1")


async def test_whatever_a_proxy_passes_on_is_survived(counted: Counted) -> None:
    """What is no address says nothing: the last that is one counts, and that is the proxy itself here."""
    odd = ["", ",", ", , ,127.0.0.1", "garbage", "999.1.1.1", "1.2.3", "1.2.3.4.5", "0x7f.1", "unknown", "_hidden", "%"]
    odd += ["\u00e9", "-1", "[::1", ":" * 100, "1" * 5000, "127.0.0.1, " * 60 + "127.0.0.1", "fe80::1%" + "z" * 100]
    answers = [await counted(value) for value in odd * 2]
    assert answers == [True] * CALLS + [False] * (len(answers) - CALLS)


async def test_events_name_the_address_of_the_caller(newcomer: Newcomer) -> None:
    person = await newcomer("203.0.113.7")
    assert {one["ip"] for one in (await person.get("/auth/events"))["items"]} == {"203.0.113.7"}


async def test_nobody_else_is_believed(product: Product, newcomer: Newcomer, counted: Counted) -> None:
    with with_settings(product, TRUSTED_PROXIES="10.0.0.0/8"):
        person = await newcomer()
        answers = []
        for number in range(CALLS + 5):
            address = f"10.0.0.{number}"
            forged = {name: f"for={address}" if name == "Forwarded" else address for name in FORGED}
            answers.append(await counted(**forged))
        assert answers == [True] * CALLS + [False] * 5
        assert {one["ip"] for one in (await person.get("/auth/events"))["items"]} == {"127.0.0.1"}


async def test_after_the_wait_the_right_password_is_right_again(product: Product, newcomer: Newcomer) -> None:
    scale = 10
    with with_settings(product, RATE_LIMIT_SCALE=str(scale)):
        person = await newcomer()
        free = GUESSES * scale
        # The wait begins with the last one, which none must hold up that is still being checked.
        for count in (free // 2, free // 2 - 1, 1):
            guesses = [person.try_to_log_in(WRONG) for _ in range(count)]
            assert counts(await asyncio.gather(*guesses)) == {401: count}
        refused = await person.try_to_log_in()
        limited(refused, 60 // scale)
        await asyncio.sleep(int(refused.headers["retry-after"]))
        await person.log_in()
        problem(await person.try_to_log_in(WRONG), 401, "login_failed")
        await person.log_in()
