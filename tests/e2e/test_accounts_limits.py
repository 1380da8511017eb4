"""How often something may be tried. The product stands behind a proxy that it trusts, so that every caller here has an
address of its own."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import ADDRESSES, PROFILES, Newcomer, as_started, with_settings
from tests.e2e.mailbox import RESET, Mailbox
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.e2e.test_accounts_reset import forgot, logs_in_with, reset, shown

WRONG = "not the right one at all"
NEW = "another horse, another battery"
GUESSES, FAILURES, LOGINS = 5, 10, 30
"""Wrong passwords for one account; failed logins and logins from one address in a minute."""

CACHES = pytest.mark.parametrize("running_product", ["embedded", "sqlite-redis"], indirect=True)
RACES = pytest.mark.parametrize("running_product", PROFILES, indirect=True)
REDIS = pytest.mark.parametrize("running_product", ["sqlite-redis"], indirect=True)


@pytest.fixture(scope="module")
def strict(running_product: Product) -> Iterator[Product]:
    with with_settings(running_product, RATE_LIMIT_SCALE="1", TRUSTED_PROXIES="127.0.0.1/32") as product:
        yield product


@pytest.fixture
def product(strict: Product) -> Product:
    return as_started(strict)


def limited(answer: httpx.Response, seconds: int) -> dict[str, Any]:
    """The refusal, which names a wait of ``seconds`` at most."""
    body = problem(answer, 429, "rate_limited")
    assert 1 <= int(answer.headers["retry-after"]) <= seconds
    return body | {"request_id": ""}


def counts(answers: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


@CACHES
async def test_five_wrong_passwords_make_everybody_wait(newcomer: Newcomer, mailbox: Mailbox) -> None:
    owner, thief = await newcomer(), await newcomer(account=False)
    local, _, domain = owner.email.partition("@")
    for spelling in (owner.email, owner.email.upper(), f"  {owner.email}\t", f"{local}@{domain.upper()}"):
        problem(await thief.post("/auth/token", email=spelling, password=WRONG), 401, "login_failed")
    form = {"username": owner.email, "password": WRONG}
    problem(await thief.call("POST", "/auth/token", data=form, bearer=""), 401, "login_failed")
    thief.email = owner.email
    waiting = [await thief.try_to_log_in(WRONG), await thief.try_to_log_in(), await owner.try_to_log_in()]
    assert [limited(answer, 60) for answer in waiting] == [limited(waiting[0], 60)] * 3
    assert len({tuple(sorted(answer.headers)) for answer in waiting}) == 1
    # Nobody is locked out: sessions go on, and a mailed link lets its owner in at once.
    for url in owner.product.urls:
        assert (await owner.call("GET", "/auth/me", base=url)).status_code == 200
    assert (await owner.by_cookie("/auth/refresh")).status_code == 200
    assert (await forgot(owner)).status_code == 202
    assert (await reset(owner, await mailbox.token(owner.email, RESET), NEW)).status_code == 204
    assert await logs_in_with(owner, NEW) == [NEW]


@REDIS
async def test_an_address_without_account_waits_as_one_with(newcomer: Newcomer) -> None:
    known, unknown = await newcomer(), await newcomer(account=False)
    answers = [[await one.try_to_log_in(WRONG) for _ in range(GUESSES + 1)] for one in (known, unknown)]
    for refused in answers:
        assert [answer.status_code for answer in refused] == [401] * GUESSES + [429]
    for pair in zip(*answers, strict=True):
        bodies = [problem(answer, answer.status_code) | {"request_id": ""} for answer in pair]
        assert bodies[0] == bodies[1]
        assert len({tuple(sorted(answer.headers)) for answer in pair}) == 1


@REDIS
async def test_a_right_password_forgets_the_wrong_ones(newcomer: Newcomer) -> None:
    person = await newcomer()
    for _ in range(2):
        for _ in range(GUESSES - 1):
            problem(await person.try_to_log_in(WRONG), 401, "login_failed")
        await person.log_in()


@RACES
async def test_two_hundred_guesses_at_once_from_everywhere_are_five(newcomer: Newcomer) -> None:
    owner = await newcomer()
    elsewhere = [{"X-Forwarded-For": next(ADDRESSES)} for _ in range(200)]
    answers = await asyncio.gather(*(owner.try_to_log_in(WRONG, headers=one) for one in elsewhere))
    assert counts(answers) == {401: GUESSES, 429: 200 - GUESSES}
    assert (await owner.call("GET", "/auth/me")).status_code == 200


@RACES
async def test_two_hundred_failures_at_once_of_one_address_are_ten(newcomer: Newcomer) -> None:
    visitor, other = await newcomer(account=False), await newcomer()
    tries = [visitor.post("/auth/token", email=f"{number}@example.com", password=WRONG) for number in range(200)]
    assert counts(await asyncio.gather(*tries)) == {401: FAILURES, 429: 200 - FAILURES}
    await other.log_in()


@REDIS
async def test_one_password_is_tried_on_ten_accounts_a_minute(newcomer: Newcomer) -> None:
    sprayer, neighbour = await newcomer(account=False), await newcomer()
    tries = [
        await sprayer.post("/auth/token", email=f"{uuid4().hex}@example.com", password=WRONG)
        for _ in range(FAILURES + 5)
    ]
    assert [answer.status_code for answer in tries] == [401] * FAILURES + [429] * 5
    for answer in tries[FAILURES:]:
        limited(answer, 60)
    await neighbour.log_in()


@REDIS
async def test_a_login_that_succeeds_is_no_failure(newcomer: Newcomer) -> None:
    person = await newcomer()
    for _ in range(FAILURES + 2):
        await person.log_in()
    nobody = {"email": f"{uuid4().hex}@example.com", "password": WRONG}
    problem(await person.post("/auth/token", **nobody), 401, "login_failed")


@REDIS
async def test_one_address_logs_in_thirty_times_a_minute(newcomer: Newcomer) -> None:
    person = await newcomer(account=False)
    await person.register()
    for _ in range(LOGINS):
        await person.log_in()
    limited(await person.try_to_log_in(), 60)


CALLS = [
    ("/auth/register", {"password": PASSWORD}, 201),
    ("/auth/forgot-password", {}, 202),
    ("/auth/resend-verification", {}, 202),
    ("/auth/reset-password", {"token": "x", "new_password": NEW}, 400),
    ("/auth/verify-email", {"token": "x", "password": PASSWORD}, 400),
]


@CACHES
@pytest.mark.parametrize(("path", "body", "status"), CALLS, ids=[path for path, _, _ in CALLS])
async def test_one_address_calls_twenty_times_a_minute(
    newcomer: Newcomer, path: str, body: dict[str, str], status: int
) -> None:
    caller, other = await newcomer(account=False), await newcomer(account=False)

    async def call(person: Person, at: str = path) -> httpx.Response:
        email = {} if "token" in body else {"email": f"{uuid4().hex}@example.com"}
        return await person.post(at, **email, **body)

    answers = await asyncio.gather(*(call(caller) for _ in range(25)))
    assert counts(answers) == {status: 20, 429: 5}
    limited(await call(caller), 60)
    for around in (f"{path}/", f"/{path}", path.upper(), path.replace("auth/", "auth//"), f"{path}?x=1"):
        assert (await call(caller, around)).status_code in (404, 405, 429), around
    assert (await call(other)).status_code == status


@REDIS
async def test_a_person_changes_passwords_five_times_a_minute(newcomer: Newcomer) -> None:
    person, other = await newcomer(), await newcomer()
    wrong = {"current_password": WRONG, "new_password": NEW}
    answers = await asyncio.gather(*(person.call("POST", "/auth/change-password", json=wrong) for _ in range(8)))
    assert counts(answers) == {400: 5, 429: 3}
    right = wrong | {"current_password": PASSWORD}
    limited(await person.call("POST", "/auth/change-password", json=right), 60)
    assert (await other.call("POST", "/auth/change-password", json=right)).status_code == 200
    assert await logs_in_with(person, PASSWORD) == [PASSWORD]


@REDIS
async def test_a_session_is_renewed_sixty_times_a_minute(newcomer: Newcomer) -> None:
    person, other = await newcomer(), await newcomer()
    for _ in range(60):
        assert (await person.by_cookie("/auth/refresh")).status_code == 200
    limited(await person.by_cookie("/auth/refresh"), 60)
    assert (await person.call("GET", "/auth/me")).status_code == 200
    assert (await other.by_cookie("/auth/refresh")).status_code == 200


@REDIS
async def test_a_person_sets_out_to_connect_ten_times_a_minute(newcomer: Newcomer) -> None:
    person, other = await newcomer(), await newcomer()
    path = "/integrations/hubspot/authorize"
    answers = await asyncio.gather(*(person.call("POST", path) for _ in range(15)))
    assert counts(answers) == {200: 10, 429: 5}
    limited(await person.call("POST", path), 60)
    assert (await other.call("POST", path)).status_code == 200


@REDIS
async def test_a_connection_is_synced_six_times_a_minute(newcomer: Newcomer) -> None:
    person, other = await newcomer(), await newcomer()
    path = "/integrations/hubspot/sync"
    for one in (person, other):
        await one.connect("globex")
    answers = await asyncio.gather(*(person.call("POST", path) for _ in range(9)))
    assert counts(answers) == {202: 6, 429: 3}
    limited(await person.call("POST", path), 60)
    assert (await other.call("POST", path)).status_code == 202
    for one in (person, other):
        await one.first_sync()


@REDIS
async def test_one_link_a_minute_is_mailed(newcomer: Newcomer, mailbox: Mailbox) -> None:
    person, elsewhere, last = await newcomer(), await newcomer(account=False), await newcomer()
    answers = [await forgot(one, person.email) for one in (person, elsewhere, person)]
    assert len({str(shown(answer)) for answer in answers}) == 1
    assert answers[0].status_code == 202
    await forgot(last)
    await mailbox.settled(last.email, RESET)
    assert len(mailbox.of(person.email, RESET)) == 1


@REDIS
async def test_limits_are_stricter_while_redis_is_away(product: Product, newcomer: Newcomer) -> None:
    owner, victim = await newcomer(), await newcomer()
    assert product.redis
    product.redis.kill()
    try:
        for url in product.urls:
            assert (await owner.call("GET", "/auth/me", base=url)).status_code == 200
            assert (await owner.try_to_log_in(base=url)).status_code == 200
            assert (await owner.by_cookie("/auth/refresh", base=url)).status_code == 200
        elsewhere = [{"X-Forwarded-For": next(ADDRESSES)} for _ in range(40)]
        guesses = counts(await asyncio.gather(*(victim.try_to_log_in(WRONG, headers=headers) for headers in elsewhere)))
        assert set(guesses) == {401, 429}
        assert guesses[401] < GUESSES
        problem(await victim.try_to_log_in(), 429, "rate_limited")
        assert (await victim.call("GET", "/auth/me")).status_code == 200
        mailed = counts(await asyncio.gather(*(forgot(victim, "nobody@example.com") for _ in range(30))))
        assert set(mailed) == {202, 429}
        assert mailed[202] <= 20
        sprayer = await newcomer(account=False)
        tries = [sprayer.post("/auth/token", email=f"{number}@example.com", password=WRONG) for number in range(40)]
        sprayed = counts(await asyncio.gather(*tries))
        assert set(sprayed) == {401, 429}
        assert sprayed[401] <= FAILURES
    finally:
        product.redis.start()
        product.await_ready()
    for process in product.processes:
        assert "Traceback" not in process.output()
