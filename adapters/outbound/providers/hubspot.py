"""HubSpot: https://developers.hubspot.com/docs/apps/legacy-apps/authentication/oauth-quickstart-guide"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from adapters.outbound.providers._declaration import (
    Client,
    ClientAuth,
    Declaration,
    Listing,
    ProviderRequest,
    TokenAnswer,
)
from application.ports.source_pages import ListingRefused, SourcePage
from domain.connection import Account
from domain.item import SourceItem

_APP, _API = "https://app.hubspot.com", "https://api.hubapi.com"
_OAUTH = f"{_API}/oauth/2026-03"
_CONTACT_PROPERTIES = (
    "firstname,lastname,email,phone,company,jobtitle,lifecyclestage,createdate,lastmodifieddate,hs_object_id"
)

_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#ff5c35" stroke-width="2">'
    '<circle cx="15" cy="14" r="4"/><path d="M15 10V5M12 12 5 6M12.300 17 9 20.500"/>'
    '<g fill="#ff5c35" stroke="none"><circle cx="15" cy="4" r="1.800"/><circle cx="4.500" cy="5.500" r="1.800"/>'
    '<circle cx="8.500" cy="21" r="1.500"/></g></svg>'
)


class _Object(msgspec.Struct):
    """CRM object, as `SimplePublicObjectWithAssociations` of HubSpot's public API specification."""

    id: str
    properties: dict[str, str | None]
    createdAt: datetime  # noqa: N815
    updatedAt: datetime  # noqa: N815
    url: str | None = None


class _Next(msgspec.Struct):
    after: str


class _Paging(msgspec.Struct):
    next: _Next | None = None


class _ObjectPage(msgspec.Struct):
    results: list[msgspec.Raw]
    paging: _Paging | None = None


class _Introspection(msgspec.Struct):
    hub_id: int
    hub_domain: str | None = None


_read_page = msgspec.json.Decoder(_ObjectPage).decode
_read_object = msgspec.json.Decoder(_Object).decode
_write_properties = msgspec.json.Encoder(order="sorted").encode


def read_contacts(body: bytes) -> SourcePage:
    page = _page(body)
    items = [item for entry in page.results if (item := _contact(entry))]
    following = page.paging.next.after if page.paging and page.paging.next else None
    return SourcePage(tuple(items), following or None, skipped=len(page.results) - len(items))


def _page(body: bytes) -> _ObjectPage:
    try:
        try:
            return _read_page(body)
        except msgspec.DecodeError:
            # Half of a surrogate pair in one entry makes the whole body unreadable for msgspec. The standard library
            # takes it; written out again, only that entry is unreadable.
            return msgspec.convert(_by_entry(json.loads(body)), _ObjectPage)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ListingRefused("unreadable_answer") from error


def _by_entry(page: object) -> object:
    if not isinstance(page, dict) or not isinstance(page.get("results"), list):
        return page
    return page | {"results": [msgspec.Raw(json.dumps(entry).encode()) for entry in page["results"]]}


def _contact(entry: msgspec.Raw) -> SourceItem | None:
    try:
        contact = _read_object(entry)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if not contact.id:
        return None
    properties = contact.properties
    full_name = " ".join(part for part in (properties.get("firstname"), properties.get("lastname")) if part)
    return SourceItem(
        kind="contact",
        external_id=contact.id,
        name=full_name or properties.get("email") or contact.id,
        type="contact",
        creation_time=_utc(contact.createdAt),
        last_modified_time=_utc(contact.updatedAt),
        url=contact.url,
        properties=_write_properties(properties).decode(),
    )


def _utc(time: datetime) -> datetime | None:
    """None for a time without a zone, and for one that lies before the year 1 or after 9999 in UTC."""
    try:
        return time.astimezone(UTC) if time.tzinfo else None
    except OverflowError:
        return None


def _contacts(cursor: str | None) -> ProviderRequest:
    query = {"limit": "100", "properties": _CONTACT_PROPERTIES} | ({"after": cursor} if cursor else {})
    return ProviderRequest("GET", f"{_API}/crm/v3/objects/contacts", query)


def _tokens(answer: Mapping[str, object]) -> TokenAnswer:
    scopes = answer.get("scopes")
    return TokenAnswer(
        access_token=answer.get("access_token"),
        refresh_token=answer.get("refresh_token"),
        expires_in=answer.get("expires_in"),
        token_type=answer.get("token_type"),
        scopes=tuple(str(scope) for scope in scopes) if isinstance(scopes, list) else (),
    )


def _introspection(client: Client, access_token: str) -> ProviderRequest:
    form = {"client_id": client.id, "client_secret": client.secret, "token": access_token}
    return ProviderRequest("POST", f"{_OAUTH}/token/introspect", form=form | {"token_type_hint": "access_token"})


def _account(body: bytes) -> Account:
    found = msgspec.json.decode(body, type=_Introspection)
    return Account(str(found.hub_id), found.hub_domain or f"Account {found.hub_id}")


def _revocation(client: Client, refresh_token: str) -> ProviderRequest:
    form = {"client_id": client.id, "client_secret": client.secret, "token": refresh_token}
    return ProviderRequest("POST", f"{_OAUTH}/token/revoke", form=form | {"token_type_hint": "refresh_token"})


PROVIDER = Declaration(
    slug="hubspot",
    name="HubSpot",
    logo=_LOGO,
    authorize_url=f"{_APP}/oauth/authorize",
    token_url=f"{_OAUTH}/token",
    scopes=("oauth", "crm.objects.contacts.read"),
    client_auth=ClientAuth.BODY,
    pkce=False,
    read_tokens=_tokens,
    account_request=_introspection,
    read_account=_account,
    revoke_request=_revocation,
    throttle_seconds=10,
    listings=(Listing("contact", _contacts, read_contacts),),
)
