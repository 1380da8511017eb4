"""Notion: https://developers.notion.com/guides/get-started/authorization"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Literal
from uuid import UUID

import msgspec

from adapters.outbound.providers._declaration import (
    Budget,
    Client,
    ClientAuth,
    Declaration,
    Detail,
    Listing,
    Place,
    ProviderRequest,
    TokenAnswer,
    TokenErrors,
    Verdict,
    by_status,
)
from adapters.outbound.providers._reading import UNREADABLE, read_entries, read_page, utc, write_properties
from application.ports.source_pages import ListingRefused, SourcePage
from domain.connection import Account
from domain.item import SourceItem, item_place
from domain.rate_limit import Rate

_API = "https://api.notion.com/v1"
_VERSION = {"Notion-Version": "2026-03-11"}
_CALLS = Budget(Rate("notion", calls=3, seconds=1))
"""The 180 calls a minute of one connection, spread evenly."""
_FEW = 25
"""Pages at once: the text of each costs a call, and between two lots a reading can be stopped."""
_SINCE = "since:"
"""What a cursor begins with that is in a later part of a data source: one query shows 10,000 rows and no more, so the
next one asks for those created since the last row. Behind "|" stands Notion's own cursor there."""
_LONGEST_MARKDOWN = 256 * 1024
"""Bytes in UTF-8."""
_PARENT_KINDS = {"page_id": "page", "database_id": "database", "data_source_id": "data_source"}

_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#37352f" stroke-width="2" '
    'stroke-linejoin="round"><path d="M5 3h10l4 4v14H5z"/><path d="M15 3v4h4"/>'
    '<path d="M9 11h6M9 14h6M9 17h4" stroke-width="1.500"/></svg>'
)


class _Text(msgspec.Struct):
    plain_text: str = ""


class _Property(msgspec.Struct):
    type: str = ""
    title: Any = None
    """Texts in a page whose property of type title this is."""


class _Source(msgspec.Struct):
    id: str


class _Object(msgspec.Struct):
    """Page, database or data source; all but the first two are missing where Notion shows it in part."""

    object: str
    id: str
    created_time: datetime | None = None
    last_edited_time: datetime | None = None
    """To the minute: https://developers.notion.com/changelog/last-edited-time-is-now-rounded-to-the-nearest-minute"""
    parent: dict[str, Any] | None = None
    in_trash: bool = False
    is_archived: bool = False
    url: str | None = None
    title: list[_Text] = []
    """Of a database or data source."""
    properties: dict[str, _Property] = {}
    data_sources: list[_Source] | None = None

    def titled(self) -> list[_Text]:
        """Raises msgspec's errors for a page's title that is no list of texts. Its name varies, its type does not."""
        titles = [given.title for given in self.properties.values() if given.type == "title"]
        return msgspec.convert(titles[0], list[_Text]) if titles and self.object == "page" else self.title


class _DatabaseAnswer(msgspec.Struct):
    object: Literal["database"]


class _Status(msgspec.Struct):
    type: str = ""


class _List(msgspec.Struct):
    object: Literal["list"]
    results: list[msgspec.Raw]
    has_more: bool
    next_cursor: str | None = None
    request_status: _Status | None = None

    @property
    def following(self) -> str | None:
        return (self.next_cursor or None) if self.has_more else None

    @property
    def is_capped(self) -> bool:
        return self.request_status is not None and self.request_status.type == "incomplete"

    @property
    def is_whole(self) -> bool:
        return not self.is_capped and self.has_more is (self.following is not None)


class _Markdown(msgspec.Struct):
    object: Literal["page_markdown"]
    markdown: str
    truncated: bool = False


class _User(msgspec.Struct):
    id: str


class _Owner(msgspec.Struct):
    type: Literal["user", "workspace"]
    user: _User | None = None


class _Grant(msgspec.Struct):
    workspace_id: str
    owner: _Owner
    workspace_name: str | None = None


class _Refusal(msgspec.Struct):
    code: str = ""
    message: str = ""
    additional_data: dict[str, Any] | None = None


_list_decoder = msgspec.json.Decoder(_List)
_database_answer_decoder = msgspec.json.Decoder(_DatabaseAnswer)
_read_object = msgspec.json.Decoder(_Object).decode
_read_markdown = msgspec.json.Decoder(_Markdown).decode
_read_properties = msgspec.json.Decoder(dict[str, Any]).decode
_read_refusal = msgspec.json.Decoder(_Refusal).decode


def _ask(method: str, path: str, json: Mapping[str, object] | None = None) -> ProviderRequest:
    return ProviderRequest(method, f"{_API}/{path}", json=json, headers=_VERSION, budget=_CALLS)


def _search(kind: str, size: int, place: Place) -> ProviderRequest:
    asked: dict[str, object] = {
        "filter": {"property": "object", "value": kind},
        "sort": {"timestamp": "last_edited_time", "direction": "ascending"},
        "page_size": size,
    }
    return _ask("POST", "search", asked | ({"start_cursor": place.cursor} if place.cursor else {}))


def _read_found(kind: str, _: Place, body: bytes) -> SourcePage:
    page = read_page(_list_decoder, body, "results")
    items, skipped = read_entries(page.results, partial(_found, kind))
    return SourcePage(items, page.following, skipped, page.is_whole)


def _found(kind: str, entry: msgspec.Raw) -> SourceItem | None:
    found = _read_object(entry)
    return _item(found, entry) if found.object == kind else None


def _item(found: _Object, entry: msgspec.Raw) -> SourceItem:
    external_id = _hyphenated(found.id)
    return SourceItem(
        kind=found.object,
        external_id=external_id,
        name="".join(text.plain_text for text in found.titled()).strip() or external_id,
        type=found.object,
        directory=found.object != "page",
        parent_id=_parent_place(found.parent or {}),
        creation_time=utc(found.created_time),
        last_modified_time=utc(found.last_edited_time),
        url=found.url,
        visibility=not (found.in_trash or found.is_archived),
        properties=write_properties(_lasting(_read_properties(entry))).decode(),
    )


def _hyphenated(text: str) -> str:
    """Raises ValueError for what is no UUID."""
    return str(UUID(text))


def _parent_place(parent: Mapping[str, Any]) -> str | None:
    """None for a workspace, and for what is never listed. Raises ValueError for a parent without its id."""
    named = str(parent.get("type"))
    kind = _PARENT_KINDS.get(named)
    return item_place(kind, _hyphenated(str(parent.get(named)))) if kind else None


def _lasting(value: Any) -> Any:
    """``value`` without the signatures in the addresses of files: they are others at every reading, as if something had
    changed, and open the file to whoever has them."""
    if isinstance(value, list):
        return [_lasting(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _lasting(inner) for name, inner in value.items()}
    if "expiry_time" in kept and isinstance(kept.get("url"), str):
        del kept["expiry_time"]
        kept["url"] = kept["url"].partition("?")[0]
    return kept


def _database_id(source: SourceItem) -> str | None:
    """Of the database that a data source lies in; an external one may lie in another data source."""
    try:
        parent = _read_object(source.properties).parent or {}
        return _hyphenated(str(parent.get("database_id"))) if parent.get("type") == "database_id" else None
    except UNREADABLE:
        return None


def _database(place: Place) -> ProviderRequest:
    return _ask("GET", f"databases/{_database_id(_source(place))}")


def _read_database(place: Place, body: bytes) -> SourcePage:
    read_page(_database_answer_decoder, body, "")
    items, skipped = read_entries([msgspec.Raw(body)], partial(_database_item, _source(place)))
    return SourcePage(items, skipped=skipped)


def _database_item(source: SourceItem, entry: msgspec.Raw) -> SourceItem | None:
    """None but under the first of its data sources: so a database is seen once."""
    found = _read_object(entry)
    is_seen_elsewhere = found.data_sources is not None and source.external_id not in [
        _hyphenated(first.id) for first in found.data_sources[:1]
    ]
    return None if is_seen_elsewhere else _item(found, entry)


def _source(place: Place) -> SourceItem:
    if place.parent is None:
        raise ValueError("a listing under nothing")
    return place.parent


def _rows(place: Place) -> ProviderRequest:
    since, cursor = _part(place.cursor)
    sorts = [{"timestamp": "created_time", "direction": "ascending"}]
    asked: dict[str, object] = {"sorts": sorts, "page_size": _FEW}
    asked |= {"filter": {"timestamp": "created_time", "created_time": {"on_or_after": since}}} if since else {}
    asked |= {"start_cursor": cursor} if cursor else {}
    return _ask("POST", f"data_sources/{_source(place).external_id}/query", asked)


def _part(cursor: str | None) -> tuple[str, str]:
    """The time since which rows are asked for, and Notion's own cursor there."""
    if cursor is None or not cursor.startswith(_SINCE):
        return "", cursor or ""
    since, _, inner = cursor.removeprefix(_SINCE).partition("|")
    return since, inner


def _read_rows(place: Place, body: bytes) -> SourcePage:
    page = read_page(_list_decoder, body, "results")
    items, skipped = read_entries(page.results, partial(_row, _source(place)))
    since, _ = _part(place.cursor)
    if page.following is not None:
        return SourcePage(items, f"{_SINCE}{since}|{page.following}" if since else page.following, skipped)
    last = _last_time(items) if page.is_capped and not page.has_more else ""
    # More rows of one minute than a query shows: no later query would show others.
    if last > since:
        return SourcePage(items, _SINCE + last, skipped)
    return SourcePage(items, None, skipped, page.is_whole)


def _last_time(rows: tuple[SourceItem, ...]) -> str:
    last = next((row.creation_time for row in reversed(rows) if row.creation_time), None)
    return last.isoformat(timespec="milliseconds").replace("+00:00", "Z") if last else ""


def _row(source: SourceItem, entry: msgspec.Raw) -> SourceItem | None:
    """None for a data source: a wiki has them among its rows. A row is the item that the search for pages makes of it,
    or each listing would undo the other: the search shows what is shared by itself, but is not exhaustive
    (https://developers.notion.com/reference/search-optimizations-and-limitations)."""
    found = _read_object(entry)
    if found.object != "page":
        return None
    row = _item(found, entry)
    is_told = found.parent is not None
    return row if is_told else replace(row, parent_id=item_place("data_source", source.external_id))


def _markdown(item: SourceItem) -> ProviderRequest:
    """https://developers.notion.com/reference/retrieve-page-markdown"""
    return _ask("GET", f"pages/{item.external_id}/markdown")


def _with_markdown(item: SourceItem, body: bytes) -> SourceItem:
    try:
        found, properties = _read_markdown(body), _read_properties(item.properties)
    except UNREADABLE as error:
        raise ListingRefused("unreadable_answer") from error
    text = found.markdown.encode()
    properties["markdown"] = text[:_LONGEST_MARKDOWN].decode(errors="ignore")
    if found.truncated or len(text) > _LONGEST_MARKDOWN:
        properties["markdown_truncated"] = True
    return replace(item, mime_type="text/markdown", properties=write_properties(properties).decode())


def _judge(status: int, body: bytes) -> Verdict:
    """https://developers.notion.com/reference/status-codes, https://developers.notion.com/reference/request-limits"""
    if status == 529:
        return Verdict.THROTTLED
    refusal = _refusal(body) if status in (400, 403, 429) else _Refusal()
    match status, refusal.code:
        case 400, "validation_error" if "start_cursor" in refusal.message:
            return Verdict.CURSOR_EXPIRED
        # What is not shared is documented as 404, and 403 as a missing capability, which ends a whole listing.
        case 403, "restricted_resource" if "this resource" in refusal.message:
            return Verdict.GONE
        case 429, _ if (refusal.additional_data or {}).get("rate_limit_reason") == "public_api_request_blocked":
            return Verdict.BLOCKED
        case _:
            return by_status(status, body)


def _refusal(body: bytes) -> _Refusal:
    try:
        return _read_refusal(body)
    except UNREADABLE:
        return _Refusal()


def _tokens(answer: Mapping[str, object]) -> TokenAnswer:
    return TokenAnswer(
        access_token=answer.get("access_token"),
        refresh_token=answer.get("refresh_token"),
        expires_in=answer.get("expires_in"),
        token_type=answer.get("token_type"),
        scopes=(),
    )


def _account(body: bytes) -> Account:
    """Whose grant it is counts too: each person lets us see other pages of a workspace."""
    grant = msgspec.json.decode(body, type=_Grant)
    owner = "workspace"
    if grant.owner.type == "user":
        owner = grant.owner.user.id if grant.owner.user else ""
    if not grant.workspace_id or not owner:
        raise ValueError("a grant of nobody")
    return Account(f"{grant.workspace_id}:{owner}", grant.workspace_name or f"Workspace {grant.workspace_id[:8]}")


def _revocation(client: Client, access_token: str, refresh_token: str | None) -> ProviderRequest:
    del refresh_token
    headers = _VERSION | {"Authorization": f"Basic {client.basic()}"}
    return ProviderRequest("POST", f"{_API}/oauth/revoke", json={"token": access_token}, headers=headers)


_DETAIL = Detail(_markdown, _with_markdown)

PROVIDER = Declaration(
    slug="notion",
    name="Notion",
    logo=_LOGO,
    authorize_url=f"{_API}/oauth/authorize",
    token_url=f"{_API}/oauth/token",
    scopes=(),
    client_auth=ClientAuth.BASIC,
    pkce=False,
    read_tokens=_tokens,
    account_request=None,
    read_account=_account,
    revoke_request=_revocation,
    throttle_seconds=60,
    listings=(
        Listing(
            "data_source", "data_source", partial(_search, "data_source", 100), partial(_read_found, "data_source")
        ),
        Listing(
            "database", "database", _database, _read_database, "data_source", lambda it: _database_id(it) is not None
        ),
        Listing("page", "page", partial(_search, "page", _FEW), partial(_read_found, "page"), detail=_DETAIL),
        Listing("row", "page", _rows, _read_rows, "data_source", detail=_DETAIL),
    ),
    authorize_params={"owner": "user"},
    token_json=True,
    token_headers=_VERSION,
    token_errors=TokenErrors(fields=("error", "code")),
    judge=_judge,
)
