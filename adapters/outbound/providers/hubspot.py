"""HubSpot: https://developers.hubspot.com/docs/apps/legacy-apps/authentication/oauth-quickstart-guide"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

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
    TokenErrors,
    Verdict,
    by_status,
)
from adapters.outbound.providers._reading import UNREADABLE, read_entries, read_page, utc, write_properties
from application.ports.source_pages import SourcePage
from domain.connection import Account
from domain.item import SourceItem
from domain.rate_limit import Rate

_APP, _API = "https://app.hubspot.com", "https://api.hubapi.com"
_OAUTH = f"{_API}/oauth/2026-03"
_OBJECTS = f"{_API}/crm/v3/objects"
"""Served until September 2027 at least; its successor is /crm/objects/2026-03, with deals as 0-3."""
_BURST = Budget(Rate("hubspot", calls=100, seconds=10))
"""A tenth below what an app may do for one account."""
_ARCHIVED = "archived:"
"""What a cursor of the second half of a listing begins with: live objects come first, then archived ones. So one that
is archived meanwhile is seen twice, and the second time counts."""

_NameOf = Callable[[Mapping[str, str | None]], str | None]

_PROPERTIES = {
    "contact": (
        "firstname,lastname,email,phone,company,jobtitle,lifecyclestage,createdate,lastmodifieddate,hs_object_id"
    ),
    "company": "name,domain,industry,city,country,phone,createdate,hs_lastmodifieddate,hs_object_id",
    "deal": "dealname,amount,dealstage,pipeline,closedate,createdate,hs_lastmodifieddate,hs_object_id",
}
_PATHS = {"contact": "contacts", "company": "companies", "deal": "deals"}

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
    archived: bool = False


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


class _Refusal(msgspec.Struct):
    policyName: str | None = None  # noqa: N815


_page_decoder = msgspec.json.Decoder(_ObjectPage)
_read_object = msgspec.json.Decoder(_Object).decode
_read_refusal = msgspec.json.Decoder(_Refusal).decode


def _objects(kind: str, place: Place) -> ProviderRequest:
    archived, after = _part(place.cursor)
    query = {"limit": "100", "properties": _PROPERTIES[kind]}
    query |= {"archived": "true"} if archived else {}
    query |= {"after": after} if after else {}
    return ProviderRequest("GET", f"{_OBJECTS}/{_PATHS[kind]}", query, budget=_BURST)


def _part(cursor: str | None) -> tuple[bool, str]:
    """Which half of a listing a cursor is in, and HubSpot's own cursor there."""
    if cursor is None or not cursor.startswith(_ARCHIVED):
        return False, cursor or ""
    return True, cursor.removeprefix(_ARCHIVED)


def _read_objects(kind: str, name_of: _NameOf, place: Place, body: bytes) -> SourcePage:
    page = read_page(_page_decoder, body, "results")
    items, skipped = read_entries(page.results, partial(_item, kind, name_of))
    following = page.paging.next.after if page.paging and page.paging.next else ""
    archived, _ = _part(place.cursor)
    if not archived:
        return SourcePage(items, following or _ARCHIVED, skipped)
    return SourcePage(items, _ARCHIVED + following if following else None, skipped)


def _item(kind: str, name_of: _NameOf, entry: msgspec.Raw) -> SourceItem:
    found = _read_object(entry)
    if not found.id:
        raise ValueError("an object without an id")
    return SourceItem(
        kind=kind,
        external_id=found.id,
        name=name_of(found.properties) or found.id,
        type=kind,
        creation_time=utc(found.createdAt),
        last_modified_time=utc(found.updatedAt),
        url=found.url,
        visibility=not found.archived,
        properties=write_properties(found.properties).decode(),
    )


def _full_name(properties: Mapping[str, str | None]) -> str | None:
    full_name = " ".join(part for part in (properties.get("firstname"), properties.get("lastname")) if part)
    return full_name or properties.get("email")


def _company_name(properties: Mapping[str, str | None]) -> str | None:
    return properties.get("name") or properties.get("domain")


def _deal_name(properties: Mapping[str, str | None]) -> str | None:
    return properties.get("dealname")


def _listing(kind: str, name_of: _NameOf) -> Listing:
    return Listing(kind, kind, partial(_objects, kind), partial(_read_objects, kind, name_of))


def _judge(status: int, body: bytes) -> Verdict:
    """https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines"""
    if status != 429:
        return by_status(status, body)
    try:
        policy = _read_refusal(body).policyName
    except UNREADABLE:
        policy = None
    return Verdict.BLOCKED if policy == "DAILY" else Verdict.THROTTLED


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


def _revocation(client: Client, access_token: str, refresh_token: str | None) -> ProviderRequest | None:
    del access_token
    if refresh_token is None:
        return None
    form = {"client_id": client.id, "client_secret": client.secret, "token": refresh_token}
    return ProviderRequest("POST", f"{_OAUTH}/token/revoke", form=form | {"token_type_hint": "refresh_token"})


PROVIDER = Declaration(
    slug="hubspot",
    name="HubSpot",
    logo=_LOGO,
    authorize_url=f"{_APP}/oauth/authorize",
    token_url=f"{_OAUTH}/token",
    scopes=("oauth", "crm.objects.contacts.read", "crm.objects.companies.read", "crm.objects.deals.read"),
    client_auth=ClientAuth.BODY,
    pkce=False,
    read_tokens=_tokens,
    account_request=_introspection,
    read_account=_account,
    revoke_request=_revocation,
    throttle_seconds=10,
    listings=(_listing("contact", _full_name), _listing("company", _company_name), _listing("deal", _deal_name)),
    token_errors=TokenErrors(dead=("invalid_grant", "BAD_REFRESH_TOKEN"), fields=("error", "status")),
    judge=_judge,
    shares_grants=True,
)
