"""What every provider's module promises, shown on exchanges that its documentation has: ``providers/<slug>.json``."""

import json
import re
from copy import deepcopy
from dataclasses import asdict, replace
from datetime import datetime
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
from adapters.outbound.providers._declaration import (
    Client,
    Declaration,
    Listing,
    Place,
    ProviderRequest,
    TokenAnswer,
    Verdict,
)
from adapters.outbound.providers._reading import read_entries
from adapters.outbound.system_clock import SystemClock
from application.ports.source_pages import ListingRefused, SourcePage
from domain.item import SourceItem

RECORDED = Path(__file__).parent / "providers"
DECLARED = {declared.slug: declared for declared in declarations()}
LISTINGS = [(slug, listing.name) for slug, declared in DECLARED.items() for listing in declared.listings]
OURS = Client("our-client", "our-secret")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)

each_provider = pytest.mark.parametrize("slug", DECLARED)
each_listing = pytest.mark.parametrize(("slug", "name"), LISTINGS)


def recorded(slug: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDED / f"{slug}.json").read_text())
    return found


PAGED = [(slug, name) for slug, name in LISTINGS if recorded(slug)["listings"][name]["shape"]]
"""Those that give many entries at once; the others give one thing at a time."""
each_paged = pytest.mark.parametrize(("slug", "name"), PAGED)


def recorded_listing(slug: str, name: str) -> tuple[Listing, dict[str, Any]]:
    return DECLARED[slug].listing(name), recorded(slug)["listings"][name]


def parent_of(expected: dict[str, Any]) -> SourceItem | None:
    """What the recorded listing lies under."""
    given = expected.get("parent")
    return SourceItem(**given | {"properties": json.dumps(given["properties"])}) if given else None


def first_place(expected: dict[str, Any]) -> Place:
    """The beginning of the part of the listing whose pages are split and spoiled here."""
    return Place(expected["shape"].get("prefix") if expected["shape"] else None, parent_of(expected))


def sent(request: ProviderRequest) -> dict[str, Any]:
    """The request as the files have it."""
    given: dict[str, Any] = {"method": request.method, "url": request.url, "query": dict(request.query)}
    given |= {} if request.form is None else {"form": dict(request.form)}
    given |= {} if request.json is None else {"json": request.json}
    return given | ({"headers": dict(request.headers)} if request.headers else {})


def shown(item: SourceItem) -> dict[str, Any]:
    """The item as the files have it."""
    fields = asdict(item) | {"properties": json.loads(item.properties)}
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(fields))
    return decoded


def page_of(shape: dict[str, Any], entries: list[Any], cursor: str | None) -> bytes:
    """A page in the provider's shape."""
    page: dict[str, Any] = deepcopy(shape.get("around", {}))
    for path, value in ((shape["entries"], entries), (shape["cursor"], cursor)):
        if value is not None and path is not None:
            inner = page
            for name in path[:-1]:
                inner = inner.setdefault(name, {})
            inner[path[-1]] = value
    return json.dumps(page).encode()


def entries_of(listing: dict[str, Any]) -> list[Any]:
    """Of those exchanges that are in its first place's part."""
    found = []
    for exchange in listing["exchanges"]:
        if exchange.get("other_part"):
            continue
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


def reads(listing: Listing, place: Place, body: bytes) -> SourcePage | None:
    """The page, or None where there is none; nothing else comes out of a reader."""
    try:
        page = listing.read(place, body)
    except ListingRefused:
        return None
    check_page(page, listing.kind)
    return page


@each_provider
def test_every_provider_has_recorded_exchanges(slug: str) -> None:
    assert list(recorded(slug)["listings"]) == [listing.name for listing in DECLARED[slug].listings]


def test_no_exchange_is_recorded_for_nobody() -> None:
    assert {file.stem for file in RECORDED.glob("*.json")} == set(DECLARED)


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


@each_listing
def test_the_recorded_pages_become_the_recorded_items(slug: str, name: str) -> None:
    listing, expected = recorded_listing(slug, name)
    place, items, skipped = Place(None, parent_of(expected)), [], 0
    for exchange in expected["exchanges"]:
        assert sent(listing.request(place)) == exchange["request"]
        page = listing.read(place, json.dumps(exchange["answer"]).encode())
        check_page(page, listing.kind)
        assert page.whole == exchange.get("whole", True)
        items += [shown(item) for item in page.items]
        place, skipped = replace(place, cursor=page.cursor), skipped + page.skipped
    assert (items, skipped, place.cursor) == (expected["items"], expected["skipped"], None)


@each_listing
def test_what_lies_under_what_is_recorded(slug: str, name: str) -> None:
    listing, expected = recorded_listing(slug, name)
    parent = parent_of(expected)
    assert (parent.kind if parent else None) == listing.under
    assert parent is None or listing.is_under(parent)
    for other in expected.get("not_under", []):
        assert not listing.is_under(SourceItem(**other | {"properties": json.dumps(other["properties"])}))


@each_listing
def test_an_item_is_completed_as_recorded(slug: str, name: str) -> None:
    listing, expected = recorded_listing(slug, name)
    assert (listing.detail is None) == ("details" not in expected)
    if listing.detail is None:
        return
    by_id = {item["external_id"]: item for item in expected["items"]}
    for entry in expected["details"]:
        given = by_id[entry["external_id"]]
        times = {
            field: datetime.fromisoformat(given[field]) if given[field] else None
            for field in ("creation_time", "last_modified_time")
        }
        item = SourceItem(**given | times | {"properties": json.dumps(given["properties"])})
        assert sent(listing.detail.request(item)) == entry["request"]
        answer = json.dumps(entry["answer"]).encode()
        refused = [answer] if entry.get("refused") else []
        if not refused:
            assert shown(listing.detail.read(item, answer)) == given | entry["changes"]
        for hostile in (*refused, b"", b"<html>", b"null", b"[]", b"\xff", b"[" * 100_000, b'{"markdown":5}'):
            with pytest.raises(ListingRefused):
                listing.detail.read(item, hostile)


@each_listing
def test_what_is_no_page_is_refused(slug: str, name: str) -> None:
    listing, expected = recorded_listing(slug, name)
    assert expected["refused"]
    for body in expected["refused"]:
        with pytest.raises(ListingRefused):
            listing.read(first_place(expected), json.dumps(body).encode())


@each_paged
@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, 30), max_size=8))
def test_any_split_into_pages_gives_the_same_items(slug: str, name: str, cuts: list[int]) -> None:
    listing, expected = recorded_listing(slug, name)
    shape, place = expected["shape"], first_place(expected)
    if shape["cursor"] is None:
        cuts = []
    entries = entries_of(expected)
    borders = [0, *sorted(min(cut, len(entries)) for cut in cuts), len(entries)]
    items, skipped = [], 0
    for number, (start, end) in enumerate(pairwise(borders)):
        last = number == len(borders) - 2
        page = listing.read(place, page_of(shape, entries[start:end], None if last else str(end)))
        assert page.cursor == (None if last else shape.get("prefix", "") + str(end))
        items += [shown(item) for item in page.items]
        skipped += page.skipped
    known = {item["external_id"] for item in items}
    assert items == [item for item in expected["items"] if item["external_id"] in known]
    assert len(items) == len(entries) - skipped - shape.get("passed_over", 0)


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
def test_a_hostile_body_is_refused(slug: str, name: str, body: bytes) -> None:
    listing, expected = recorded_listing(slug, name)
    with pytest.raises(ListingRefused):
        listing.read(first_place(expected), body)


@each_listing
def test_a_page_that_breaks_off_anywhere_is_refused(slug: str, name: str) -> None:
    listing, expected = recorded_listing(slug, name)
    body = json.dumps(expected["exchanges"][0]["answer"]).encode()
    for length in range(len(body)):
        assert reads(listing, first_place(expected), body[:length]) is None


@each_paged
def test_one_odd_or_huge_entry_spoils_no_other(slug: str, name: str) -> None:
    listing, expected = recorded_listing(slug, name)
    good = entries_of(expected)[expected["shape"].get("good", 0)]
    odds: list[Any] = [[], "x" * 5_000_000, {"id": {}}, 10**400, -1.5]
    for odd in odds:
        page = listing.read(first_place(expected), page_of(expected["shape"], [odd, good, odd], None))
        assert len(page.items) == 1
        assert shown(page.items[0]) in expected["items"]
        assert page.skipped == 2


@each_listing
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_page_with_anything_in_any_place_is_read_or_refused(slug: str, name: str, data: st.DataObject) -> None:
    listing, expected = recorded_listing(slug, name)
    page = data.draw(st.sampled_from(expected["exchanges"]))["answer"]
    reads(listing, first_place(expected), json.dumps(replaced(page, data)).encode())


def replaced(value: Any, data: st.DataObject) -> Any:
    """``value`` with something else in one of its places."""
    if not value or not isinstance(value, dict | list) or data.draw(st.integers(0, 3)) == 0:
        return data.draw(JSON)
    place = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
    copy = value.copy()
    copy[place] = replaced(value[place], data)
    return copy


def test_an_item_is_as_large_as_a_store_can_bear() -> None:
    def of(**given: Any) -> tuple[tuple[SourceItem, ...], int]:
        item = SourceItem(**{"kind": "thing", "external_id": "1", "name": "n", "type": "thing"} | given)
        return read_entries([msgspec.Raw(b"{}")], lambda _: item)

    long = "x" * 5_000_000
    assert of(external_id=long) == ((), 1)
    assert of(properties=long) == ((), 1)
    ((item,), skipped) = of(name=long, parent_path_or_name=long, url=f"https://x.example/{long}")
    assert (len(item.name), len(item.parent_path_or_name or ""), item.url, skipped) == (1000, 1000, None, 0)
    with pytest.raises(ListingRefused):
        read_entries([msgspec.Raw(b"{}")] * 1001, lambda _: None)
