"""/health and /ready."""

from typing import Literal

import msgspec
from litestar import Response, get

from adapters.inbound.http.body import Use
from application.check_readiness import CheckReadiness

_WORKER = {True: "ok", False: "none seen", None: "unknown"}


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
async def ready(check_readiness: Use[CheckReadiness]) -> Response[Readiness]:
    """Whether it can serve: 503 without its storage, degraded without the rest."""
    found = await check_readiness()
    checks = {"storage": _answers(found.storage), "cache": _answers(found.cache), "worker": _WORKER[found.worker]}
    if not found.storage:
        return Response(Readiness("unavailable", checks), status_code=503, headers={"Retry-After": "5"})
    return Response(Readiness("ok" if set(checks.values()) == {"ok"} else "degraded", checks))


def _answers(part: bool) -> str:
    return "ok" if part else "unavailable"
