"""/health and /ready."""

from typing import Literal

import msgspec
from litestar import Response, get

from adapters.inbound.http.body import Use
from adapters.inbound.worker import ROLE
from application.ports.cache import Cache
from application.ports.storage import Storage
from domain.errors import CacheUnavailable, StorageUnavailable


class Health(msgspec.Struct):
    status: Literal["ok"] = "ok"


class Readiness(msgspec.Struct):
    status: Literal["ok", "degraded", "unavailable"]
    checks: dict[str, str]


@get("/health", exclude_from_auth=True, security=[{}])
async def health() -> Health:
    """The process lives; nothing else is looked at."""
    return Health()


@get("/ready", exclude_from_auth=True, security=[{}])
async def ready(storage: Use[Storage], cache: Use[Cache]) -> Response[Readiness]:
    """Whether it can serve: 503 without its storage, degraded without the rest."""
    checks = {"storage": await _storage(storage), "cache": "ok", "worker": "ok"}
    try:
        await cache.ping()
        checks["worker"] = "ok" if await cache.presence.seen(ROLE) else "none seen"
    except CacheUnavailable:
        checks |= {"cache": "unavailable", "worker": "unknown"}
    if checks["storage"] != "ok":
        return Response(Readiness("unavailable", checks), status_code=503, headers={"Retry-After": "5"})
    return Response(Readiness("ok" if set(checks.values()) == {"ok"} else "degraded", checks))


async def _storage(storage: Storage) -> str:
    try:
        await storage.ping()
    except StorageUnavailable:
        return "unavailable"
    return "ok"
