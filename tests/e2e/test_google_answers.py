"""What Google answers: an id_token that is wrong in any respect logs nobody in, and nothing secret is written down."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e.google_client import CLIENT_ID, Google
from tests.e2e.person import Person
from tests.e2e.product import Product
from tests.e2e.signing_in import (
    address,
    back,
    choose,
    finish,
    is_in,
    me,
    refused,
    sign_in,
    somebody,
    start,
    token_calls,
    try_to_sign_in,
)

WRONG: dict[str, Callable[[Google], dict[str, Any]]] = {
    "aud of another client": lambda _: {"claims": {"aud": "another"}},
    "several aud, no azp": lambda _: {"claims": {"aud": [CLIENT_ID, "another"], "azp": None}},
    "azp of another client": lambda _: {"claims": {"azp": "another"}},
    "iss with another end": lambda google: {"claims": {"iss": f"{google.issuer}.evil"}},
    "iss with a slash": lambda google: {"claims": {"iss": f"{google.issuer}/"}},
    "expired": lambda _: {"claims": {"exp": int(time.time()) - 3600}},
    "issued tomorrow": lambda _: {"claims": {"iat": int(time.time()) + 86_400}},
    "no nonce": lambda _: {"claims": {"nonce": None}},
    "another nonce": lambda _: {"claims": {"nonce": "another"}},
    "no sub": lambda _: {"claims": {"sub": None}},
    "crit": lambda _: {"header": {"crit": ["x"], "x": 1}},
    "not signed": lambda _: {"sign": "none"},
    "signed with the secret": lambda _: {"sign": "secret"},
    "signed with the public key": lambda _: {"sign": "public"},
    "signed with an unknown key": lambda _: {"sign": "unknown"},
    "another sub in userinfo": lambda _: {"userinfo": {"sub": "another"}},
}


@pytest.fixture
def google(product: Product) -> Google:
    google = Google(product.sandbox)
    google.control("POST", "/reset")
    google.control("DELETE", "/requests")
    return google


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_a_wrong_id_token_logs_nobody_in(
    google: Google, person: Person, stranger: Person, wrong: Callable[[Google], dict[str, Any]]
) -> None:
    who, linked = somebody(google), somebody(google)
    await sign_in(person, linked, "link")
    for one, purpose in ((who, None), (linked, None), (linked, "reauth"), (who, "link")):
        google.control("POST", "/id_token", wrong(google) | {"times": 1})
        answer = await try_to_sign_in(person if purpose else stranger, one, purpose)
        refused(answer, 400, "identity_refused")
    assert await is_in(person)
    assert await me(person) == (await sign_in(stranger, linked))["user"]
    await sign_in(stranger, who)
    assert [event["action"] for event in (await stranger.get("/auth/events"))["items"]] == ["login", "register"]


async def test_who_says_no_at_google_is_not_logged_in(google: Google, stranger: Person) -> None:
    started = await start(stranger)
    answer = await stranger.http.post(started["url"], data={"decision": "deny", "account": "gmail"})
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["error"] == ["access_denied"]
    assert "code" not in query
    refused(await finish(stranger, {"code": "", "state": query["state"][0]}), 400, "identity_refused")


async def test_no_secret_of_a_sign_in_is_written_down(google: Google, product: Product, stranger: Person) -> None:
    started = await start(stranger)
    cookie = stranger.http.cookies[f"vs_flow_{started['flow_id']}"]
    who = somebody(google)
    came = await choose(stranger, started["url"], who)
    answer = await finish(stranger, came)
    (call,) = token_calls(google)
    verifier = parse_qs(call["body"])["code_verifier"][0]
    secrets = [*came.values(), cookie, verifier, "sandbox-secret", answer.json()["access_token"], address(who)]
    google.control("POST", "/faults", [{"path": "/token", "status": 500, "body": "sandbox-secret"}])
    failed = await finish(stranger, await back(stranger, somebody(google)))
    refused(failed, 503, "identity_provider_unavailable")
    written = "".join(process.output() for process in product.processes if process is not product.beside)
    assert "Traceback" not in written
    assert [secret for secret in secrets if secret in written] == []
    assert not [name for name in (verifier, came["code"]) if name in failed.text]
