"""Airtable: https://airtable.com/developers/web/api/oauth-reference"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec

from adapters.outbound.providers._declaration import (
    Budget,
    Client,
    ClientAuth,
    Declaration,
    Listing,
    Place,
    ProviderRequest,
    TokenAnswer,
    Verdict,
    by_status,
)
from adapters.outbound.providers._reading import (
    UNREADABLE,
    read_entries,
    read_page,
    scope_list,
    utc,
    write_properties,
)
from application.ports.source_pages import SourcePage
from domain.connection import Account
from domain.item import SourceItem, item_place
from domain.rate_limit import Rate

_APP, _API = "https://airtable.com", "https://api.airtable.com/v0"
_META = Budget(Rate("airtable.meta", calls=5, seconds=1))
_BASE_RATE = Rate("airtable", calls=4, seconds=1)
"""One call below what a base takes: they may arrive closer together than they left, and after one too many all are
refused for 30 seconds."""
_LONGEST_NAME, _LONGEST_KEY = 200, 100
"""Characters: a cell may hold 100,000, and what a table or a field is called stands in each record."""

_ID = "([A-Za-z0-9]{1,64})"
_IDS = {"base": re.compile(_ID), "table": re.compile(f"{_ID}/{_ID}")}

_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#2d7ff9" stroke-width="2">'
    '<path fill="#fcb400" stroke="none" d="M3 4h18v5H3z"/><rect x="3" y="4" width="18" height="16" rx="2"/>'
    '<path d="M3 9h18M3 14.500h18M9 9v11"/></svg>'
)


class _Base(msgspec.Struct):
    id: str
    name: str
    permissionLevel: str | None = None  # noqa: N815


class _Field(msgspec.Struct):
    id: str
    name: str


class _Table(msgspec.Struct):
    id: str
    name: str
    primaryFieldId: str  # noqa: N815
    fields: list[_Field]


class _Record(msgspec.Struct):
    id: str
    createdTime: datetime  # noqa: N815
    fields: dict[str, Any]


class _BasePage(msgspec.Struct):
    bases: list[msgspec.Raw]
    offset: str | None = None


class _TablePage(msgspec.Struct):
    tables: list[msgspec.Raw]


class _RecordPage(msgspec.Struct):
    records: list[msgspec.Raw]
    offset: str | None = None


class _WhoAmI(msgspec.Struct):
    id: str
    email: str | None = None


_base_pages = msgspec.json.Decoder(_BasePage)
_table_pages = msgspec.json.Decoder(_TablePage)
_record_pages = msgspec.json.Decoder(_RecordPage)
_read_object = msgspec.json.Decoder(dict[str, Any]).decode
_read_table = msgspec.json.Decoder(_Table).decode


def _ids(parent: SourceItem | None) -> tuple[str, ...]:
    """Those of a base, or of a base and its table; none where they should not stand in an address."""
    found = _IDS[parent.kind].fullmatch(parent.external_id) if parent else None
    return found.groups() if found else ()


def _has_ids(parent: SourceItem) -> bool:
    return _ids(parent) != ()


def _bases(place: Place) -> ProviderRequest:
    return ProviderRequest("GET", f"{_API}/meta/bases", _offset(place), budget=_META)


def _tables(place: Place) -> ProviderRequest:
    (base,) = _ids(place.parent)
    return ProviderRequest(
        "GET", f"{_API}/meta/bases/{base}/tables", budget=Budget(_BASE_RATE, of=base, evenly=True, for_all=True)
    )


def _records(place: Place) -> ProviderRequest:
    base, table = _ids(place.parent)
    # Fields are known by their ids: their names change.
    query = {"pageSize": "100", "returnFieldsByFieldId": "true"} | _offset(place)
    return ProviderRequest(
        "GET", f"{_API}/{base}/{table}", query, budget=Budget(_BASE_RATE, of=base, evenly=True, for_all=True)
    )


def _offset(place: Place) -> dict[str, str]:
    return {"offset": place.cursor} if place.cursor else {}


def _read_bases(place: Place, body: bytes) -> SourcePage:
    del place
    page = read_page(_base_pages, body, "bases")
    items, skipped = read_entries(page.bases, _base)
    return SourcePage(items, page.offset or None, skipped)


def _read_tables(place: Place, body: bytes) -> SourcePage:
    items, skipped = read_entries(read_page(_table_pages, body, "tables").tables, partial(_table, place.parent))
    return SourcePage(items, None, skipped)


def _read_records(place: Place, body: bytes) -> SourcePage:
    page = read_page(_record_pages, body, "records")
    schema = _schema(place.parent)
    names = {field.id: field.name for field in schema.fields if len(field.name) <= _LONGEST_KEY}
    items, skipped = read_entries(page.records, partial(_record, place.parent, schema.primaryFieldId, names))
    return SourcePage(items, page.offset or None, skipped)


def _schema(table: SourceItem | None) -> _Table:
    """Of a table as it was read; without fields when that cannot be read any more."""
    try:
        return _read_table(table.properties if table else "")
    except UNREADABLE:
        return _Table(id="", name="", primaryFieldId="", fields=[])


def _base(entry: msgspec.Raw) -> SourceItem | None:
    said = _read_object(entry)
    found = msgspec.convert(said, _Base)
    return None if found.permissionLevel == "none" else _item("base", found.id, found.name, said)


def _table(base: SourceItem | None, entry: msgspec.Raw) -> SourceItem:
    said = _read_object(entry)
    found = msgspec.convert(said, _Table)
    return _item("table", found.id, found.name, said, base)


def _record(table: SourceItem | None, primary: str, names: Mapping[str, str], entry: msgspec.Raw) -> SourceItem:
    said = _read_object(entry)
    found = msgspec.convert(said, _Record)
    said["fields"] = {field: _lasting(cell) if isinstance(cell, list) else cell for field, cell in found.fields.items()}
    said["fields_by_name"] = {names.get(field, field): cell for field, cell in said["fields"].items()}
    return _item("record", found.id, _text(found.fields.get(primary)), said, table, utc(found.createdTime))


def _lasting(cell: list[object]) -> list[object]:
    """A cell without the addresses of attached files: they end after hours and are others each time, as if the record
    had changed (https://support.airtable.com/docs/airtable-attachment-url-behavior)."""
    return [_without_addresses(one) if isinstance(one, dict) and "filename" in one else one for one in cell]


def _without_addresses(attachment: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in attachment.items() if name not in ("url", "thumbnails")}


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _item(
    kind: str,
    own_id: str,
    name: str,
    said: Mapping[str, Any],
    parent: SourceItem | None = None,
    created: datetime | None = None,
) -> SourceItem:
    if not own_id:
        raise ValueError(f"a {kind} without an id")
    external_id = f"{parent.external_id}/{own_id}" if parent else own_id
    return SourceItem(
        kind=kind,
        external_id=external_id,
        name=name.strip()[:_LONGEST_NAME] or own_id,
        type=kind,
        directory=kind != "record",
        parent_id=item_place(parent.kind, parent.external_id) if parent else None,
        parent_path_or_name=parent.name if parent else None,
        creation_time=created,
        url=f"{_APP}/{quote(external_id)}",
        properties=write_properties(said).decode(),
    )


def _judge(status: int, body: bytes) -> Verdict:
    """https://airtable.com/developers/web/api/errors and https://airtable.com/developers/web/api/rate-limits"""
    match status, _error(body) if status in (403, 422, 429) else "":
        case 403, error if error.endswith("NOT_FOUND"):
            # Airtable does not say whether something is not there or only not for us.
            return Verdict.GONE
        case 422, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE" | "INVALID_OFFSET_VALUE":
            return Verdict.CURSOR_EXPIRED
        case 429, "PUBLIC_API_BILLING_LIMIT_EXCEEDED":
            return Verdict.BLOCKED
    return by_status(status, body)


def _error(body: bytes) -> str:
    """What a refusal is called, in any of the shapes in which it comes; empty when it is in none."""
    try:
        said = msgspec.json.decode(body)
    except UNREADABLE:
        return ""
    match said:
        case {"error": str(error)} | {"error": {"type": str(error)}} | {"errors": [{"error": str(error)}, *_]}:
            return error
    return ""


def _tokens(answer: Mapping[str, object]) -> TokenAnswer:
    token_type = answer.get("token_type")
    return TokenAnswer(
        access_token=answer.get("access_token"),
        refresh_token=answer.get("refresh_token"),
        expires_in=answer.get("expires_in"),
        # As documented it ends with a space.
        token_type=token_type.strip() if isinstance(token_type, str) else token_type,
        scopes=scope_list(answer.get("scope"), " "),
    )


def _who_am_i(client: Client, access_token: str) -> ProviderRequest:
    del client
    return ProviderRequest("GET", f"{_API}/meta/whoami", headers={"Authorization": f"Bearer {access_token}"})


def _account(body: bytes) -> Account:
    found = msgspec.json.decode(body, type=_WhoAmI)
    if not found.id:
        raise ValueError("an account without an id")
    return Account(found.id, found.email or f"Airtable {found.id}")


PROVIDER = Declaration(
    slug="airtable",
    name="Airtable",
    logo=_LOGO,
    authorize_url=f"{_APP}/oauth2/v1/authorize",
    token_url=f"{_APP}/oauth2/v1/token",
    api_hosts=("api.airtable.com",),
    scopes=("schema.bases:read", "data.records:read", "user.email:read"),
    client_auth=ClientAuth.BASIC,
    pkce=True,
    read_tokens=_tokens,
    account_request=_who_am_i,
    read_account=_account,
    revoke_request=None,
    throttle_seconds=30,
    listings=(
        Listing("base", "base", _bases, _read_bases),
        Listing("table", "table", _tables, _read_tables, under="base", is_under=_has_ids),
        Listing("record", "record", _records, _read_records, under="table", is_under=_has_ids),
    ),
    judge=_judge,
    keep_alive_days=20,
)
