"""The state of an OAuth flow: nobody can guess it, and it opens one door once."""

import asyncio
import re
from base64 import urlsafe_b64decode

import httpx
import pytest

from tests.e2e.claims import data_code
from tests.e2e.connecting import (
    as_started,
    callback_path,
    each_provider,
    nothing_is_connected,
    param,
    refused,
    token_calls,
    with_param,
)
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.sandbox_server import Sandbox

STATES = 250
"""Of each provider."""
pytestmark = each_provider


@pytest.fixture(autouse=True)
def sandbox(product: Product, provider: str) -> Sandbox:
    return as_started(product.sandbox, provider)


async def test_twenty_callbacks_at_once_connect_once(sandbox: Sandbox, person: Person, provider: str) -> None:
    callback = await person.approved("globex", provider)
    pages = await asyncio.gather(*(person.visit(callback) for _ in range(20)))
    assert sorted(data_code(page) for page in pages) == ["authorization_unknown"] * 19 + ["connected"]
    assert len(token_calls(sandbox, provider)) == 1
    assert len(await person.connections()) == 1
    refused(await person.visit(callback), 400, "authorization_unknown")
    assert len(token_calls(sandbox, provider)) == 1


async def test_states_are_long_different_and_say_nothing(person: Person, provider: str) -> None:
    me = (await person.get("/auth/me"))["id"].replace("-", "")
    secrets: list[str] = []
    for _ in range(STATES):
        started = await person.authorize(provider)
        assert set(started) == {"url", "flow_id", "expires_in"}
        assert 0 < started["expires_in"] <= 600
        state, name = param(started["url"], "state"), f"vs_flow_{started['flow_id']}"
        for secret in (state, person.http.cookies[name]):
            assert re.fullmatch(r"[A-Za-z0-9_-]{43}", secret)
            told = urlsafe_b64decode(f"{secret}=").hex()
            assert me not in told
            assert started["flow_id"].replace("-", "") not in told
        secrets += [state, person.http.cookies[name]]
        # So many would make a request too long.
        person.http.cookies.delete(name)
    assert len(set(secrets)) == 2 * STATES
    assert len({secret[:8] for secret in secrets}) > 2 * STATES - 3


async def test_a_state_that_is_not_ours_leads_to_no_call(sandbox: Sandbox, person: Person, provider: str) -> None:
    callback = await person.approved("globex", provider)
    state = param(callback, "state")
    altered = state[:-1] + ("A" if state[-1] != "A" else "B")
    odd = (
        "",
        "x",
        altered,
        state.swapcase(),
        state + " ",
        " " + state,
        state[:-1],
        "\u0000",
        "\U0001f9ed",
        "x" * 5_000,
    )
    for given in odd:
        page = await person.visit(with_param(callback, "state", given))
        assert page.status_code == 400, page.text
        assert data_code(page) in ("authorization_unknown", "invalid_input")
    refused(await person.visit(f"{callback_path(provider)}?code=x"), 400, "authorization_unknown")
    refused(await person.visit(callback_path(provider)), 400, "authorization_unknown")
    assert token_calls(sandbox, provider) == []
    assert (await person.visit(callback)).status_code == 200


async def test_a_doubled_parameter_is_refused_and_uses_nothing_up(
    sandbox: Sandbox, person: Person, provider: str
) -> None:
    callback = await person.approved("globex", provider)
    for name in ("state", "code", "error", "iss"):
        for value in (param(callback, "state"), "x", ""):
            refused(await person.visit(f"{callback}&{name}={value}&{name}={value}"), 400, "invalid_input")
    assert token_calls(sandbox, provider) == []
    assert (await person.visit(callback)).status_code == 200


async def test_a_refused_attempt_uses_its_state_up(sandbox: Sandbox, person: Person, provider: str) -> None:
    callback = await person.approved("globex", provider)
    denied = httpx.QueryParams({"state": param(callback, "state"), "error": "access_denied"})
    refused(await person.visit(f"{callback_path(provider)}?{denied}"), 400, "consent_denied")
    refused(await person.visit(callback), 400, "authorization_unknown")
    assert token_calls(sandbox, provider) == []
    await nothing_is_connected(person, provider)


async def test_two_tabs_both_finish(person: Person, provider: str) -> None:
    one, another = await person.authorize(provider), await person.authorize(provider)
    callbacks = [await person.consent(another["url"]), await person.consent(one["url"], account="globex")]
    for callback in callbacks:
        assert (await person.visit(callback)).status_code == 200
    assert len(await person.connections()) == 2
    assert not [name for name in person.http.cookies if name.startswith("vs_flow_")]
