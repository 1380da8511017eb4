"""Signing in at an OpenID provider that nobody here wrote, and that knows nothing of us."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED, as_started, with_settings
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.signing_in import PAGE, Back, finish, is_in, me, start
from tests.services import Unavailable, openid_provider

pytestmark = EMBEDDED

CLIENT_ID, SECRET = "vectorshift", "a-secret-of-the-client's own: %+&"
PAGES = 10
"""More than any provider shows before it lets somebody go."""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return openid_provider.installed(tmp_path_factory.mktemp("openid"))
    except Unavailable as reason:
        pytest.skip(f"node: {reason}")


@pytest.fixture(params=[{}, {"clientAuthMethods": ["client_secret_basic"]}], ids=["as it comes", "by Basic alone"])
def issuer(request: pytest.FixtureRequest, node: Path, running_product: Product) -> Iterator[str]:
    """It knows the product as its client."""
    redirect_uri = f"{running_product.public_url}{PAGE}"
    client = {"client_id": CLIENT_ID, "client_secret": SECRET, "redirect_uris": [redirect_uri]}
    with openid_provider.running(node, {"clients": [client], **request.param}) as issuer:
        yield issuer


def configured(product: Product, issuer: str, secret: str = SECRET) -> AbstractContextManager[Product]:
    return with_settings(
        product,
        GOOGLE_DISCOVERY_URL=f"{issuer}/.well-known/openid-configuration",
        GOOGLE_CLIENT_ID=CLIENT_ID,
        GOOGLE_CLIENT_SECRET=secret,
    )


@pytest.fixture
def product(running_product: Product, issuer: str) -> Iterator[Product]:
    with configured(running_product, issuer) as product:
        yield as_started(product)


@pytest_asyncio.fixture
async def elsewhere() -> AsyncIterator[httpx.AsyncClient]:
    """At the provider, where cookies of ours have no business."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        yield http


async def let_in(elsewhere: httpx.AsyncClient, url: str, login: str) -> Back:
    """Fill in every page that the provider shows, until it sends the person back."""
    page = await elsewhere.get(url)
    for _ in range(PAGES):
        if page.is_redirect:
            url = urljoin(str(page.url), page.headers["location"])
            if urlsplit(url).path == PAGE:
                query = parse_qs(urlsplit(url).query)
                assert "code" in query, query
                return {name: query[name][0] for name in ("code", "state")}
            page = await elsewhere.get(url)
        else:
            assert page.status_code == 200, page.text
            action, form = filled_in(page, login)
            page = await elsewhere.post(action, data=form)
    raise AssertionError("it shows ever more pages")


def filled_in(page: httpx.Response, login: str) -> tuple[str, dict[str, str]]:
    action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
    assert action, page.text
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', page.text)
    typed = {"login": login, "password": "any"} if 'name="login"' in page.text else {}
    return urljoin(str(page.url), unescape(action[1])), dict(hidden) | typed


async def sign_in(
    person: Person, elsewhere: httpx.AsyncClient, login: str, purpose: str | None = None
) -> httpx.Response:
    started = await start(person, purpose)
    return await finish(person, await let_in(elsewhere, started["url"], login))


async def test_who_signs_in_there_has_an_account_here(
    product: Product, stranger: Person, elsewhere: httpx.AsyncClient
) -> None:
    login = uuid4().hex
    answer = await sign_in(stranger, elsewhere, login)
    assert answer.status_code == 200, answer.text
    user = answer.json()["user"]
    assert (user["email"], user["email_verified"]) == (f"{login}@example.org", True)
    assert user["profile"]["full_name"] == "Ann Example"
    stranger.token = answer.json()["access_token"]
    assert await is_in(stranger)
    again = await sign_in(stranger, elsewhere, login)
    assert (again.status_code, again.json()["user"]) == (200, user)


async def test_somebody_else_there_is_somebody_else_here(
    product: Product, person: Person, stranger: Person, elsewhere: httpx.AsyncClient
) -> None:
    login = uuid4().hex
    linked = await sign_in(person, elsewhere, login, "link")
    assert linked.status_code == 200, linked.text
    person.token = linked.json()["access_token"]
    elsewhere.cookies.clear()
    other = await sign_in(stranger, elsewhere, uuid4().hex)
    assert other.status_code == 200
    assert other.json()["user"]["id"] != (await me(person))["id"]
    elsewhere.cookies.clear()
    back = await sign_in(stranger, elsewhere, login)
    assert back.json()["user"]["id"] == (await me(person))["id"]


async def test_a_wrong_secret_is_a_fault_of_ours_and_no_refusal(
    running_product: Product, issuer: str, elsewhere: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    with configured(running_product, issuer, "another secret") as product:
        answer = await sign_in(Person(product, visitor, ""), elsewhere, uuid4().hex)
        problem(answer, 503, "identity_provider_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        assert "another secret" not in product.apis[0].output()
