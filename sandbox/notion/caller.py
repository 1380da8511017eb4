"""Who calls Notion's API, as what, and with which version of it."""

from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency
from msgspec import ValidationError, convert

from sandbox.core.consent import single_values
from sandbox.core.grants import Grant
from sandbox.core.json_input import InputUnreadable, read_json
from sandbox.core.provider import Account, Kind
from sandbox.core.records import Record, Records
from sandbox.core.world import World
from sandbox.notion.errors import NotionError, invalid
from sandbox.notion.limits import ConnectionWindows
from sandbox.notion.records import hyphenated

DATABASES_ONLY, DATA_SOURCES, NEWEST = VERSIONS = ("2022-06-28", "2025-09-03", "2026-03-11")
"""Before the second there were no data sources, before the third trash was called archive too."""

Call = Request[Any, Any, State]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Caller:
    world: World
    account: Account
    grant: Grant
    version: str

    def records(self, kind: str) -> Records:
        return self.world.records(self.account, self.kind(kind))

    def kind(self, name: str) -> Kind:
        return next(kind for kind in self.world.provider.kinds if kind.name == name)

    def get(self, record_id: str, *kinds: str) -> Record | None:
        """The record of one of these kinds, one in the trash too."""
        found = (self.records(kind).get(record_id) for kind in kinds)
        return next((record for record in found if record is not None), None)


async def read_caller(
    request: Call, world: NamedDependency[World], windows: NamedDependency[ConnectionWindows]
) -> Caller:
    """Raises NotionError."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    access = world.grants.access(token) if scheme.lower() == "bearer" else None
    if access is None or access.expires_at <= world.now():
        raise NotionError(401, "unauthorized", "API token is invalid.")
    if world.knobs.limits and (wait := windows.take(access.grant.id, world.now())) is not None:
        raise _limited(wait)
    version = read_version(request)
    if version is None:
        message = "Notion-Version header failed validation: it should be defined, instead was `undefined`."
        raise NotionError(400, "missing_version", message)
    account = next(account for account in world.provider.accounts if account.slug == access.grant.account)
    return Caller(world, account, access.grant, version)


def read_version(request: Call) -> str | None:
    """Raises NotionError."""
    version = request.headers.get("notion-version")
    if version not in (None, *VERSIONS):
        raise invalid(f"Notion-Version header failed validation: it should be one of {', '.join(VERSIONS)}.")
    return version


def bot_id(grant: Grant) -> str:
    """Each consent makes a bot of its own."""
    return str(uuid5(NAMESPACE_URL, f"bot:{grant.id}"))


def owner(account: Account) -> dict[str, Any]:
    return {
        "object": "user",
        "id": account.user_id,
        "type": "person",
        "person": {"email": account.user_email},
        "name": f"{account.title} Owner",
        "avatar_url": None,
    }


async def read_body(request: Call, shape: type[T]) -> T:
    """The JSON body; none at all is taken for an empty object. Raises NotionError."""
    raw = await request.body()
    if raw and request.content_type[0] != "application/json":
        raise NotionError(400, "invalid_json", "Error parsing JSON body: Content-Type should be application/json.")
    try:
        given = read_json(raw or b"{}", object)
    except InputUnreadable as error:
        raise NotionError(400, "invalid_json", "Error parsing JSON body.") from error
    try:
        return convert(given, shape)
    except ValidationError as error:
        raise invalid(f"body failed validation: {error}.") from error


def read_query(request: Call) -> dict[str, str]:
    """Raises NotionError."""
    try:
        query = single_values(request.scope["query_string"].decode("latin-1"))
    except ValueError as error:
        raise invalid(f"query failed validation: unreadable or doubled parameter: {error}.") from error
    if "filter_properties" in query:
        raise invalid("query failed validation: filter_properties is not played by this sandbox.")
    return query


def read_id(text: str, name: str) -> str:
    """An id in a path, hyphens or not. Raises NotionError."""
    record_id = hyphenated(text)
    if record_id is None:
        raise invalid(f'path failed validation: path.{name} should be a valid uuid, instead was `"{text}"`.')
    return record_id


def _limited(wait: float) -> NotionError:
    seconds = str(ceil(wait))
    data = {"rate_limit_reason": "public_api_request_rate_limit", "retry_after": seconds}
    message = "You have been rate limited. Please try again later."
    return NotionError(429, "rate_limited", message, {"Retry-After": seconds}, additional_data=data)
