"""Sessions as a browser lives them: rotation, reuse, logout, and where their secrets may show."""

import asyncio
import re
from collections.abc import Iterator
from http.cookies import Morsel, SimpleCookie

import httpx
import pytest

from tests.e2e.claims import problem
from tests.e2e.conftest import NewPerson, products_of
from tests.e2e.person import PASSWORD, Person
from tests.e2e.product import Product
from tests.services.test_services import say

GRACE_SECONDS = 6.0
REFRESH, FLOW = "vs_refresh", "vs_flow_"


def refresh_token(answer: httpx.Response) -> str:
    """What the browser is to keep from now on."""
    token = answer.cookies.get(REFRESH)
    assert token, answer.headers
    return token


async def refreshed_with(person: Person, token: str, **given: str) -> httpx.Response:
    """Refresh by this token, whatever the browser holds."""
    headers = {"Origin": person.product.public_url, "Cookie": f"{REFRESH}={token}"}
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        return await http.post(person.product.next_url() + "/auth/refresh", headers=headers)


async def refused_everywhere(person: Person, token: str) -> None:
    for url in person.product.urls:
        problem(await person.call("GET", "/auth/me", bearer=token, base=url), 401, "not_authenticated")


async def test_each_refresh_changes_the_token(person: Person) -> None:
    first = person.http.cookies[REFRESH]
    renewed = await person.by_cookie("/auth/refresh")
    assert (renewed.status_code, renewed.json()["token_type"]) == (200, "bearer")
    assert renewed.json()["user"]["email"] == person.email
    assert refresh_token(renewed) != first
    again = await person.by_cookie("/auth/refresh")
    assert len({first, refresh_token(renewed), refresh_token(again)}) == 3
    for answer in (renewed, again):
        assert (await person.call("GET", "/auth/me", bearer=answer.json()["access_token"])).status_code == 200


async def test_twenty_refreshes_at_once_get_the_same_successor(person: Person) -> None:
    token = person.http.cookies[REFRESH]
    answers = await asyncio.gather(*(refreshed_with(person, token) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    successors = {refresh_token(answer) for answer in answers}
    assert len(successors) == 1
    last = await refreshed_with(person, successors.pop())
    assert last.status_code == 200
    assert (await person.call("GET", "/auth/me")).status_code == 200


async def test_a_token_used_again_after_the_grace_ends_the_session(person: Person) -> None:
    stolen = person.http.cookies[REFRESH]
    await person.by_cookie("/auth/refresh")
    current = await person.by_cookie("/auth/refresh")
    await asyncio.sleep(GRACE_SECONDS + 0.2)
    problem(await refreshed_with(person, stolen), 401, "session_ended")
    problem(await refreshed_with(person, refresh_token(current)), 401, "session_ended")
    await refused_everywhere(person, current.json()["access_token"])


async def test_a_lost_answer_to_a_refresh_loses_nothing(person: Person) -> None:
    first = person.http.cookies[REFRESH]
    lost = await refreshed_with(person, first)
    repeated = await refreshed_with(person, first)
    assert refresh_token(repeated) == refresh_token(lost)
    await asyncio.sleep(GRACE_SECONDS + 0.2)
    assert (await refreshed_with(person, refresh_token(lost))).status_code == 200


async def test_a_logout_holds_on_the_next_request_of_every_process(person: Person) -> None:
    token, refresh = person.token, person.http.cookies[REFRESH]
    for url in person.product.urls:
        assert (await person.call("GET", "/auth/me", base=url)).status_code == 200
    out = await person.by_cookie("/auth/logout", base=person.product.urls[0])
    assert (out.status_code, out.content) == (204, b"")
    for url in reversed(person.product.urls):
        problem(await person.call("GET", "/auth/me", bearer=token, base=url), 401, "not_authenticated")
    problem(await refreshed_with(person, refresh), 401, "session_ended")
    assert (await person.by_cookie("/auth/logout")).status_code == 204


async def test_a_logout_clears_the_cookie_as_it_was_set(person: Person) -> None:
    out = await person.by_cookie("/auth/logout")
    cleared = cookies_of(out)[REFRESH]
    assert (cleared.value, cleared["max-age"], cleared["path"], cleared["domain"]) == ("", "0", "/", "")
    assert REFRESH not in person.http.cookies


async def test_a_logout_of_one_browser_leaves_the_other(person: Person, visitor: httpx.AsyncClient) -> None:
    other = Person(person.product, visitor, person.email)
    await other.log_in()
    await person.by_cookie("/auth/logout")
    assert (await other.call("GET", "/auth/me")).status_code == 200


async def test_logout_all_ends_every_browser(person: Person, visitor: httpx.AsyncClient) -> None:
    other = Person(person.product, visitor, person.email)
    await other.log_in()
    refresh = other.http.cookies[REFRESH]
    assert (await person.by_cookie("/auth/logout-all")).status_code == 204
    for token in (person.token, other.token):
        await refused_everywhere(person, token)
    problem(await refreshed_with(person, refresh), 401, "session_ended")
    problem(await other.by_cookie("/auth/logout-all"), 401, "session_ended")
    await other.log_in()
    assert (await other.call("GET", "/auth/me")).status_code == 200


async def test_an_emptied_cache_brings_nothing_back_and_logs_nobody_out(
    product: Product, person: Person, new_person: NewPerson
) -> None:
    gone = await new_person(product)
    refresh = gone.http.cookies[REFRESH]
    await gone.by_cookie("/auth/logout")
    if product.redis:
        say(product.redis, "FLUSHALL")
    else:
        product.apis[0].kill()
        product.start()
    await refused_everywhere(gone, gone.token)
    problem(await refreshed_with(gone, refresh), 401, "session_ended")
    assert (await person.call("GET", "/auth/me")).status_code == 200
    assert (await person.by_cookie("/auth/refresh")).status_code == 200


@pytest.mark.parametrize("made_of", ["another", "none", "garbage", "access"])
async def test_what_is_not_the_current_refresh_token_opens_nothing(person: Person, made_of: str) -> None:
    token = person.http.cookies[REFRESH]
    presented = {
        "another": token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"),
        "none": "",
        "garbage": "%00%ff",
        "access": person.token,
    }[made_of]
    problem(await refreshed_with(person, presented), 401, "session_ended")


async def test_a_guess_at_a_refresh_token_does_not_end_the_session_of_its_owner(person: Person) -> None:
    """Whoever knows the ids in it, but never held one, is no second party."""
    token = person.http.cookies[REFRESH]
    guessed = token[:-10] + ("A" * 10 if token[-10:] != "A" * 10 else "B" * 10)
    problem(await refreshed_with(person, guessed), 401, "session_ended")
    assert (await person.call("GET", "/auth/me")).status_code == 200


async def test_a_refresh_token_is_no_bearer(person: Person) -> None:
    problem(await person.call("GET", "/auth/me", bearer=person.http.cookies[REFRESH]), 401, "not_authenticated")


async def test_one_answer_for_every_failed_login(person: Person) -> None:
    tries = [
        {"email": person.email, "password": "not the right one at all"},
        {"email": "nobody-" + person.email, "password": PASSWORD},
        {"email": "no address", "password": PASSWORD},
        {"email": person.email, "password": ""},
        {"email": person.email, "password": "x" * 10_000},
    ]
    answers = [await person.call("POST", "/auth/token", json=one, bearer="") for one in tries]
    bodies = [problem(answer, 401, "login_failed") for answer in answers]
    assert len({tuple(sorted((body | {"request_id": ""}).items())) for body in bodies}) == 1
    assert not any(answer.headers.get_list("set-cookie") for answer in answers)


async def test_a_login_replaces_a_cookie_that_somebody_planted(person: Person, visitor: httpx.AsyncClient) -> None:
    planted = person.http.cookies[REFRESH]
    victim = Person(person.product, visitor, person.email)
    victim.http.cookies.set(REFRESH, planted, domain="localhost.local", path="/")
    await victim.log_in()
    assert victim.http.cookies[REFRESH] != planted


async def test_cookies_on_loopback_are_out_of_reach_of_scripts_and_of_other_sites(person: Person) -> None:
    answer = await person.call("POST", "/auth/token", json={"email": person.email, "password": PASSWORD}, bearer="")
    started = await person.call("POST", "/integrations/hubspot/authorize")
    flow = started.json()["flow_id"]
    assert set(cookies_of(answer)) == {REFRESH}
    assert set(cookies_of(started)) == {FLOW + flow}
    for cookie in (cookies_of(answer)[REFRESH], cookies_of(started)[FLOW + flow]):
        assert (cookie["httponly"], cookie["path"], cookie["samesite"].lower()) == (True, "/", "lax")
        assert (cookie["domain"], cookie["secure"]) == ("", "")
    assert int(cookies_of(started)[FLOW + flow]["max-age"]) <= 600


@pytest.fixture(scope="module")
def behind_https(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """As it stands behind something that speaks https for it."""
    with products_of(request, "embedded", tmp_path_factory) as products:
        yield products.start(PUBLIC_URL="https://app.example.com")


async def test_cookies_behind_https_are_of_this_host_alone(behind_https: Product, visitor: httpx.AsyncClient) -> None:
    url, origin = behind_https.urls[0], {"Origin": "https://app.example.com"}
    account = {"email": "ada@example.com", "password": PASSWORD}
    assert (await visitor.post(f"{url}/auth/register", json=account)).status_code == 201
    answer = await visitor.post(f"{url}/auth/token", json=account, headers={"X-Forwarded-Proto": "http"})
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    started = await visitor.post(f"{url}/integrations/hubspot/authorize", headers=bearer)
    name = "__Host-" + FLOW + started.json()["flow_id"]
    assert (set(cookies_of(answer)), set(cookies_of(started))) == ({"__Host-" + REFRESH}, {name})
    for cookie in (*cookies_of(answer).values(), *cookies_of(started).values()):
        assert (cookie["httponly"], cookie["secure"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
        assert cookie["samesite"].lower() == "lax"
    assert "max-age=" in answer.headers["strict-transport-security"]

    token = cookies_of(answer)["__Host-" + REFRESH].value
    unprefixed = await visitor.post(f"{url}/auth/refresh", headers=origin | {"Cookie": f"{REFRESH}={token}"})
    problem(unprefixed, 401, "session_ended")
    renewed = await visitor.post(f"{url}/auth/refresh", headers=origin | {"Cookie": f"__Host-{REFRESH}={token}"})
    assert renewed.status_code == 200
    cleared = await visitor.post(
        f"{url}/auth/logout",
        headers=origin | {"Cookie": f"__Host-{REFRESH}={cookies_of(renewed)['__Host-' + REFRESH].value}"},
    )
    gone = cookies_of(cleared)["__Host-" + REFRESH]
    assert (gone.value, gone["max-age"], gone["secure"], gone["path"]) == ("", "0", True, "/")


async def test_tokens_show_in_no_body_and_no_address_but_the_access_token(product: Product, person: Person) -> None:
    answers = [
        await person.call("POST", "/auth/token", json={"email": person.email, "password": PASSWORD}, bearer=""),
        await person.by_cookie("/auth/refresh"),
    ]
    started = await person.call("POST", "/integrations/hubspot/authorize")
    flow = started.cookies[FLOW + started.json()["flow_id"]]
    callback = await person.consent(started.json()["url"], account="globex")
    answers += [started, await person.visit(callback)]
    await person.first_sync()
    for path in ("/auth/me", "/integrations", "/integrations/hubspot/status", "/items"):
        answers.append(await person.call("GET", path))
    for path in ("credentials", "load", "disconnect"):
        answers.append(await person.call("POST", f"/integrations/hubspot/{path}"))
    granted = [product.sandbox.tokens("globex")[name] for name in ("access_token", "refresh_token")]
    held = [person.http.cookies[REFRESH], flow, "sandbox-secret", PASSWORD, "argon2", *granted]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store", answer.url
        for secret in held:
            assert secret not in answer.text, answer.url
            assert secret not in str(answer.url)
        if "access_token" in answer.text:
            assert answer.url.path in ("/auth/token", "/auth/refresh")
    logs = "".join(process.output() for process in (*product.apis, *([product.worker] if product.worker else [])))
    for secret in (*held, person.token, re.sub("^.*code=", "", callback)):
        assert secret not in logs


def cookies_of(answer: httpx.Response) -> dict[str, "Morsel[str]"]:
    found: dict[str, Morsel[str]] = {}
    for line in answer.headers.get_list("set-cookie"):
        found |= SimpleCookie(line)
    return found
