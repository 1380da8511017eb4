"""Whose call it is: what a proxy that we trust says counts, and what anybody else says does not."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import ADDRESSES, EMBEDDED, Newcomer, as_started, with_settings
from tests.e2e.product import Product

pytestmark = EMBEDDED
CALLS = 20
"""Of one address in a minute."""


@pytest.fixture(scope="module")
def strict(running_product: Product) -> Iterator[Product]:
    with with_settings(running_product, RATE_LIMIT_SCALE="1", TRUSTED_PROXIES="127.0.0.1/32") as product:
        yield product


@pytest.fixture
def product(strict: Product) -> Product:
    return as_started(strict)


async def counted(product: Product, *forwarded_for: str, **headers: str) -> bool:
    """Whether a call that says this of itself is one of the twenty that its address has."""
    said = [("X-Forwarded-For", one) for one in forwarded_for] + list(headers.items())
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        answer = await http.post(
            product.next_url() + "/auth/reset-password",
            headers=[(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in said],
            json={"token": "x", "new_password": "another horse, another battery"},
        )
    if answer.status_code == 429:
        return False
    problem(answer, 400, "link_invalid")
    return True


async def test_the_last_hop_that_is_not_ours_is_the_caller(product: Product) -> None:
    hop, other = next(ADDRESSES), next(ADDRESSES)
    spoofed = [await counted(product, f"{next(ADDRESSES)}, {next(ADDRESSES)},{hop}") for _ in range(22)]
    assert spoofed == [True] * CALLS + [False] * 2
    for headers in ([hop], [other, hop], [f"{other},{hop}", "127.0.0.1"], [f"{hop}, 127.0.0.1, 127.0.0.1"]):
        assert not await counted(product, *headers), headers
    for same in (f"x, \t{hop}", f"{hop}:4711", f"::ffff:{hop}", f"x, {hop}"):
        assert not await counted(product, same), same
    assert await counted(product, f"{hop}, {other}")


async def test_a_network_of_ipv6_is_one_caller(product: Product) -> None:
    prefix = f"2001:db8:{uuid4().hex[:4]}"
    answers = [await counted(product, f"{prefix}:1::{number:x}:{number:x}") for number in range(1, 23)]
    assert answers == [True] * CALLS + [False] * 2
    for same in (f"[{prefix}:1::9]:443", f"{prefix}:1::1%eth0", f"{prefix.upper()}:1:a:b:c:d"):
        assert not await counted(product, same), same
    assert await counted(product, f"{prefix}:2::1")


async def test_whatever_a_proxy_passes_on_is_survived(product: Product) -> None:
    """What is no address says nothing: the last that is one counts, and that is the proxy itself here."""
    odd = ["", ",", "garbage", "999.1.1.1", "unknown", "_hidden", "1.2.3", "0x7f.1", "[::1", "%", "\u00e9", "-1"]
    odd += [
        "1.2.3.4.5",
        "127.0.0.1, " * 60 + "127.0.0.1",
        "1" * 5000,
        ":" * 100,
        "fe80::1%" + "z" * 100,
        ", , ,127.0.0.1",
    ]
    answers = [await counted(product, value) for value in odd * 2]
    assert answers == [True] * CALLS + [False] * (len(answers) - CALLS)


async def test_events_name_the_address_of_the_caller(newcomer: Newcomer) -> None:
    person = await newcomer("203.0.113.7")
    assert {one["ip"] for one in (await person.get("/auth/events"))["items"]} == {"203.0.113.7"}


FORGED = ("X_Forwarded_For", "X_Real_IP", "Forwarded", "True_Client_IP", "CF_Connecting_IP", "X_Client_IP")


async def test_nobody_else_is_believed(product: Product, newcomer: Newcomer) -> None:
    with with_settings(product, TRUSTED_PROXIES="10.0.0.0/8"):
        person = await newcomer()
        answers = []
        for number in range(CALLS + 5):
            address = f"10.0.0.{number}"
            forged = {name: f"for={address}" if name == "Forwarded" else address for name in FORGED}
            answers.append(await counted(product, **forged))
        assert answers == [True] * CALLS + [False] * 5
        assert {one["ip"] for one in (await person.get("/auth/events"))["items"]} == {"127.0.0.1"}
