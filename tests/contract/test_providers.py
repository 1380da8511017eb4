"""What every provider's module promises, shown on exchanges that its documentation has: ``providers/<slug>.json``."""

import json
import re
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
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
from adapters.outbound.providers import declarations
from adapters.outbound.providers._declaration import Client, Declaration, Listing, ProviderRequest, TokenAnswer
from adapters.outbound.system_clock import SystemClock
from application.ports.source_pages import ListingRefused, SourcePage
from domain.item import SourceItem

RECORDED = Path(__file__).parent / "providers"
DECLARED = {declared.slug: declared for declared in declarations()}
LISTINGS = [(slug, listing.kind) for slug, declared in DECLARED.items() for listing in declared.listings]
OURS = Client("our-client", "our-secret")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)

each_provider = pytest.mark.parametrize("slug", DECLARED)
each_listing = pytest.mark.parametrize(("slug", "kind"), LISTINGS)


def recorded(slug: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDED / f"{slug}.json").read_text())
    return found


def recorded_listing(slug: str, kind: str) -> tuple[Listing, dict[str, Any]]:
    return DECLARED[slug].listing(kind), recorded(slug)["listings"][kind]


def sent(request: ProviderRequest) -> dict[str, Any]:
    """The request as the files have it."""
    form = {} if request.form is None else {"form": dict(request.form)}
    return {"method": request.method, "url": request.url, "query": dict(request.query)} | form


def shown(item: SourceItem) -> dict[str, Any]:
    """The item as the files have it."""
    fields = asdict(item) | {"properties": json.loads(item.properties)}
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(fields))
    return decoded


def page_of(shape: dict[str, list[str]], entries: list[Any], cursor: str | None) -> bytes:
    """A page in the provider's shape."""
    page: dict[str, Any] = {}
    for path, value in ((shape["entries"], entries), (shape["cursor"], cursor)):
        if value is not None:
            inner = page
            for name in path[:-1]:
                inner = inner.setdefault(name, {})
            inner[path[-1]] = value
    return json.dumps(page).encode()


def entries_of(listing: dict[str, Any]) -> list[Any]:
    found = []
    for exchange in listing["exchanges"]:
        page = exchange["answer"]
        for name in listing["shape"]["entries"]:
            page = page[name]
        found += page
    return found


def check_page(page: SourcePage, kind: str) -> None:
    """Whatever was read can be stored."""
    for item in page.items:
        assert (item.kind, item.external_id != "") == (kind, True)
        assert isinstance(json.loads(item.properties), dict)
        assert len(item.content_hash()) == 16
        json.dumps(shown(item), ensure_ascii=False).encode()
        for time in (item.creation_time, item.last_modified_time):
            assert time is None or time.tzinfo is not None


def reads(listing: Listing, body: bytes) -> SourcePage | None:
    """The page, or None where there is none; nothing else comes out of a reader."""
    try:
        page = listing.read(body)
    except ListingRefused:
        return None
    check_page(page, listing.kind)
    return page


@each_provider
def test_every_provider_has_recorded_exchanges(slug: str) -> None:
    assert set(recorded(slug)["listings"]) == set(DECLARED[slug].kinds)


def test_no_exchange_is_recorded_for_nobody() -> None:
    assert {file.stem for file in RECORDED.glob("*.json")} == set(DECLARED)


@each_provider
def test_a_declaration_is_sane(slug: str) -> None:
    declared = DECLARED[slug]
    assert re.fullmatch("[a-z]+", slug)
    assert declared.name
    assert len(set(declared.kinds)) == len(declared.kinds) > 0
    assert declared.scopes
    assert not any(declared.scope_separator in scope for scope in declared.scopes)
    assert 0 < declared.throttle_seconds <= 900
    assert declared.logo.startswith("<svg ")
    assert "script" not in declared.logo
    assert declared.logo_uri.startswith("data:image/svg+xml;base64,")
    for request in requests_of(declared):
        parts = urlsplit(request.url)
        assert (parts.scheme, parts.query, parts.fragment, parts.username) == ("https", "", "", None)
        assert request.method in {"GET", "POST"}
    assert declared.authorize_url.startswith("https://")
    assert declared.token_url.startswith("https://")


def requests_of(declared: Declaration) -> list[ProviderRequest]:
    found = [listing.request(cursor) for listing in declared.listings for cursor in (None, "a-cursor")]
    found.append(declared.account_request(OURS, "a-token"))
    return found + ([declared.revoke_request(OURS, "a-token")] if declared.revoke_request else [])


@each_provider
def test_no_secret_is_seen_in_a_request(slug: str) -> None:
    for request in requests_of(DECLARED[slug]):
        for secret in ("our-secret", "a-token"):
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
    assert sent(declared.account_request(OURS, "a-token")) == expected["request"]
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
    request = DECLARED[slug].revoke_request
    assert recorded(slug)["revocation"] == (sent(request(OURS, "a-token")) if request else None)


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


@each_listing
def test_the_recorded_pages_become_the_recorded_items(slug: str, kind: str) -> None:
    listing, expected = recorded_listing(slug, kind)
    cursor, items, skipped = None, [], 0
    for exchange in expected["exchanges"]:
        assert sent(listing.request(cursor)) == exchange["request"]
        page = listing.read(json.dumps(exchange["answer"]).encode())
        check_page(page, kind)
        items += [shown(item) for item in page.items]
        cursor, skipped = page.cursor, skipped + page.skipped
    assert (items, skipped, cursor) == (expected["items"], expected["skipped"], None)


@each_listing
def test_what_is_no_page_is_refused(slug: str, kind: str) -> None:
    listing, expected = recorded_listing(slug, kind)
    for body in expected["refused"]:
        with pytest.raises(ListingRefused):
            listing.read(json.dumps(body).encode())


@each_listing
@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, 30), max_size=8))
def test_any_split_into_pages_gives_the_same_items(slug: str, kind: str, cuts: list[int]) -> None:
    listing, expected = recorded_listing(slug, kind)
    entries = entries_of(expected)
    borders = [0, *sorted(min(cut, len(entries)) for cut in cuts), len(entries)]
    items, skipped = [], 0
    for number, (start, end) in enumerate(pairwise(borders)):
        last = number == len(borders) - 2
        page = listing.read(page_of(expected["shape"], entries[start:end], None if last else str(end)))
        assert page.cursor == (None if last else str(end))
        items += [shown(item) for item in page.items]
        skipped += page.skipped
    assert (items, skipped) == (expected["items"], expected["skipped"])


@each_listing
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"<!doctype html><title>502 Bad Gateway</title>",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf{}",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"9" * 100_000,
        b'"' + b"x" * 5_000_000 + b'"',
        b" " * 5_000_000,
    ],
    ids=lambda body: repr(body[:16]),
)
def test_a_hostile_body_is_refused(slug: str, kind: str, body: bytes) -> None:
    with pytest.raises(ListingRefused):
        DECLARED[slug].listing(kind).read(body)


@each_listing
def test_a_page_that_breaks_off_anywhere_is_refused(slug: str, kind: str) -> None:
    listing, expected = recorded_listing(slug, kind)
    body = json.dumps(expected["exchanges"][0]["answer"]).encode()
    for length in range(len(body)):
        assert reads(listing, body[:length]) is None


@each_listing
def test_one_odd_or_huge_entry_spoils_no_other(slug: str, kind: str) -> None:
    listing, expected = recorded_listing(slug, kind)
    good = entries_of(expected)[0]
    odds: list[Any] = [[], "x" * 5_000_000, {"id": {}}, 10**400, -1.5]
    for odd in odds:
        page = listing.read(page_of(expected["shape"], [odd, good, odd], None))
        assert ([shown(item) for item in page.items], page.skipped) == (expected["items"][:1], 2)


@each_listing
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_page_with_anything_in_any_place_is_read_or_refused(slug: str, kind: str, data: st.DataObject) -> None:
    listing, expected = recorded_listing(slug, kind)
    page = data.draw(st.sampled_from(expected["exchanges"]))["answer"]
    reads(listing, json.dumps(replaced(page, data)).encode())


def replaced(value: Any, data: st.DataObject) -> Any:
    """``value`` with something else in one of its places."""
    if not value or not isinstance(value, dict | list) or data.draw(st.integers(0, 3)) == 0:
        return data.draw(JSON)
    place = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
    copy = value.copy()
    copy[place] = replaced(value[place], data)
    return copy
