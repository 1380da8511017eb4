"""/runs: syncs, as they go on."""

from datetime import datetime

import msgspec
from litestar import get, post
from litestar.params import FromPath

from adapters.inbound.http.authentication import Asking
from adapters.inbound.http.body import Use
from adapters.inbound.http.errors import problems
from adapters.inbound.http.sync_errors import explain
from application.cancel_run import CancelRun
from application.show_run import ShowRun
from domain.ids import RunId
from domain.sync import Run as DomainRun
from domain.sync import RunStatus


class RunCounts(msgspec.Struct):
    seen: int
    added: int
    changed: int
    unchanged: int
    deleted: int
    skipped: int


class RunError(msgspec.Struct):
    code: str
    detail: str


class Run(msgspec.Struct):
    id: str
    connection_id: str
    provider: str
    status: RunStatus
    counts: RunCounts
    requested_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    error: RunError | None


def run_shape(run: DomainRun) -> Run:
    counts = run.counts
    return Run(
        id=run.id,
        connection_id=run.connection,
        provider=run.provider,
        status=run.status,
        counts=RunCounts(
            seen=counts.seen,
            added=counts.added,
            changed=counts.changed,
            unchanged=counts.unchanged,
            deleted=counts.deleted,
            skipped=counts.skipped,
        ),
        requested_at=run.requested_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        error=RunError(run.error, explain(run.error).detail) if run.error else None,
    )


@get("/runs/{run_id:str}", responses=problems(400, 401, 404, 503))
async def one_run(request: Asking, run_id: FromPath[str], show_run: Use[ShowRun]) -> Run:
    """One sync, with its counts as they are now."""
    return run_shape(await show_run(request.user.user, RunId(run_id)))


@post("/runs/{run_id:str}/cancel", status_code=202, responses=problems(400, 401, 404, 503))
async def cancel_run(request: Asking, run_id: FromPath[str], cancel_run: Use[CancelRun]) -> Run:
    """Have a sync stopped at its next page; what it has published stays."""
    return run_shape(await cancel_run(request.user.user, RunId(run_id)))
