"""/auth/events."""

from datetime import datetime

import msgspec
from litestar import get
from litestar.params import FromQuery

from adapters.inbound.http.authentication import Asking
from adapters.inbound.http.body import Use
from adapters.inbound.http.errors import problems
from adapters.inbound.http.paging import PageLimit, check_limit
from application.list_events import ListEvents


class Event(msgspec.Struct):
    id: str
    action: str
    outcome: str
    reason: str | None
    """Code of the refusal, where the act was refused."""
    at: datetime
    ip: str | None
    request_id: str | None


class EventList(msgspec.Struct):
    items: list[Event]
    next_cursor: str | None


@get("/auth/events", responses=problems(400, 401, 503))
async def all_events(
    request: Asking, list_events: Use[ListEvents], cursor: FromQuery[str | None] = None, limit: PageLimit = 100
) -> EventList:
    """What happened to the security of the own account, the newest first."""
    check_limit(request)
    page = await list_events(request.user.user, cursor=cursor, limit=limit)
    shown = [
        Event(one.id, one.action, one.outcome, one.reason or None, one.at, one.address, one.request_id)
        for one in page.events
    ]
    return EventList(shown, page.next_cursor)
