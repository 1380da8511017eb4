"""What every provider's module promises, shown on exchanges that its documentation has: ``providers/<slug>.json``."""

import json
import re
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.outbound.oauth2 import OAuth2
from adapters.outbound.provider_clients import ProviderClients, Registration
from adapters.outbound.provider_http import ProviderHttp
from adapters.outbound.providers._declaration import Client, Declaration, Place, ProviderRequest, TokenAnswer, Verdict
from adapters.outbound.system_clock import SystemClock
from tests.contract.recorded import DECLARED, RECORDED, each_provider, parent_of, recorded, sent

OURS = Client("our-client", "our-secret")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@each_provider
def test_every_provider_has_recorded_exchanges(slug: str) -> None:
    assert list(recorded(slug)["listings"]) == [listing.name for listing in DECLARED[slug].listings]


def test_no_exchange_is_recorded_for_nobody() -> None:
    assert {file.stem for file in RECORDED.glob("*.json")} == set(DECLARED)


@each_provider
def test_every_kind_has_a_listing_of_its_name(slug: str) -> None:
    """There what has not changed is counted; the kind's other listings may show it again."""
    assert {listing.name for listing in DECLARED[slug].listings} >= set(DECLARED[slug].kinds)


@each_provider
def test_a_declaration_is_sane(slug: str) -> None:
    declared = DECLARED[slug]
    assert re.fullmatch("[a-z]+", slug)
    assert declared.name
    names = [listing.name for listing in declared.listings]
    assert len(set(names)) == len(names) > 0
    for number, listing in enumerate(declared.listings):
        read_before = {one.kind for one in declared.listings[:number]}
        assert listing.under is None or listing.under in read_before
    assert not any(declared.scope_separator in scope for scope in declared.scopes)
    assert 0 < declared.throttle_seconds <= 900
    assert declared.logo.startswith("<svg ")
    assert "script" not in declared.logo
    assert declared.logo_uri.startswith("data:image/svg+xml;base64,")
    for request in requests_of(declared):
        parts = urlsplit(request.url)
        assert (parts.scheme, parts.query, parts.fragment, parts.username) == ("https", "", "", None)
        assert request.method in {"GET", "POST"}
        assert declared.may_call(request.url)
    assert declared.authorize_url.startswith("https://")
    assert declared.token_url.startswith("https://")


def requests_of(declared: Declaration) -> list[ProviderRequest]:
    found = [
        listing.request(Place(cursor, parent_of(recorded(declared.slug)["listings"][listing.name])))
        for listing in declared.listings
        for cursor in (None, "a-cursor")
    ]
    asked = [declared.account_request(OURS, "a-token")] if declared.account_request else []
    revoked = [declared.revoke_request(OURS, "an-access-token", "a-token")] if declared.revoke_request else []
    return [*found, *asked, *(request for request in revoked if request)]


@each_provider
@pytest.mark.parametrize(
    "url",
    [
        "http://{host}/v1/x",
        "https://{host}.evil.example/v1/x",
        "https://{host}@evil.example/v1/x",
        "https://{host}:8443/v1/x",
        "https://evil.example/{host}",
        "https://127.0.0.1/v1/x",
        "https://{host}/v1/../x",
        "//{host}/v1/x",
        "file:///etc/passwd",
    ],
)
def test_nothing_is_sent_to_anybody_else(slug: str, url: str) -> None:
    host = urlsplit(DECLARED[slug].token_url).netloc
    assert DECLARED[slug].may_call(f"https://{host}/v1/x")
    assert not DECLARED[slug].may_call(url.format(host=host))


@each_provider
def test_no_secret_is_seen_in_a_request(slug: str) -> None:
    for request in requests_of(DECLARED[slug]):
        for secret in ("our-secret", "a-token", "an-access-token"):
            assert secret not in request.url
            assert secret not in str(request.query)
            assert secret not in repr(request)


@each_provider
def test_a_person_is_sent_where_the_provider_says(slug: str) -> None:
    redirect_uri = f"https://vectorshift.example/integrations/{slug}/oauth2callback"
    clients, clock = ProviderClients([DECLARED[slug]], {slug: Registration(OURS, redirect_uri)}), SystemClock()
    grants = OAuth2(ProviderHttp(httpx.AsyncClient(), clients, clock), clients, clock)
    url = urlsplit(grants.authorization_url(slug, state="a-state", verifier="v" * 43))
    assert recorded(slug)["authorization_url"] == {
        "url": url._replace(query="").geturl(),
        "query": dict(parse_qsl(url.query, strict_parsing=True)),
    }


@each_provider
def test_the_account_is_read(slug: str) -> None:
    declared, expected = DECLARED[slug], recorded(slug)["account"]
    asked = sent(declared.account_request(OURS, "a-token")) if declared.account_request else None
    assert asked == expected["request"]
    for entry in expected["answers"]:
        account = declared.read_account(json.dumps(entry["answer"]).encode())
        assert (account.id, account.name) == (entry["id"], entry["name"])


@each_provider
def test_an_answer_that_names_no_account_is_refused(slug: str) -> None:
    bodies = [json.dumps(body).encode() for body in recorded(slug)["account"]["refused"]]
    for body in [*bodies, b"", b"<html>", b"\xff", b"[" * 100_000, b"{" * 100_000]:
        with pytest.raises((ValueError, msgspec.MsgspecError, RecursionError)):
            DECLARED[slug].read_account(body)


@each_provider
def test_a_revocation_is_asked_for_as_documented(slug: str) -> None:
    revoke = DECLARED[slug].revoke_request
    for refresh, expected in (("a-token", "revocation"), (None, "revocation_without_refresh_token")):
        request = revoke(OURS, "an-access-token", refresh) if revoke else None
        assert recorded(slug)[expected] == (sent(request) if request else None)
    for entry in recorded(slug).get("revocations_of_tokens", []):
        request = revoke(OURS, entry["access_token"], entry["refresh_token"]) if revoke else None
        assert entry["request"] == (sent(request) if request else None)


@each_provider
def test_answers_are_judged_as_recorded(slug: str) -> None:
    for entry in recorded(slug)["judged"]:
        body = entry["body"] if isinstance(entry["body"], str) else json.dumps(entry["body"])
        assert DECLARED[slug].judge(entry["status"], body.encode()) is Verdict(entry["verdict"]), entry


@each_provider
@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000, b"null", b'{"error":{}}', b'{"error":[]}'])
@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 409, 422, 429, 500, 503])
def test_judging_never_fails(slug: str, status: int, body: bytes) -> None:
    verdict = DECLARED[slug].judge(status, body)
    assert status == 200 or verdict is not Verdict.GOOD


@each_provider
def test_refusals_of_the_token_endpoint_are_recognised(slug: str) -> None:
    declared = DECLARED[slug]
    for entry in recorded(slug)["token_refusals"]:
        assert not declared.is_token_answer(entry["status"], entry["answer"])
        said = [entry["answer"].get(name) for name in declared.token_errors.fields]
        meant = {
            "dead": any(word in declared.token_errors.dead for word in said),
            "client": any(word in declared.token_errors.client for word in said),
        }
        assert meant == {"dead": entry["means"] == "dead", "client": entry["means"] == "client"}, entry


@each_provider
def test_token_answers_are_read(slug: str) -> None:
    for entry in recorded(slug)["tokens"]:
        expected = {name: value for name, value in entry.items() if name != "answer"}
        read = DECLARED[slug].read_tokens(entry["answer"])
        assert asdict(read) == expected | {"scopes": tuple(expected["scopes"])}


@each_provider
@settings(max_examples=50, deadline=None)
@given(
    answer=st.dictionaries(
        st.sampled_from(["access_token", "refresh_token", "expires_in", "token_type", "scope", "scopes"]), JSON
    )
)
def test_reading_a_token_answer_never_fails(slug: str, answer: dict[str, Any]) -> None:
    read = DECLARED[slug].read_tokens(answer)
    assert isinstance(read, TokenAnswer)
    assert all(isinstance(scope, str) for scope in read.scopes)
