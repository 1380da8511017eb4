"""OAuth 2.0 as each provider wants it: how it is asked, and what its recorded answers mean."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import structlog

from adapters.outbound.oauth2 import OAuth2
from adapters.outbound.provider_clients import ProviderClients, Registration
from adapters.outbound.provider_http import ProviderHttp
from adapters.outbound.providers import declarations
from adapters.outbound.providers._declaration import Client
from domain.errors import ClientRefused, GrantRefused, ProviderThrottled, ProviderUnavailable
from domain.secret import Secret
from tests.unit.builders import A_TIME, HeldClock
from tests.unit.outbound.conftest import Wire

DECLARED = {one.slug: one for one in declarations()}
RECORDED: Mapping[str, Any] = {
    slug: json.loads((Path(__file__).parents[2] / "contract" / "providers" / f"{slug}.json").read_text())
    for slug in DECLARED
}
OURS = Client("our-client", "our-secret")
BASIC = "Basic b3VyLWNsaWVudDpvdXItc2VjcmV0"
IN_BODY = {"client_id": "our-client", "client_secret": "our-secret"}
ASKED: Mapping[str, tuple[dict[str, str], dict[str, str]]] = {
    "hubspot": (IN_BODY, {}),
    "notion": ({}, {"authorization": BASIC, "notion-version": "2026-03-11"}),
    "slack": ({}, {"authorization": BASIC}),
    "airtable": ({}, {"authorization": BASIC}),
}
"""By provider: what stands in the body of each call for tokens, and in its headers."""
REFUSED = [(slug, entry) for slug in DECLARED for entry in RECORDED[slug]["token_refusals"]]
NOT_OURS = [(slug, entry) for slug, entry in REFUSED if entry["means"] == "client"]
SECRETS = ("our-secret", "a-code", "a-refresh-token", BASIC.partition(" ")[2])

each_provider = pytest.mark.parametrize("slug", ASKED)


@pytest.fixture
def clients() -> ProviderClients:
    return ProviderClients(
        declarations(), {slug: Registration(OURS, f"https://vectorshift.example/{slug}") for slug in DECLARED}
    )


@pytest.fixture
async def http(wire: Wire, clients: ProviderClients, clock: HeldClock) -> AsyncIterator[ProviderHttp]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(wire)) as client:
        yield ProviderHttp(client, clients, clock)


def answering(wire: Wire, *answers: tuple[int, object]) -> None:
    left = [httpx.Response(status, json=body) for status, body in answers]
    wire.answer = lambda _: left.pop(0)


def body_of(request: httpx.Request) -> dict[str, Any]:
    """A form's fields, or JSON."""
    if request.headers["content-type"] == "application/json":
        found: dict[str, Any] = json.loads(request.content)
        return found
    return dict(parse_qsl(request.content.decode(), strict_parsing=True))


def a_grant(slug: str) -> list[tuple[int, object]]:
    """What a provider answers to a code, and then to the question whose it is, if that must be asked."""
    account = RECORDED[slug]["account"]["answers"][0]["answer"]
    if DECLARED[slug].account_request is None:
        return [(200, account)]
    return [(200, RECORDED[slug]["tokens"][0]["answer"]), (200, account)]


async def exchanged(grants: OAuth2, slug: str) -> Any:
    return await grants.exchange(slug, code="a-code", verifier="v" * 43)


def test_every_provider_is_looked_at_here() -> None:
    assert set(ASKED) == set(DECLARED)


@each_provider
async def test_a_code_becomes_a_grant_of_an_account(grants: OAuth2, wire: Wire, slug: str) -> None:
    answering(wire, *a_grant(slug))
    grant = await exchanged(grants, slug)
    account = RECORDED[slug]["account"]["answers"][0]
    assert (grant.account.id, grant.account.name) == (account["id"], account["name"])
    expected = RECORDED[slug]["tokens"][0]
    assert grant.tokens.access == Secret(expected["access_token"])
    assert grant.tokens.refresh == Secret(expected["refresh_token"])
    assert grant.tokens.scopes == tuple(expected["scopes"])
    life = expected["expires_in"]
    assert grant.tokens.expires_at == (A_TIME + timedelta(seconds=life) if life else None)


@each_provider
async def test_a_code_is_handed_over_as_the_provider_wants_it(grants: OAuth2, wire: Wire, slug: str) -> None:
    answering(wire, *a_grant(slug))
    await exchanged(grants, slug)
    fields, headers = ASKED[slug]
    request = wire.sent[0]
    given = {
        "grant_type": "authorization_code",
        "code": "a-code",
        "redirect_uri": f"https://vectorshift.example/{slug}",
    }
    proof = {"code_verifier": "v" * 43} if slug == "airtable" else {}
    assert body_of(request) == given | proof | fields
    assert (request.headers["content-type"] == "application/json") == (slug == "notion")
    assert {name: request.headers.get(name) for name in ("authorization", "notion-version")} == {
        "authorization": headers.get("authorization"),
        "notion-version": headers.get("notion-version"),
    }
    assert str(request.url) == DECLARED[slug].token_url
    assert not any(secret in str(sent.url) for sent in wire.sent for secret in SECRETS)


@each_provider
async def test_a_refresh_token_is_handed_over_in_the_same_way(grants: OAuth2, wire: Wire, slug: str) -> None:
    answering(wire, (200, RECORDED[slug]["tokens"][0]["answer"]))
    tokens = await grants.refresh(slug, Secret("a-refresh-token"))
    (request,) = wire.sent
    fields, headers = ASKED[slug]
    assert body_of(request) == {"grant_type": "refresh_token", "refresh_token": "a-refresh-token"} | fields
    assert request.headers.get("authorization") == headers.get("authorization")
    assert request.headers.get("notion-version") == headers.get("notion-version")
    assert tokens.refresh == Secret(RECORDED[slug]["tokens"][0]["refresh_token"])


@each_provider
def test_a_person_is_sent_with_what_the_provider_wants(grants: OAuth2, slug: str) -> None:
    url = urlsplit(grants.authorization_url(slug, state="a-state", verifier="v" * 43))
    asked = dict(parse_qsl(url.query, strict_parsing=True))
    assert asked.get("owner") == ("user" if slug == "notion" else None)
    assert ("code_challenge" in asked) == (slug == "airtable")
    assert asked.get("scope", "").count(",") == (2 if slug == "slack" else 0)
    assert ("scope" in asked) == (slug != "notion")
    assert "our-secret" not in url.query
    assert "v" * 43 not in url.query


@pytest.mark.parametrize(
    ("slug", "number"), [(slug, n) for slug in DECLARED for n in range(len(RECORDED[slug]["tokens"]))]
)
async def test_every_recorded_token_answer_is_believed_as_it_is_read(
    grants: OAuth2, wire: Wire, slug: str, number: int
) -> None:
    entry = RECORDED[slug]["tokens"][number]
    answering(wire, (200, entry["answer"]))
    is_bearer = isinstance(entry["access_token"], str) and entry["token_type"] in ("bearer", "Bearer")
    said = entry["answer"].get("ok", True)
    if not is_bearer or not said:
        with pytest.raises((ProviderUnavailable, GrantRefused)):
            await grants.refresh(slug, Secret("a-refresh-token"))
        return
    tokens = await grants.refresh(slug, Secret("a-refresh-token"))
    assert tokens.access == Secret(entry["access_token"])
    assert tokens.refresh == Secret(entry["refresh_token"] or "a-refresh-token")
    assert tokens.scopes == tuple(entry["scopes"])


@pytest.mark.parametrize("token_type", ["Bearer ", " bearer", "BEARER"])
async def test_airtables_token_type_ends_with_a_space(grants: OAuth2, wire: Wire, token_type: str) -> None:
    answering(wire, (200, RECORDED["airtable"]["tokens"][0]["answer"] | {"token_type": token_type}))
    assert (await grants.refresh("airtable", Secret("a-refresh-token"))).access == Secret("oaa0001.v1")


async def test_slacks_token_may_be_the_persons(grants: OAuth2, wire: Wire) -> None:
    person = {"id": "U1", "scope": "users:read,channels:read", "access_token": "xoxe.xoxp-1", "token_type": "user"}
    answer = {"ok": True, "authed_user": person | {"refresh_token": "xoxe-1", "expires_in": 43_200}}
    answering(wire, (200, answer | {"team": {"id": "T1", "name": "Acme"}}))
    grant = await exchanged(grants, "slack")
    assert (grant.tokens.access, grant.tokens.refresh) == (Secret("xoxe.xoxp-1"), Secret("xoxe-1"))
    assert grant.tokens.scopes == ("users:read", "channels:read")


@pytest.mark.parametrize("token_type", ["app", "xoxb", None, "mac"])
async def test_not_every_token_of_slack_is_a_bearer_token(grants: OAuth2, wire: Wire, token_type: str | None) -> None:
    answer = RECORDED["slack"]["tokens"][0]["answer"] | {"token_type": token_type}
    answering(wire, (200, answer), (200, answer))
    with pytest.raises(GrantRefused):
        await exchanged(grants, "slack")
    with pytest.raises(ProviderUnavailable):
        await grants.refresh("slack", Secret("a-refresh-token"))


@pytest.mark.parametrize("ok", [False, None, "true", 1])
async def test_slacks_tokens_count_only_if_it_says_ok(grants: OAuth2, wire: Wire, ok: object) -> None:
    answering(wire, (200, RECORDED["slack"]["tokens"][0]["answer"] | {"ok": ok}))
    with pytest.raises(ProviderUnavailable):
        await grants.refresh("slack", Secret("a-refresh-token"))


@pytest.mark.parametrize(("slug", "entry"), REFUSED, ids=str)
async def test_what_a_refusal_means_the_recordings_say(
    grants: OAuth2, wire: Wire, slug: str, entry: dict[str, Any]
) -> None:
    meant = {"dead": GrantRefused, "client": ClientRefused, "later": ProviderUnavailable}[entry["means"]]
    answering(wire, *[(entry["status"], entry["answer"])] * 2)
    with pytest.raises(meant) as refused:
        await grants.refresh(slug, Secret("a-refresh-token"))
    assert type(refused.value) in (meant, ProviderThrottled)
    with pytest.raises(meant):
        await exchanged(grants, slug)


@pytest.mark.parametrize(("slug", "entry"), NOT_OURS, ids=str)
async def test_the_operator_is_told_who_does_not_know_us_and_no_secret(
    grants: OAuth2, wire: Wire, slug: str, entry: dict[str, Any]
) -> None:
    answering(wire, (entry["status"], entry["answer"]))
    with structlog.testing.capture_logs() as lines, pytest.raises(ClientRefused) as refused:
        await grants.refresh(slug, Secret("a-refresh-token"))
    assert [(line["log_level"], line["provider"]) for line in lines] == [("error", slug)]
    for secret in SECRETS:
        assert secret not in f"{lines} {refused.value} {refused.value.detail}"


@each_provider
@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_fault_is_no_verdict_whatever_it_says(grants: OAuth2, wire: Wire, slug: str, status: int) -> None:
    answering(wire, (status, {"ok": False, "error": "invalid_grant", "code": "invalid_grant"}))
    with pytest.raises(ProviderUnavailable):
        await grants.refresh(slug, Secret("a-refresh-token"))


@each_provider
async def test_a_grant_of_nobody_is_refused(grants: OAuth2, wire: Wire, slug: str) -> None:
    for answer in RECORDED[slug]["account"]["refused"]:
        asked = DECLARED[slug].account_request is not None
        answering(wire, *([(200, RECORDED[slug]["tokens"][0]["answer"])] if asked else []), (200, answer))
        with pytest.raises((GrantRefused, ProviderUnavailable)):
            await exchanged(grants, slug)
