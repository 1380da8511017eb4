"""The three ways in which the product runs, as one fixture; and people who use it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from ipaddress import ip_network
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from tests.e2e.mailbox import SandboxMailbox
from tests.e2e.person import Person
from tests.e2e.product import Product, Products, Profile
from tests.e2e.sandbox_server import REVOKED_BY, Sandbox

PROFILES: tuple[Profile, ...] = ("embedded", "sqlite-redis", "cassandra-redis")
EMBEDDED = pytest.mark.parametrize("running_product", ["embedded"], indirect=True)
"""For claims that no storage and no cache can change."""
SHARED = pytest.mark.parametrize("running_product", PROFILES[1:], indirect=True)
"""For claims about several processes and a Redis."""
SHOWN_CHARACTERS = 6000
SETTLE_SECONDS = 10.0

NewPerson = Callable[[Product], Awaitable[Person]]
Newcomer = Callable[..., Awaitable[Person]]
ADDRESSES = map(str, ip_network("198.18.0.0/15").hosts())
"""Of callers, each another one."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """What the product wrote, beside the test that failed on it."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if report.failed:
        for product in _products_of(item):
            for process in product.processes:
                report.sections.append((f"{product.profile}, {process.name}", process.output()[-SHOWN_CHARACTERS:]))
    return report  # type: ignore[return-value]


def _products_of(item: pytest.Item) -> list[Product]:
    given = getattr(item, "funcargs", {}).values()
    return list({id(value): value for value in given if isinstance(value, Product)}.values())


@contextmanager
def products_of(request: pytest.FixtureRequest, profile: Profile, folder: pytest.TempPathFactory) -> Iterator[Products]:
    """Where what the profile needs can be had."""
    if profile != "embedded":
        request.getfixturevalue("redis_url")
    cassandra_url = request.getfixturevalue("cassandra_url") if profile == "cassandra-redis" else None
    with Products(profile, folder.mktemp(profile), cassandra_url) as products:
        yield products


@pytest.fixture(scope="session", params=PROFILES)
def running_product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One product of each profile for the whole run; its grace and its leases can be waited for."""
    with products_of(request, request.param, tmp_path_factory) as products:
        yield products.start(REFRESH_GRACE_SECONDS="6", LEASE_TTL_SECONDS="2")


@contextmanager
def with_settings(product: Product, **settings: str) -> Iterator[Product]:
    """It, with these settings on top of its own, from now to the end of the block; ``restore`` then brings its own
    back."""
    own = product.settings
    product.settings = own | settings
    try:
        product.restore()
        yield product
    finally:
        product.settings = own


@pytest.fixture
def product(running_product: Product) -> Product:
    return as_started(running_product)


def as_started(product: Product) -> Product:
    """It, with all its processes, and its sandbox as if just started."""
    product.restore()
    product.sandbox.control("POST", "/reset")
    return product


@pytest.fixture
def sandbox(product: Product) -> Sandbox:
    return product.sandbox


@pytest.fixture
def mailbox(product: Product) -> SandboxMailbox:
    return SandboxMailbox(product.sandbox)


@pytest.fixture(scope="session")
def embedded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product as ``serve --sandbox`` starts it in an empty folder."""
    with products_of(request, "embedded", tmp_path_factory) as products:
        yield products.start(sandbox_inside=True)


async def settled(people: Sequence[Person]) -> None:
    """Return when they have left nothing behind, and the provider has got its grants back: in the next test these calls
    would be taken for that one's."""
    sandboxes = {id(person.product.sandbox): person.product.sandbox for person in people}.values()
    before = sum(sandbox.given_back() for sandbox in sandboxes)
    held = set().union(*[await person.settle() for person in people])
    expected = before + sum(provider in REVOKED_BY for provider, _ in held)
    deadline = time.monotonic() + SETTLE_SECONDS
    while sum(sandbox.given_back() for sandbox in sandboxes) < expected:
        await asyncio.sleep(0.05)
        if time.monotonic() > deadline:
            return


@pytest_asyncio.fixture
async def new_person() -> AsyncIterator[NewPerson]:
    """Makes people, each with an account and a browser, and lets their syncs end."""
    people: list[Person] = []
    async with AsyncExitStack() as stack:

        async def make(product: Product) -> Person:
            http = await stack.enter_async_context(httpx.AsyncClient(timeout=30, trust_env=False))
            person = await Person.registered(product, http)
            people.append(person)
            return person

        yield make
        await settled(people)


@pytest_asyncio.fixture
async def person(product: Product, new_person: NewPerson) -> Person:
    return await new_person(product)


@pytest_asyncio.fixture
async def visitor() -> AsyncIterator[httpx.AsyncClient]:
    """A browser that nobody has logged in with."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        yield http


@pytest_asyncio.fixture
async def stranger(product: Product, visitor: httpx.AsyncClient) -> AsyncIterator[Person]:
    """Somebody who has no account yet."""
    person = Person(product, visitor, f"{uuid4().hex}@example.com")
    yield person
    await settled([person])


@pytest_asyncio.fixture
async def newcomer(product: Product) -> AsyncIterator[Newcomer]:
    """Makes people, with an account if not told otherwise; where a proxy on this machine is trusted, each at an address
    of its own."""
    people: list[Person] = []
    async with AsyncExitStack() as stack:

        async def make(address: str | None = None, *, account: bool = True) -> Person:
            headers = {"X-Forwarded-For": address or next(ADDRESSES)}
            http = await stack.enter_async_context(httpx.AsyncClient(timeout=30, trust_env=False, headers=headers))
            anybody = Person.registered(product, http) if account else None
            people.append(await anybody if anybody else Person(product, http, f"{uuid4().hex}@example.com"))
            return people[-1]

        yield make
        await settled(people)
