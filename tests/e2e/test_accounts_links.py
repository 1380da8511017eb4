"""Where mailed links lead, and that they end in time."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import EMBEDDED, as_started, with_settings
from tests.e2e.mailbox import RESET, VERIFY, Mailbox
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.e2e.raw import spoken
from tests.e2e.test_accounts_reset import forgot, reset
from tests.e2e.test_accounts_verification import verify

pytestmark = EMBEDDED
WEB_URL = "http://localhost:3000"
TTL_SECONDS = 10
OWNER = "owner-of-links@example.com"
NEW = "another horse, another battery"


@pytest.fixture(scope="module")
def hasty(running_product: Product) -> Iterator[Product]:
    """With links that soon end and a web UI of its own; ``OWNER`` has an account."""
    as_started(running_product)
    account = {"email": OWNER, "password": PASSWORD}
    httpx.post(f"{running_product.urls[0]}/auth/register", json=account, timeout=30).raise_for_status()
    ttls = {"RESET_TTL_SECONDS": str(TTL_SECONDS), "VERIFY_TTL_SECONDS": str(TTL_SECONDS)}
    with with_settings(running_product, WEB_URL=WEB_URL, EMAIL_VERIFICATION="required", **ttls) as product:
        yield product


@pytest.fixture
def product(hasty: Product) -> Product:
    return as_started(hasty)


@pytest.fixture
def owner(product: Product, visitor: httpx.AsyncClient) -> Person:
    return Person(product, visitor, OWNER)


FORGED: list[dict[str, str]] = [
    {},
    {"Host": "evil.example"},
    {"Host": "localhost@evil.example"},
    {"Host": "evil.example:3000"},
    {"Host": "localhostXevil.example"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"},
    {"X-Forwarded-Server": "evil.example", "X-Host": "evil.example", "X-HTTP-Host-Override": "evil.example"},
    {"Forwarded": "for=1.2.3.4;host=evil.example;proto=https"},
    {"X-Original-URL": "https://evil.example/auth/forgot-password", "X-Rewrite-URL": "https://evil.example/"},
    {"X-Forwarded-Prefix": "/evil", "X-Forwarded-Scheme": "https"},
    {"Referer": "https://evil.example/", "User-Agent": "https://evil.example/"},
    {"Origin": "http://localhost:3000"},
]


async def test_a_link_leads_to_the_web_ui_whatever_a_request_says(owner: Person, mailbox: Mailbox) -> None:
    count = len(mailbox.of(OWNER, RESET))
    for headers in FORGED:
        answer = await owner.call("POST", "/auth/forgot-password", json={"email": OWNER}, headers=headers)
        assert answer.status_code in (202, 400), answer.text
        if answer.status_code == 202:
            count += 1
            await mailbox.awaited(OWNER, RESET, count)
    body = f'{{"email":"{OWNER}"}}'
    head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    for line in (
        "POST http://evil.example/auth/forgot-password HTTP/1.1\r\nHost: evil.example",
        "POST https://evil.example/auth/forgot-password HTTP/1.1\r\nHost: localhost",
        "POST /auth/forgot-password HTTP/1.1\r\nHost: localhost\r\nHost: evil.example",
        "POST /auth/forgot-password HTTP/1.0",
    ):
        raw = await spoken(owner.product.urls[0], f"{line}\r\n{head}".encode())
        assert raw.status is not None
        assert raw.status == 202 or 400 <= raw.status < 500, raw.text
        if raw.status == 202:
            count += 1
            await mailbox.awaited(OWNER, RESET, count)
    assert count >= 2
    for mail in mailbox.of(OWNER, RESET):
        assert mail.link.startswith(f"{WEB_URL}/app/reset-password#token=")
        assert "evil" not in mail.text


async def test_a_reset_link_ends_in_time(owner: Person, mailbox: Mailbox) -> None:
    count = len(mailbox.of(OWNER, RESET)) + 1
    assert (await forgot(owner)).status_code == 202
    token = await mailbox.token(OWNER, RESET, count)
    await asyncio.sleep(TTL_SECONDS)
    problem(await reset(owner, token, NEW), 400, "link_invalid")
    assert (await forgot(owner)).status_code == 202
    assert (await reset(owner, await mailbox.token(OWNER, RESET, count + 1), NEW)).status_code == 204


async def test_a_registration_ends_in_time(stranger: Person, mailbox: Mailbox) -> None:
    assert (await stranger.register()).status_code == 202
    (mail,) = await mailbox.awaited(stranger.email, VERIFY)
    assert mail.link.startswith(f"{WEB_URL}/app/verify-email#token=")
    await asyncio.sleep(TTL_SECONDS)
    problem(await verify(stranger, mail.token), 400, "link_invalid")
    problem(await stranger.try_to_log_in(), 401, "login_failed")
    # Nothing is left of it, and it can be begun again.
    assert (await stranger.register()).status_code == 202
    assert (await verify(stranger, await mailbox.token(stranger.email, VERIFY, 2))).status_code == 200
