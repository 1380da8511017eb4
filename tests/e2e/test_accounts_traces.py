"""Nothing that the product writes down for its operators helps to get into an account, or says whose it is."""

from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import as_started, with_settings
from tests.e2e.mailbox import ALREADY, CHANGED, RESET, VERIFY
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.smtp_sink import SmtpSink, smtp_sink
from tests.e2e.test_accounts_change_password import change
from tests.e2e.test_accounts_reset import forgot, reset
from tests.e2e.test_accounts_verification import verify
from tests.e2e.test_sessions import refresh_token


@pytest.fixture(scope="module")
def sink() -> Iterator[SmtpSink]:
    with smtp_sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def talkative(running_product: Product, sink: SmtpSink) -> Iterator[Product]:
    settings = {"EMAIL_VERIFICATION": "required", "SMTP_URL": sink.url, "LOG_LEVEL": "debug"}
    with with_settings(running_product, **settings) as product:
        yield product


@pytest.fixture
def product(talkative: Product) -> Product:
    return as_started(talkative)


def as_written(secret: str) -> set[str]:
    """In the ways in which it may slip into a line."""
    raw = secret.encode()
    return {secret, quote(secret, safe=""), b64encode(raw).decode().rstrip("=")[:-1], raw.hex(), secret.casefold()}


async def test_a_whole_walk_leaves_no_secret_and_no_address(product: Product, stranger: Person, sink: SmtpSink) -> None:
    person = stranger
    passwords = [f"{name}-{uuid4().hex}" for name in ("First", "Second", "Third", "Wrong")]
    first, second, third, wrong = passwords
    person.password, tokens = first, list[str]()

    await person.register(full_name="Ada")
    await person.register(full_name=7)
    tokens.append(await sink.token(person.email, VERIFY))
    await person.post("/auth/resend-verification", email=person.email)
    tokens.append(await sink.token(person.email, VERIFY, 2))
    problem(await verify(person, tokens[0], first), 400, "link_invalid")
    problem(await verify(person, tokens[1], wrong), 400, "wrong_password")
    let_in(await verify(person, tokens[1], first), person, tokens)
    await person.register(wrong)
    await sink.awaited(person.email, ALREADY)

    problem(await person.try_to_log_in(wrong), 401, "login_failed")
    let_in(await person.try_to_log_in(), person, tokens)
    for _ in range(2):
        let_in(await person.by_cookie("/auth/refresh"), person, tokens)
    problem(await change(person, second, current=wrong), 400, "wrong_password")
    let_in(await change(person, second), person, tokens)
    person.password = second

    sink.mode = "refuse"
    await forgot(person)
    sink.mode = "take"
    tokens.append(await sink.token(person.email, RESET))
    problem(await reset(person, tokens[-1], person.email), 400, "password_common")
    assert (await reset(person, tokens[-1], third)).status_code == 204
    problem(await reset(person, tokens[-1], wrong), 400, "link_invalid")
    person.password = third
    await sink.awaited(person.email, CHANGED, 2)
    let_in(await person.try_to_log_in(), person, tokens)

    for path in ("/auth/sessions", "/auth/events", "/auth/me"):
        await person.get(path)
    await person.connect("globex")
    await person.first_sync()
    await person.call("POST", "/integrations/hubspot/disconnect")
    await clumsy(person, tokens)
    last = await person.by_cookie("/auth/logout-all")
    assert last.status_code == 204

    output = "".join(process.output() for process in (*product.apis, product.worker) if process)
    assert last.headers["x-request-id"] in output
    for secret in (*passwords, *tokens, person.email, person.email.partition("@")[0]):
        for written in as_written(secret):
            assert written not in output


def let_in(answer: httpx.Response, person: Person, tokens: list[str]) -> None:
    assert answer.status_code == 200, answer.text
    person.token = answer.json()["access_token"]
    tokens += [person.token, refresh_token(answer)]


async def clumsy(person: Person, tokens: list[str]) -> None:
    """Secrets where they do not belong."""
    login = {"email": person.email, "username": person.email, "password": person.password}
    problem(await person.call("GET", "/auth/token", params=login, bearer=""), 405, "method_not_allowed")
    problem(await person.call("POST", "/auth/token", params=login, bearer=""), 400, "invalid_input")
    problem(await person.post("/auth/token", email=[person.email], password=person.password), 400)
    for token in tokens:
        problem(await person.call("POST", "/auth/reset-password", params={"token": token}, bearer=""), 400)
        problem(await person.post("/auth/reset-password", token=token, new_password=[token]), 400)
        problem(await verify(person, token * 10, person.password), 400)
        problem(await person.call("GET", "/auth/me", params={"access_token": token}, bearer=token + "x"), 401)
        await person.visit("/app/reset-password", params={"token": token})
        await person.visit("/integrations/hubspot/oauth2callback", params={"code": token, "state": token})
    for body in (f'{{"email":"{person.email}","password":"{person.password}"', f'"{person.email} {person.password}"'):
        for path in ("/auth/token", "/auth/register", "/auth/change-password"):
            answer = await person.call("POST", path, content=body, headers={"Content-Type": "application/json"})
            problem(answer, 400, "invalid_input")
