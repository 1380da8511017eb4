"""HubSpot's CRM objects: list, one, batch read and search."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from sandbox.core.json_input import InputUnreadable, read_json
from sandbox.core.moments import moment
from sandbox.core.provider import Account, Kind
from sandbox.core.world import World
from sandbox.hubspot.errors import HubSpotError, RateLimited
from sandbox.hubspot.records import show
from sandbox.hubspot.search import SearchRefused, matching, read_search

MAX_PAGE = 100
BURST_CALLS, BURST_SECONDS = 110, 10
SEARCH_CALLS, SEARCH_SECONDS = 5, 1
SCOPES = {
    "contact": "crm.objects.contacts.read",
    "company": "crm.objects.companies.read",
    "deal": "crm.objects.deals.read",
}
PATHS = (
    "/crm/v3/objects/{kind_name:str}",
    "/crm/objects/2026-03/{kind_name:str}",
    "/crm/objects/2026-09/{kind_name:str}",
)
AUTH_GUIDE = "https://developers.hubspot.com/docs/methods/auth/oauth-overview"

Call = Request[Any, Any, State]
Page = Response[dict[str, Any]]
Headers = dict[str, str]


class BatchInput(Struct):
    id: str


class BatchRead(Struct, rename="camel"):
    inputs: list[BatchInput]
    properties: list[str] = []
    id_property: str | None = None


@get(list(PATHS))
async def list_objects(request: Call, world: NamedDependency[World], kind_name: FromPath[str]) -> Page:
    kind = _kind(world, kind_name)
    account, headers = allowed_account(request, world, SCOPES[kind.name])
    limit = _whole_number(request, "limit", 10)
    if not 1 <= limit <= MAX_PAGE:
        raise _invalid(f"limit must be between 1 and {MAX_PAGE}, not {limit}")
    page, following = world.records(account, kind).page(
        _whole_number(request, "after", 0), limit, removed=_flag(request, "archived")
    )
    properties = _properties(request)
    answer: dict[str, Any] = {"results": [show(record, kind, account, properties) for record in page]}
    if following is not None:
        answer["paging"] = {"next": {"after": str(following), "link": _link(request, world, following)}}
    return Response(answer, headers=headers)


@get([f"{path}/{{object_id:str}}" for path in PATHS])
async def show_object(
    request: Call, world: NamedDependency[World], kind_name: FromPath[str], object_id: FromPath[str]
) -> Page:
    kind = _kind(world, kind_name)
    account, headers = allowed_account(request, world, SCOPES[kind.name])
    if "idProperty" in request.query_params:
        raise _invalid("idProperty is not played by this sandbox")
    record = world.records(account, kind).get(object_id)
    if record is None or (record.removed_at is not None) != _flag(request, "archived"):
        raise HubSpotError(404, "OBJECT_NOT_FOUND", "resource not found")
    return Response(show(record, kind, account, _properties(request)), headers=headers)


@post([f"{path}/batch/read" for path in PATHS], status_code=200)
async def read_batch(request: Call, world: NamedDependency[World], kind_name: FromPath[str]) -> Page:
    kind = _kind(world, kind_name)
    account, headers = allowed_account(request, world, SCOPES[kind.name])
    asked = await _batch(request)
    started, records, archived = moment(world.now()), world.records(account, kind), _flag(request, "archived")
    ids = list(dict.fromkeys(given.id for given in asked.inputs))
    found = [r for r in map(records.get, ids) if r is not None and (r.removed_at is not None) == archived]
    answer: dict[str, Any] = {
        "status": "COMPLETE",
        "results": [show(record, kind, account, asked.properties) for record in found],
        "startedAt": started,
        "completedAt": moment(world.now()),
    }
    missing = [object_id for object_id in ids if object_id not in {record.id for record in found}]
    if missing:
        answer |= {"numErrors": 1, "errors": [_missing(kind, missing)]}
    return Response(answer, status_code=207 if missing else 200, headers=headers)


@post([f"{path}/search" for path in PATHS], status_code=200)
async def search_objects(request: Call, world: NamedDependency[World], kind_name: FromPath[str]) -> dict[str, Any]:
    kind = _kind(world, kind_name)
    account = _account(request, world, SCOPES[kind.name])
    window = world.window("search", calls=SEARCH_CALLS, seconds=SEARCH_SECONDS)
    if world.knobs.limits and window.take(account.slug, world.now()) is None:
        raise RateLimited("SECONDLY", "You have reached your secondly limit.")
    _require_json(request)
    records = world.records(account, kind)
    try:
        search = read_search(await request.body())
        found = matching(search, records.live(), records.knows)
    except SearchRefused as refused:
        raise _invalid(str(refused)) from refused
    start, end = search.offset(), search.offset() + search.limit
    answer: dict[str, Any] = {
        "total": len(found),
        "results": [show(record, kind, account, search.properties) for record in found[start:end]],
    }
    return answer | {"paging": {"next": {"after": str(end)}}} if end < len(found) else answer


OBJECT_CALLS: list[ControllerRouterHandler] = [list_objects, show_object, read_batch, search_objects]


def allowed_account(request: Call, world: World, scope: str) -> tuple[Account, Headers]:
    """Whose token this is, and headers with what is left of the burst limit. Raises HubSpotError, RateLimited."""
    account = _account(request, world, scope)
    if not world.knobs.limits:
        return account, {}
    left = world.window("burst", calls=BURST_CALLS, seconds=BURST_SECONDS).take(account.slug, world.now())
    headers = {
        "X-HubSpot-RateLimit-Max": str(BURST_CALLS),
        "X-HubSpot-RateLimit-Remaining": str(left or 0),
        "X-HubSpot-RateLimit-Interval-Milliseconds": str(BURST_SECONDS * 1000),
    }
    if left is None:
        raise RateLimited("TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit.", headers)
    return account, headers


def _account(request: Call, world: World, scope: str) -> Account:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    access = world.grants.access(token) if scheme.lower() == "bearer" else None
    if access is None:
        message = f"Authentication credentials not found. This API supports OAuth 2.0: {AUTH_GUIDE}"
        raise HubSpotError(401, "INVALID_AUTHENTICATION", message)
    if access.expires_at <= world.now():
        age = int(world.now() - access.expires_at)
        message = f"The OAuth token used to make this call expired {age} second(s) ago."
        raise HubSpotError(401, "INVALID_AUTHENTICATION", message)
    if scope not in access.grant.scopes:
        message = "This app hasn't been granted all required scopes to make this call."
        detail = {
            "message": "One or more of the following scopes are required.",
            "context": {"requiredGranularScopes": [scope]},
        }
        raise HubSpotError(403, "MISSING_SCOPES", message, errors=[detail])
    return next(account for account in world.provider.accounts if account.slug == access.grant.account)


def _kind(world: World, name: str) -> Kind:
    kind = world.provider.kind(name)
    if kind is None:
        raise HubSpotError(400, "VALIDATION_ERROR", f"Unable to infer object type from: {name}")
    return kind


def _whole_number(request: Call, name: str, default: int) -> int:
    text = request.query_params.get(name, "") or str(default)
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise _invalid(f"Unable to parse value for query parameter: {name}")
    return int(text)


def _flag(request: Call, name: str) -> bool:
    # HubSpot's own Python client writes `False`.
    text = request.query_params.get(name, "false").lower()
    if text not in ("true", "false", ""):
        raise _invalid(f"Unable to parse value for query parameter: {name}")
    return text == "true"


def _properties(request: Call) -> Sequence[str]:
    """Both ``a,b`` and the parameter repeated."""
    given = ",".join(request.query_params.getall("properties", []))
    return [name for name in (part.strip() for part in given.split(",")) if name]


def _link(request: Call, world: World, after: int) -> str:
    given = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    query = [(name, value) for name, value in given if name != "after"]
    address = f"{request.base_url}{world.provider.slug}{request.url.path}"
    return f"{address}?{urlencode([*query, ('after', after)])}"


async def _batch(request: Call) -> BatchRead:
    _require_json(request)
    try:
        asked = read_json(await request.body(), BatchRead)
    except InputUnreadable as error:
        raise _invalid(f"Invalid input JSON: {error}") from error
    if len(asked.inputs) > MAX_PAGE:
        raise _invalid(f"The maximum number of inputs is {MAX_PAGE}")
    if asked.id_property is not None:
        raise _invalid("idProperty is not played by this sandbox")
    return asked


def _missing(kind: Kind, ids: Sequence[str]) -> dict[str, Any]:
    some = f"some {kind.name.upper()} objects"
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get {some}, they may be deleted or not exist. Check that ids are valid.",
        "context": {"ids": list(ids)},
    }


def _require_json(request: Call) -> None:
    if request.content_type[0] != "application/json":
        raise HubSpotError(415, "VALIDATION_ERROR", "Content-Type must be application/json")


def _invalid(message: str) -> HubSpotError:
    return HubSpotError(400, "VALIDATION_ERROR", message)
