"""What can be done to an OAuth flow by other browsers and by other people: nothing."""

import re

import httpx
import pytest

from tests.e2e.claims import data_code, problem
from tests.e2e.conftest import NewPerson
from tests.e2e.connecting import (
    as_started,
    callback_path,
    each_provider,
    nothing_is_connected,
    param,
    refused,
    token_calls,
)
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox

pytestmark = each_provider


@pytest.fixture(autouse=True)
def sandbox(product: Product, provider: str) -> Sandbox:
    return as_started(product.sandbox, provider)


def set_cookie(person: Person, name: str, value: str) -> None:
    person.http.cookies.set(name, value, domain="localhost.local", path="/")


async def test_a_callback_in_another_persons_browser_connects_nothing(
    product: Product, sandbox: Sandbox, person: Person, new_person: NewPerson, provider: str
) -> None:
    victim = await new_person(product)
    refused(await victim.visit(await person.approved(provider=provider)), 400, "wrong_browser")
    assert token_calls(sandbox, provider) == []
    await nothing_is_connected(victim, provider)
    await nothing_is_connected(person, provider)


async def test_a_consent_lured_from_somebody_else_connects_nothing(
    product: Product,
    sandbox: Sandbox,
    person: Person,
    new_person: NewPerson,
    visitor: httpx.AsyncClient,
    provider: str,
) -> None:
    victim = await new_person(product)
    for lured in (Person(product, visitor, "nobody"), victim):
        page = await lured.visit(await lured.consent((await person.authorize(provider))["url"]))
        refused(page, 400, "wrong_browser")
        assert "postMessage" not in page.text
    assert token_calls(sandbox, provider) == []
    await nothing_is_connected(person, provider)
    await nothing_is_connected(victim, provider)


async def test_a_callback_with_a_flow_cookie_of_another_flow_connects_nothing(
    sandbox: Sandbox, person: Person, provider: str
) -> None:
    one, another = await person.authorize(provider), await person.authorize(provider)
    set_cookie(person, f"vs_flow_{one['flow_id']}", person.http.cookies[f"vs_flow_{another['flow_id']}"])
    refused(await person.visit(await person.consent(one["url"])), 400, "wrong_browser")
    assert token_calls(sandbox, provider) == []


async def test_a_flow_cookie_cannot_be_made_of_what_a_provider_sees(
    sandbox: Sandbox, person: Person, visitor: httpx.AsyncClient, provider: str
) -> None:
    guesser = Person(person.product, visitor, "nobody")
    for guess in ("flow_id", "state", "code", "nothing"):
        started = await person.authorize(provider)
        callback = await guesser.consent(started["url"], account="globex")
        known = {
            "flow_id": started["flow_id"],
            "state": param(callback, "state"),
            "code": param(callback, "code"),
            "nothing": "",
        }
        set_cookie(guesser, f"vs_flow_{started['flow_id']}", known[guess])
        refused(await guesser.visit(callback), 400, "wrong_browser")
    assert token_calls(sandbox, provider) == []
    await nothing_is_connected(person, provider)


async def test_a_flow_cookie_is_for_this_flow_for_minutes_and_for_no_script(person: Person, provider: str) -> None:
    answer = await person.call("POST", f"/integrations/{provider}/authorize")
    (cookie,) = answer.headers.get_list("set-cookie")
    (pair, *given) = [part.strip() for part in cookie.split(";")]
    attributes = {part.lower() for part in given}
    name, _, secret = pair.partition("=")
    assert name == f"vs_flow_{answer.json()['flow_id']}"
    assert secret not in answer.text
    assert {"httponly", "path=/", "samesite=lax"} <= attributes
    assert not any(part.startswith("domain") for part in attributes)
    (age,) = [int(part.partition("=")[2]) for part in attributes if part.startswith("max-age=")]
    assert 0 < age <= 600

    callback = await person.consent(answer.json()["url"], account="globex")
    (cleared,) = (await person.visit(callback)).headers.get_list("set-cookie")
    assert cleared.startswith(f"{name}=")
    assert re.search("max-age=0", cleared, re.IGNORECASE)
    assert name not in person.http.cookies


async def test_a_callback_with_somebody_else_logged_in_connects_nothing(
    product: Product, sandbox: Sandbox, person: Person, new_person: NewPerson, provider: str
) -> None:
    other = await new_person(product)
    callback = await person.approved(provider=provider)
    set_cookie(person, "vs_refresh", other.http.cookies["vs_refresh"])
    refused(await person.visit(callback), 409, "wrong_user")
    assert token_calls(sandbox, provider) == []
    await nothing_is_connected(person, provider)
    await nothing_is_connected(other, provider)


async def test_a_callback_after_the_logout_connects_nothing(sandbox: Sandbox, person: Person, provider: str) -> None:
    for path in ("/auth/logout", "/auth/logout-all"):
        callbacks = [await person.approved(provider=provider) for _ in range(2)]
        assert (await person.by_cookie(path)).status_code == 204
        refused(await person.visit(callbacks[0]), 409, "session_ended")
        await person.log_in()
        refused(await person.visit(callbacks[1]), 409, "session_ended")
    assert token_calls(sandbox, provider) == []
    await nothing_is_connected(person, provider)


async def test_the_flow_cookie_alone_names_who_connects(person: Person, provider: str) -> None:
    """A browser may have lost its refresh cookie on the way; who started is known by the flow."""
    callback = await person.approved("globex", provider)
    person.http.cookies.delete("vs_refresh")
    page = await person.visit(callback)
    assert (page.status_code, data_code(page)) == (200, "connected")
    assert (await person.status(provider))["connected"] is True


async def test_nobody_can_say_for_whom_they_connect(
    product: Product, person: Person, new_person: NewPerson, provider: str
) -> None:
    other = await new_person(product)
    others_own = await other.connect("globex", provider)
    them = (await other.get("/auth/me"))["id"]
    names = {"user_id": them, "userId": them, "org_id": them, "orgId": them}
    headers = {"X-User-Id": them, "X-Forwarded-User": them, "Remote-User": them}
    started = await person.authorize(provider, json=names, params=names, headers=headers)
    callback = await person.consent(started["url"], account="acme")
    query = httpx.QueryParams({**names, "connection_id": others_own})
    assert (await person.visit(f"{callback}&{query}", headers=headers)).status_code == 200
    (mine,) = (await person.get("/connections"))["items"]
    assert mine["id"] != others_own
    (theirs,) = (await other.get("/connections"))["items"]
    assert (theirs["id"], theirs["account"]["id"] != mine["account"]["id"]) == (others_own, True)
    for path in ("load", f"get_{provider}_items", "credentials"):
        body = names | {"connection_id": others_own}
        problem(await person.call("POST", f"/integrations/{provider}/{path}", json=body), 404, "not_found")
    body = {"connection_id": others_own}
    problem(await person.call("POST", f"/integrations/{provider}/authorize", json=body), 400, "invalid_input")


async def test_a_denial_connects_nothing(sandbox: Sandbox, person: Person, provider: str) -> None:
    started = await person.authorize(provider)
    page = await person.visit(await person.consent(started["url"], decision="deny"))
    refused(page, 400, "consent_denied")
    assert '"success": false' in page.text
    assert token_calls(sandbox, provider) == []
    await nothing_is_connected(person, provider)


async def test_an_error_or_no_code_is_no_consent(sandbox: Sandbox, person: Person, provider: str) -> None:
    for query in ({"error": "server_error"}, {"error": "server_error", "code": "x"}, {}):
        state = param((await person.authorize(provider))["url"], "state")
        page = await person.visit(f"{callback_path(provider)}?{httpx.QueryParams({'state': state, **query})}")
        refused(page, 400, "grant_refused")
    assert token_calls(sandbox, provider) == []
    await nothing_is_connected(person, provider)
