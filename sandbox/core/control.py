"""The control calls: ``/_control/{provider}/…``."""

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

import msgspec
from litestar import Litestar, Request, Response, delete, get, patch, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Struct, structs

from sandbox.core.asgi import App
from sandbox.core.faults import Fault
from sandbox.core.json_input import InputUnreadable, read_json
from sandbox.core.knobs import KnobsPatch
from sandbox.core.moments import moment
from sandbox.core.provider import Account, Kind
from sandbox.core.state_file import StateFile
from sandbox.core.world import World

MAX_BODY_BYTES = 64 * 1_048_576

Call = Request[Any, Any, State]
T = TypeVar("T")

_log = logging.getLogger(__name__)


class ControlRefused(Exception):
    """A control call that cannot be done, and why."""

    def __init__(self, status: int, detail: str, field: str | None = None) -> None:
        self.status, self.detail, self.field = status, detail, field
        super().__init__(detail)


class RecordsChange(Struct, forbid_unknown_fields=True):
    account: str
    kind: str
    upsert: list[dict[str, Any]] = []
    delete: list[str | int] = []


class AccountChoice(Struct, forbid_unknown_fields=True):
    account: str | None = None


@get("/_control/{provider:str}")
async def show_knobs(world: NamedDependency[World]) -> dict[str, Any]:
    return structs.asdict(world.knobs) | {"records": world.counts()}


@patch("/_control/{provider:str}")
async def turn_knobs(
    request: Call, world: NamedDependency[World], state_file: NamedDependency[StateFile]
) -> dict[str, Any]:
    asked = await read_body(request, KnobsPatch)
    counts = {} if asked.records is msgspec.UNSET else asked.records
    world.turn(asked, {_kind(world, name, f"records.{name}").name: count for name, count in counts.items()})
    await state_file.save()
    return structs.asdict(world.knobs) | {"records": world.counts()}


@post("/_control/{provider:str}/faults", status_code=200)
async def script_faults(request: Call, world: NamedDependency[World]) -> list[Fault]:
    world.faults.replace(await read_body(request, list[Fault]))
    return world.faults.left


@post("/_control/{provider:str}/records", status_code=200)
async def change_records(
    request: Call, world: NamedDependency[World], state_file: NamedDependency[StateFile]
) -> dict[str, list[str]]:
    asked = await read_body(request, RecordsChange)
    kind = _kind(world, asked.kind, "kind")
    records = world.records(_account(world, asked.account), kind)
    upserts = [_read_record(world, kind, n, shape) for n, shape in enumerate(asked.upsert)]
    now = moment(world.now())
    changed = {
        "upserted": [records.upsert(record_id, values, now) for record_id, values in upserts],
        "deleted": [str(record_id) for record_id in asked.delete if records.remove(str(record_id), now)],
    }
    await state_file.save()
    return changed


@post("/_control/{provider:str}/expire", status_code=200)
async def expire(
    request: Call, world: NamedDependency[World], state_file: NamedDependency[StateFile]
) -> dict[str, int]:
    expired = world.grants.expire(await _chosen_account(request, world))
    await state_file.save()
    return {"expired": expired}


@post("/_control/{provider:str}/revoke", status_code=200)
async def revoke(
    request: Call, world: NamedDependency[World], state_file: NamedDependency[StateFile]
) -> dict[str, int]:
    revoked = world.grants.revoke(await _chosen_account(request, world))
    await state_file.save()
    return {"revoked": revoked}


@get("/_control/{provider:str}/requests")
async def show_requests(world: NamedDependency[World]) -> dict[str, Any]:
    return {"items": world.requests.items}


@delete("/_control/{provider:str}/requests")
async def forget_requests(world: NamedDependency[World]) -> None:
    world.requests.clear()


@post("/_control/{provider:str}/reset", status_code=200)
async def reset(world: NamedDependency[World], state_file: NamedDependency[StateFile]) -> dict[str, Any]:
    world.reset()
    await state_file.save()
    return structs.asdict(world.knobs) | {"records": world.counts()}


CALLS: list[ControllerRouterHandler] = [
    show_knobs,
    turn_knobs,
    script_faults,
    change_records,
    expire,
    revoke,
    show_requests,
    forget_requests,
    reset,
]


def control_app(worlds: Mapping[str, World], state_file: StateFile, handlers: Sequence[ControllerRouterHandler]) -> App:
    """The control calls together with ``handlers``, the pages beside them."""

    def world(provider: FromPath[str]) -> World:
        if provider not in worlds:
            raise ControlRefused(404, f"{provider!r} is not played here; {', '.join(worlds)} are", "provider")
        return worlds[provider]

    app = Litestar(
        [*CALLS, *handlers],
        dependencies={
            "world": Provide(world, sync_to_thread=False),
            "worlds": Provide(lambda: worlds, sync_to_thread=False),
            "state_file": Provide(lambda: state_file, sync_to_thread=False),
        },
        exception_handlers={ControlRefused: _refused, HTTPException: _http_refused, Exception: _failed},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=MAX_BODY_BYTES,
    )
    return cast("App", app)


async def read_body(request: Call, shape: type[T]) -> T:
    """Raises ControlRefused."""
    raw = await request.body()
    if request.content_type[0] != "application/json":
        raise ControlRefused(415, "a body must be application/json")
    try:
        return read_json(raw, shape)
    except InputUnreadable as error:
        message, _, path = str(error).partition(" - at `$")
        raise ControlRefused(400, message, _field(message, path.rstrip("`"))) from error


def _field(message: str, path: str) -> str | None:
    unknown = re.search(r"unknown field `(.*)`", message)
    return (f"{path}.{unknown[1]}" if unknown else path).lstrip(".") or None


async def _chosen_account(request: Call, world: World) -> str | None:
    if not await request.body():
        return None
    account = (await read_body(request, AccountChoice)).account
    return None if account is None else _account(world, account).slug


def _account(world: World, slug: str) -> Account:
    account = world.provider.account(slug)
    if account is None:
        known = ", ".join(account.slug for account in world.provider.accounts)
        raise ControlRefused(400, f"no account {slug!r}; there are {known}", "account")
    return account


def _kind(world: World, name: str, field: str) -> Kind:
    kind = world.provider.kind(name)
    if kind is None:
        known = ", ".join(kind.name for kind in world.provider.kinds)
        raise ControlRefused(400, f"no kind {name!r}; there are {known}", field)
    return kind


def _read_record(world: World, kind: Kind, n: int, shape: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    try:
        return world.provider.read_record(kind, shape)
    except ValueError as error:
        raise ControlRefused(400, str(error), f"upsert[{n}]") from error


def _refused(_: Call, error: ControlRefused) -> Response[dict[str, Any]]:
    return Response({"status": error.status, "detail": error.detail, "field": error.field}, status_code=error.status)


def _failed(request: Call, error: Exception) -> Response[dict[str, Any]]:
    # Litestar alone answers 500 and leaves no trace.
    _log.error("the sandbox failed on %s %s", request.method, request.url.path, exc_info=error)
    return Response({"status": 500, "detail": "internal error"}, status_code=500)


def _http_refused(_: Call, error: HTTPException) -> Response[dict[str, Any]]:
    return Response({"status": error.status_code, "detail": error.detail}, status_code=error.status_code)
