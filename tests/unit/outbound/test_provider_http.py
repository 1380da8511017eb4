"""The wire to the providers: bounded in size, time and trust."""

import asyncio
import gzip
import traceback
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime

import httpx
import pytest

from adapters.outbound.bounded_http import HttpAnswer
from adapters.outbound.provider_http import ProviderHttp, open_client
from adapters.outbound.provider_pages import ProviderPages
from adapters.outbound.providers._declaration import ProviderRequest
from application.ports.source_pages import AccessRefused, ListingRefused, SourcePage
from domain.errors import ProviderThrottled, ProviderUnavailable, Unavailable
from domain.secret import Secret
from domain.sync import Stream
from tests.unit.builders import A_TIME, a_connection
from tests.unit.outbound.conftest import Wire

TOKEN = "a-token-that-nobody-may-see"
LISTING = "https://api.hubapi.com/crm/v3/objects/contacts"
EMPTY = b'{"results":[]}'
ARCHIVED = "archived:"
"""Where HubSpot's listing goes on behind its last live object."""


async def read(pages: ProviderPages, cursor: str | None = None) -> SourcePage:
    return await pages.read(a_connection(), Stream("contact", cursor), None, Secret(TOKEN))


async def refusal(http: ProviderHttp) -> Unavailable:
    with pytest.raises(ProviderUnavailable) as refused:
        await http.send("hubspot", ProviderRequest("GET", LISTING))
    return refused.value


class Drip(httpx.AsyncByteStream):
    """A body without an end."""

    def __init__(self, chunk: bytes, *, every: float) -> None:
        self._chunk, self._every = chunk, every
        self.given = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(self._every)
            self.given += 1
            yield self._chunk


async def test_the_token_travels_in_its_header_alone(pages: ProviderPages, wire: Wire) -> None:
    wire.answer = lambda _: httpx.Response(200, content=EMPTY)
    assert await read(pages, "42") == SourcePage((), ARCHIVED)
    (request,) = wire.sent
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in str(request.url)
    assert request.url.params["after"] == "42"
    assert str(request.url).startswith(LISTING)


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, AccessRefused), (403, ListingRefused), (400, ListingRefused), (404, ListingRefused), (204, ListingRefused)],
)
async def test_a_verdict_is_taken_at_once(
    pages: ProviderPages, wire: Wire, status: int, error: type[Exception]
) -> None:
    wire.answer = lambda _: httpx.Response(status)
    with pytest.raises(error):
        await read(pages)
    assert len(wire.sent) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(pages: ProviderPages, wire: Wire, status: int) -> None:
    wire.answer = lambda _: httpx.Response(status, headers={"Location": "https://evil.example/"})
    with pytest.raises(ListingRefused):
        await read(pages)
    assert len(wire.sent) == 1


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529])
async def test_what_may_pass_is_tried_three_times(pages: ProviderPages, wire: Wire, status: int) -> None:
    wire.answer = lambda _: httpx.Response(status)
    with pytest.raises(ProviderUnavailable) as refused:
        await read(pages)
    assert len(wire.sent) == 3
    assert refused.value.detail == f"hubspot: status {status}"


@pytest.mark.parametrize("status", [500, 501, 505, 507, 530, 599])
async def test_no_fault_of_the_providers_is_a_verdict(pages: ProviderPages, wire: Wire, status: int) -> None:
    wire.answer = lambda _: httpx.Response(status)
    with pytest.raises(ProviderUnavailable):
        await read(pages)


async def test_the_second_try_may_succeed(pages: ProviderPages, wire: Wire) -> None:
    answers = iter([httpx.Response(503), httpx.Response(200, content=EMPTY)])
    wire.answer = lambda _: next(answers)
    assert await read(pages) == SourcePage((), ARCHIVED)


async def test_a_throttled_call_is_not_repeated_at_once(pages: ProviderPages, wire: Wire) -> None:
    wire.answer = lambda _: httpx.Response(429)
    with pytest.raises(ProviderThrottled):
        await read(pages)
    assert len(wire.sent) == 1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("33", 33),
        (" 7 ", 7),
        ("0", 1),
        ("86400", 900),
        ("9" * 400, 900),
        (format_datetime(A_TIME + timedelta(seconds=60), usegmt=False), 59.2),
        ((A_TIME + timedelta(seconds=60)).strftime("%a, %d %b %Y %H:%M:%S GMT"), 59.2),
        ((A_TIME - timedelta(seconds=60)).strftime("%a, %d %b %Y %H:%M:%S GMT"), 1),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 900),
    ],
)
async def test_a_wait_is_as_long_as_asked_for_within_bounds(
    http: ProviderHttp, wire: Wire, status: int, header: str, seconds: float
) -> None:
    wire.answer = lambda _: httpx.Response(status, headers={"Retry-After": header})
    assert seconds <= (await refusal(http)).retry_after <= seconds + 0.6


@pytest.mark.parametrize(
    "header",
    [None, "", "soon", "-5", "1.5", "NaN", "²", "Mon, 99 Foo", "1e3", "\xff", f"Mon, 01 Jan {9**30} 00:00:00 GMT"],
)
@pytest.mark.parametrize(("status", "default"), [(429, 10), (503, 5)])
async def test_a_wait_that_nobody_understands_is_the_usual_one(
    http: ProviderHttp, wire: Wire, header: str | None, status: int, default: float
) -> None:
    headers = [] if header is None else [(b"Retry-After", header.encode())]
    wire.answer = lambda _: httpx.Response(status, headers=headers)
    assert default <= (await refusal(http)).retry_after <= default + 0.6


async def test_an_answer_beyond_all_size_is_cut_off(http: ProviderHttp, wire: Wire) -> None:
    drip = Drip(b"x" * 2**20, every=0)
    wire.answer = lambda _: httpx.Response(200, stream=drip)
    await refusal(http)
    assert drip.given == 11


async def test_an_answer_that_unpacks_beyond_all_size_is_cut_off(http: ProviderHttp, wire: Wire) -> None:
    bomb = gzip.compress(b"\0" * 50 * 2**20)
    wire.answer = lambda _: httpx.Response(200, content=bomb, headers={"Content-Encoding": "gzip"})
    await refusal(http)


async def test_nobody_is_waited_for_beyond_the_deadline(http: ProviderHttp, wire: Wire) -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(3600)
        raise AssertionError

    wire.answer = never
    begun = asyncio.get_running_loop().time()
    await refusal(http)
    assert asyncio.get_running_loop().time() - begun <= 31


async def test_whoever_drips_is_not_waited_for_either(http: ProviderHttp, wire: Wire) -> None:
    wire.answer = lambda _: httpx.Response(200, stream=Drip(b" ", every=10))
    begun = asyncio.get_running_loop().time()
    await refusal(http)
    assert asyncio.get_running_loop().time() - begun <= 31


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ConnectError,
        httpx.ReadTimeout,
        httpx.RemoteProtocolError,
        httpx.InvalidURL,
        httpx.DecodingError,
        TimeoutError,
    ],
)
async def test_no_fault_shows_the_token(http: ProviderHttp, wire: Wire, fault: type[Exception]) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise fault(f"{request.headers['authorization']} {request.content!r}")

    wire.answer = fail
    request = ProviderRequest("POST", LISTING, form={"token": TOKEN})
    with pytest.raises(ProviderUnavailable) as refused:
        await http.send("hubspot", request, {"Authorization": f"Bearer {TOKEN}"})
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert TOKEN not in "".join(traceback.format_exception(refused.value))
    assert TOKEN not in repr(request)


def test_no_answer_shows_its_body() -> None:
    assert TOKEN not in repr(HttpAnswer(200, httpx.Headers(), TOKEN.encode()))


async def test_the_machines_proxy_settings_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with open_client() as client:
        assert client._mounts == {}
        assert not client.follow_redirects
        assert client.timeout.connect == 5


async def test_two_calls_do_not_share_cookies(pages: ProviderPages, wire: Wire) -> None:
    wire.answer = lambda _: httpx.Response(200, content=EMPTY, headers={"Set-Cookie": "who=ann; Path=/"})
    await read(pages)
    await read(pages)
    assert "cookie" not in wire.sent[1].headers
