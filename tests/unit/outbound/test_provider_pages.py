"""What a provider's answers mean for whoever reads it."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from adapters.outbound.memory.rate_limits import MemoryRateLimits
from adapters.outbound.provider_budgets import ProviderBudgets
from adapters.outbound.provider_clients import ProviderClients, Registration
from adapters.outbound.provider_http import ProviderHttp
from adapters.outbound.provider_pages import ProviderPages
from adapters.outbound.providers._declaration import (
    Client,
    Declaration,
    Detail,
    Listing,
    Place,
    ProviderRequest,
    Verdict,
    by_status,
)
from adapters.outbound.providers.hubspot import PROVIDER
from application.ports.source_pages import (
    QUOTA_EXCEEDED,
    AccessRefused,
    CursorExpired,
    ListingRefused,
    ParentRefused,
    SourcePage,
)
from domain.connection import Connection
from domain.errors import ProviderThrottled, ProviderUnavailable
from domain.item import SourceItem
from domain.secret import Secret
from domain.sync import Stream
from tests.unit.builders import HeldClock, a_connection
from tests.unit.outbound.conftest import Wire

_API = "https://shelves.example"
BOX = SourceItem("box", "7", "Box", "box")
THING = SourceItem("thing", "8", "Thing", "thing")
SEALED = replace(BOX, name="Sealed")


def _judge(status: int, body: bytes) -> Verdict:
    """Says it in words too, where the status is 200."""
    said = json.loads(body).get("error") if status == 200 else None
    return Verdict(said) if said else by_status(status, body)


def _read(place: Place, body: bytes) -> SourcePage:
    name = place.parent.external_id if place.parent else "nothing"
    return SourcePage((replace(THING, name=f"Under {name}"),), json.loads(body).get("next"))


def _with_note(item: SourceItem, body: bytes) -> SourceItem:
    if not body.startswith(b"{"):
        raise ListingRefused("unreadable_answer")
    return replace(item, properties=body.decode())


DETAIL = Detail(lambda item: ProviderRequest("GET", f"{_API}/notes/{item.external_id}"), _with_note)
BOXES = Listing("box", "box", lambda _: ProviderRequest("GET", f"{_API}/boxes"), _read)
THINGS = Listing(
    "thing",
    "thing",
    lambda place: ProviderRequest("GET", f"{_API}/things", {"after": place.cursor or "", "under": str(place.parent)}),
    _read,
    under="box",
    is_under=lambda box: box.name != "Sealed",
    detail=DETAIL,
)
SHELVES: Declaration = replace(
    PROVIDER, slug="shelves", listings=(BOXES, THINGS), judge=_judge, api_hosts=("shelves.example",)
)


@pytest.fixture
def clients() -> ProviderClients:
    return ProviderClients([SHELVES], {"shelves": Registration(Client("id", "secret"), "https://x.example/")})


@pytest.fixture
async def pages(wire: Wire, clients: ProviderClients, clock: HeldClock) -> AsyncIterator[ProviderPages]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(wire)) as client:
        yield ProviderPages(ProviderHttp(client, clients, clock), clients, ProviderBudgets(MemoryRateLimits(clock)))


@pytest.fixture
def connection() -> Connection:
    return a_connection(provider="shelves")


async def read(pages: ProviderPages, connection: Connection, parent: SourceItem | None, **place: str) -> SourcePage:
    listing = "thing" if parent else "box"
    return await pages.read(connection, Stream(listing, **place), parent, Secret("a-token"))  # type: ignore[arg-type]


async def complete(pages: ProviderPages, connection: Connection, listing: str = "thing") -> SourceItem | None:
    return await pages.complete(connection, listing, THING, Secret("a-token"))


def says(verdict: Verdict) -> httpx.Response:
    return httpx.Response(200, json={"error": verdict.value})


ENDS = {
    Verdict.FORBIDDEN: "access_forbidden",
    Verdict.BLOCKED: "quota_exceeded",
    Verdict.UNEXPECTED: "unexpected_answer",
}
BY_VERDICT: dict[Verdict, type[Exception]] = {
    Verdict.ACCESS_REFUSED: AccessRefused,
    Verdict.CURSOR_EXPIRED: CursorExpired,
    Verdict.THROTTLED: ProviderThrottled,
    Verdict.LATER: ProviderUnavailable,
} | dict.fromkeys(ENDS, ListingRefused)


def test_every_verdict_means_something() -> None:
    assert {*BY_VERDICT, Verdict.GOOD, Verdict.GONE} == set(Verdict)


@pytest.mark.parametrize("parent", [None, BOX])
@pytest.mark.parametrize(("verdict", "error"), BY_VERDICT.items())
async def test_each_verdict_is_told_in_its_own_way(
    pages: ProviderPages,
    wire: Wire,
    connection: Connection,
    parent: SourceItem | None,
    verdict: Verdict,
    error: type[Exception],
) -> None:
    wire.answer = lambda _: says(verdict)
    with pytest.raises(error) as told:
        await read(pages, connection, parent)
    assert type(told.value) is error
    if verdict in ENDS:
        assert str(told.value) == ENDS[verdict]
    assert len(wire.sent) == (3 if verdict is Verdict.LATER else 1)


async def test_what_is_gone_under_one_parent_is_that_parents_alone(
    pages: ProviderPages, wire: Wire, connection: Connection
) -> None:
    wire.answer = lambda _: says(Verdict.GONE)
    with pytest.raises(ParentRefused):
        await read(pages, connection, BOX)
    with pytest.raises(ListingRefused, match="unexpected_answer"):
        await read(pages, connection, None)


async def test_a_listing_is_asked_for_at_its_place_and_read_there(
    pages: ProviderPages, wire: Wire, connection: Connection
) -> None:
    wire.answer = lambda _: httpx.Response(200, json={"next": "9"})
    page = await read(pages, connection, BOX, cursor="8")
    assert page == SourcePage((replace(THING, name="Under 7"),), "9")
    (request,) = wire.sent
    assert request.url.params["after"] == "8"
    assert request.url.params["under"] == str(BOX)


def test_whether_there_is_a_listing_its_parent_tells(pages: ProviderPages) -> None:
    assert pages.is_under("shelves", "thing", BOX)
    assert not pages.is_under("shelves", "thing", SEALED)


async def test_an_item_is_completed_by_a_call_with_the_token(
    pages: ProviderPages, wire: Wire, connection: Connection
) -> None:
    wire.answer = lambda _: httpx.Response(200, json={"note": "said"})
    assert await complete(pages, connection) == replace(THING, properties='{"note":"said"}')
    (request,) = wire.sent
    assert (request.url.path, request.headers["authorization"]) == ("/notes/8", "Bearer a-token")


async def test_where_there_is_no_such_call_nothing_is_asked(
    pages: ProviderPages, wire: Wire, connection: Connection
) -> None:
    assert await complete(pages, connection, "box") == THING
    assert wire.sent == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(200, text='"<h1>"'), None),
        *((httpx.Response(status), None) for status in (400, 410, 302)),
        *((httpx.Response(status), THING) for status in (403, 404)),
    ],
    ids=repr,
)
async def test_details_that_are_refused_leave_the_item_as_it_was_and_what_makes_no_sense_asks_for_another_time(
    wire: Wire, connection: Connection, clock: HeldClock, answer: httpx.Response, expected: SourceItem | None
) -> None:
    declared = replace(SHELVES, judge=by_status)
    clients = ProviderClients([declared], {"shelves": Registration(Client("id", "secret"), "https://x.example/")})
    wire.answer = lambda _: answer
    async with httpx.AsyncClient(transport=httpx.MockTransport(wire)) as client:
        http = ProviderHttp(client, clients, clock)
        pages = ProviderPages(http, clients, ProviderBudgets(MemoryRateLimits(clock)))
        assert await complete(pages, connection) == expected
    assert len(wire.sent) == 1


@pytest.mark.parametrize("verdict", [Verdict.GONE, Verdict.FORBIDDEN, Verdict.CURSOR_EXPIRED])
async def test_what_is_not_for_us_tells_nothing_of_the_item(
    pages: ProviderPages, wire: Wire, connection: Connection, verdict: Verdict
) -> None:
    wire.answer = lambda _: says(verdict)
    assert await complete(pages, connection) == THING


async def test_a_quota_that_is_used_up_by_details_ends_their_listing(
    pages: ProviderPages, wire: Wire, connection: Connection
) -> None:
    wire.answer = lambda _: says(Verdict.BLOCKED)
    with pytest.raises(ListingRefused, match=f"^{QUOTA_EXCEEDED}$"):
        await complete(pages, connection)
    assert len(wire.sent) == 1


@pytest.mark.parametrize(
    ("verdict", "error"),
    [
        (Verdict.ACCESS_REFUSED, AccessRefused),
        (Verdict.THROTTLED, ProviderThrottled),
        (Verdict.LATER, ProviderUnavailable),
    ],
)
async def test_details_that_may_be_had_later_are_not_given_up(
    pages: ProviderPages, wire: Wire, connection: Connection, verdict: Verdict, error: type[Exception]
) -> None:
    wire.answer = lambda _: says(verdict)
    with pytest.raises(error):
        await complete(pages, connection)


@pytest.mark.parametrize(
    ("answer", "least", "calls"),
    [
        (httpx.Response(503, headers={"Retry-After": "40"}), 40, 1),
        (httpx.Response(477, headers={"Retry-After": "1"}), 1, 1),
        (httpx.Response(477), 2, 1),
        (httpx.Response(423), 2, 1),
        (httpx.Response(503), 2, 3),
    ],
    ids=repr,
)
async def test_what_takes_its_time_is_not_asked_again_at_once(
    pages: ProviderPages, wire: Wire, connection: Connection, answer: httpx.Response, least: float, calls: int
) -> None:
    wire.answer = lambda _: answer
    with pytest.raises(ProviderUnavailable) as away:
        await read(pages, connection, None)
    assert type(away.value) is ProviderUnavailable
    assert away.value.retry_after >= least
    assert len(wire.sent) == calls


async def test_a_wait_that_is_asked_for_in_words_is_the_providers_usual_one(
    pages: ProviderPages, wire: Wire, connection: Connection
) -> None:
    wire.answer = lambda _: says(Verdict.THROTTLED)
    with pytest.raises(ProviderThrottled) as throttled:
        await read(pages, connection, None)
    assert 10 <= throttled.value.retry_after < 11
    wire.answer = lambda _: httpx.Response(200, headers={"Retry-After": "33"}, json={"error": "throttled"})
    with pytest.raises(ProviderThrottled) as throttled:
        await read(pages, connection, None)
    assert 33 <= throttled.value.retry_after < 34


async def test_an_answer_that_is_too_large_is_refused_and_is_no_sign_of_absence(
    pages: ProviderPages, wire: Wire, connection: Connection
) -> None:
    wire.answer = lambda _: httpx.Response(200, content=b" " * (10 * 1024 * 1024 + 1))
    for _ in range(15):
        with pytest.raises(ListingRefused, match="answer_too_large"):
            await read(pages, connection, BOX)
        assert await complete(pages, connection) == THING
    assert len(wire.sent) == 30
    wire.answer = lambda _: httpx.Response(200, json={})
    assert (await read(pages, connection, BOX)).cursor is None
