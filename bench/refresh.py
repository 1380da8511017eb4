"""An expired token and fifty who need it at the same moment: one may spend the refresh token, all must be served."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx
import uvloop

from bench.load import Load
from bench.report import verdict
from tests.e2e.person import Person
from tests.e2e.product import Product, Products
from tests.services import Unavailable

_CALLS, _ROUNDS = 50, 100
_LIFE_SECONDS = 4
"""Of an access token, and thrice the round's latency on top. Half of it must outlast what remains of the round once it
is issued, a page of the sync with that latency too: or a second refresh is seen that is due."""
_SLOW = {24: 1000, 49: 2000, 74: 3000}
_LATENCIES = [_SLOW.get(number, round(number * 300 / (_ROUNDS - 1))) for number in range(_ROUNDS)]
"""Milliseconds, one per round of a provider."""
_LONGEST_ANSWER_SECONDS = 60
_SLACK = timedelta(milliseconds=50)
_ACCOUNTS = ("acme", "globex")
"""While one's token grows old, the other's turn has come."""


@dataclass(frozen=True, slots=True)
class _Played:
    slug: str
    people: int
    """How many share the grant of an outside account."""
    address: str
    """Of a call that a token which works may make."""
    records: Mapping[str, int]


_PROVIDERS = (
    _Played("hubspot", 5, "/hubspot/account-info/v3/details", {"contact": 10, "company": 0, "deal": 0}),
    _Played("airtable", 1, "/airtable/v0/meta/whoami", {"base": 1, "table": 2, "record": 10}),
)


@dataclass(slots=True)
class _Grant:
    provider: _Played
    account: str
    holders: list[tuple[Person, str]]
    """Each with the id of their connection."""
    ending_at: datetime
    """When its access token comes into the second half of its life, from which on the product renews it."""


@dataclass(frozen=True, slots=True)
class _Answer:
    seconds: float
    said: str
    """What was answered instead of a token; empty with one."""
    token: str = ""
    ending_at: datetime | None = None


@dataclass(slots=True)
class _Seen:
    rounds: int = 0
    failed: int = 0
    refreshes: int = 0
    served: int = 0
    seconds: list[float] = field(default_factory=list)
    beyond: list[float] = field(default_factory=list)
    """The same without the provider's latency, which the one who refreshes waits for once."""

    @property
    def is_right(self) -> bool:
        return (self.rounds, self.refreshes, self.served, self.failed) == (_ROUNDS, _ROUNDS, _ROUNDS * _CALLS, 0)


def measure() -> bool:
    print(f"\nAn expired token and {_CALLS} calls at once that need it; {_ROUNDS} rounds for each provider")
    print("  SQLite and Redis, 2 API processes and 1 worker; a used refresh token that comes again ends the grant")
    print("  Expired: the provider refuses it from the start of a round on. The callers know by its time, for it is in")
    print("  the second half of its life; so does a sync that starts with them, and both find the same credential.")
    print("  A success is a token that the provider accepts, the same for all; a call has a connection of its own.")
    print(f"  Latency of the provider: 0 to 300 ms; {len(_SLOW)} rounds of each with {list(_SLOW.values())} ms")
    try:
        seen = uvloop.run(_measure())
    except Unavailable as error:
        print(f"  NOT RUN, so not reached: {error}")
        return False
    for provider in _PROVIDERS:
        _report(provider, seen[provider.slug])
    right = all(one.is_right for one in seen.values())
    rounds = _ROUNDS * len(_PROVIDERS)
    print(f"  a round is 1 refresh and {_CALLS} successes; goal {rounds} rounds, 0 failures: {verdict(right)}")
    return right


def _report(provider: _Played, seen: _Seen) -> None:
    shared = f"one grant, shared by {provider.people} people" if provider.people > 1 else "one grant, one person's"
    calls = seen.rounds * _CALLS
    print(f"  {provider.slug} ({shared}): {seen.rounds} rounds, {seen.refreshes} refreshes (want {_ROUNDS}),")
    print(f"    {seen.served} successes of {calls}, {calls - seen.served} failures; {seen.failed} rounds failed")
    for name, seconds in (("a call", seen.seconds), ("without the provider's latency", seen.beyond)):
        load = Load(latencies=seconds)
        print(f"    {name}: p50 {load.percentile(50):.0f} ms, p99 {load.percentile(99):.0f} ms")


async def _measure() -> dict[str, _Seen]:
    seen = {provider.slug: _Seen() for provider in _PROVIDERS}
    begun = time.monotonic()
    async with _connected() as (product, grants):
        for number, latency in enumerate(_LATENCIES):
            for grant in grants[number % len(_ACCOUNTS)]:
                await _play(product, grant, number, latency, seen[grant.provider.slug])
    print(f"  it took {time.monotonic() - begun:.0f} s")
    return seen


@asynccontextmanager
async def _connected() -> AsyncIterator[tuple[Product, list[list[_Grant]]]]:
    """A product, and by account a grant of each provider."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="vectorshift-bench-")))
        products = stack.enter_context(Products("sqlite-redis", folder))
        start = partial(products.start, CREDENTIALS_EXPOSE_ACCESS_TOKEN="true", RATE_LIMIT_SCALE="1000000")
        product = await asyncio.to_thread(start)
        # A connection that is kept may be closed, by either side, under a call that was just given it.
        limits = httpx.Limits(max_keepalive_connections=0)
        people = []
        for _ in range(max(provider.people for provider in _PROVIDERS)):
            http = await stack.enter_async_context(httpx.AsyncClient(limits=limits, timeout=60))
            people.append(await Person.registered(product, http))
        for provider in _PROVIDERS:
            knobs = {"refresh_reuse": "revoke_family", "limits": False, "records": provider.records}
            product.sandbox.control("PATCH", body=knobs, provider=provider.slug)
        yield product, [[await _granted(product, one, account, people) for one in _PROVIDERS] for account in _ACCOUNTS]


async def _granted(product: Product, provider: _Played, account: str, people: list[Person]) -> _Grant:
    holders = []
    for person in people[: provider.people]:
        connection = await person.connect(account, provider.slug)
        await person.first_sync(provider.slug)
        holders.append((person, connection))
    grant = _Grant(provider, account, holders, datetime.now(UTC))
    # The sync finds that the token has expired, and renews it by one that ends soon.
    product.sandbox.control("PATCH", body={"access_token_ttl_s": _LIFE_SECONDS}, provider=provider.slug)
    product.sandbox.control("POST", "/expire", {"account": account}, provider=provider.slug)
    wrong = await _sync(provider, *holders[0])
    assert not wrong, wrong
    grant.ending_at = _ending_at(await _ask_at_once(product, grant, len(holders)))
    return grant


def _ending_at(answers: list[_Answer]) -> datetime:
    """Of the youngest token; without any, when one that nobody has seen would be ending."""
    known = [answer.ending_at for answer in answers if answer.ending_at]
    return max(known, default=datetime.now(UTC) + timedelta(seconds=_LIFE_SECONDS))


async def _play(product: Product, grant: _Grant, number: int, latency: int, seen: _Seen) -> None:
    """One round; what went wrong in it is printed."""
    control = partial(product.sandbox.control, provider=grant.provider.slug)
    await asyncio.sleep(max(0, (grant.ending_at + _SLACK - datetime.now(UTC)).total_seconds()))
    control("DELETE", "/requests")
    life = _LIFE_SECONDS + ceil(3 * latency / 1000)
    control("PATCH", body={"latency_ms": latency, "access_token_ttl_s": life})
    begun = datetime.now(UTC)
    control("POST", "/expire", {"account": grant.account})
    sync = asyncio.create_task(_sync(grant.provider, *grant.holders[number % len(grant.holders)]))
    answers = await _ask_at_once(product, grant, _CALLS)
    # The rest of the sync must be over before its token is old again.
    control("PATCH", body={"latency_ms": 0})
    ended = await sync
    refreshes = _refreshes(control("GET", "/requests")["items"], begun)
    working = _working(product, grant, answers)
    wrong = [] if len(refreshes) == 1 else [f"{len(refreshes)} refreshes, after {refreshes} s"]
    wrong += _wrong(answers, working) + ([ended] if ended else [])
    seen.rounds += 1
    seen.refreshes += len(refreshes)
    seen.served += sum(1 for answer in answers if answer.token in working)
    seen.seconds += [answer.seconds for answer in answers]
    seen.beyond += [answer.seconds - latency / 1000 for answer in answers]
    grant.ending_at = _ending_at(answers)
    if wrong:
        seen.failed += 1
        print(f"  FAILED: {grant.provider.slug}, {grant.account}, round {number}, {latency} ms: {'; '.join(wrong)}")


def _refreshes(requests: list[dict[str, Any]], begun: datetime) -> list[float]:
    """All that were sent, whatever was answered: how many seconds after the beginning."""
    sent = [request["at"] for request in requests if "grant_type=refresh_token" in request["body"]]
    return [round((datetime.fromisoformat(at) - begun).total_seconds(), 2) for at in sent]


def _wrong(answers: list[_Answer], working: set[str]) -> list[str]:
    tokens = {answer.token for answer in answers if answer.token}
    unserved = [answer.said for answer in answers if not answer.token]
    wrong = [f"{len(unserved)} without a token, as {unserved[0]}"] if unserved else []
    wrong += [f"{len(tokens)} different tokens"] if len(tokens) > 1 else []
    return wrong + (["a token was given out that the provider refuses"] if tokens - working else [])


def _working(product: Product, grant: _Grant, answers: list[_Answer]) -> set[str]:
    """The tokens among those given out that the provider accepts."""
    address, http = product.sandbox.url + grant.provider.address, product.sandbox.http
    tokens = {answer.token for answer in answers if answer.token}
    return {one for one in tokens if http.get(address, headers={"Authorization": f"Bearer {one}"}).status_code == 200}


async def _sync(provider: _Played, person: Person, connection: str) -> str:
    """What was wrong with it; empty when nothing was."""
    try:
        run = await person.synced(provider.slug, connection_id=connection)
    except (AssertionError, httpx.HTTPError) as error:
        return f"no sync: {error!r}"
    return "" if run["status"] == "succeeded" else f"the sync {run['status']}: {run['error']}"


async def _ask_at_once(product: Product, grant: _Grant, calls: int) -> list[_Answer]:
    """By the people who hold the grant in turn, at the API processes in turn, each call by a connection of its own
    that is open already."""
    lines = [await asyncio.open_connection("127.0.0.1", product.ports[n % len(product.ports)]) for n in range(calls)]
    holders = [grant.holders[n % len(grant.holders)] for n in range(calls)]
    requests = [_request(product, grant.provider, *holder) for holder in holders]
    return await asyncio.gather(*(_ask(*line, request) for line, request in zip(lines, requests, strict=True)))


def _request(product: Product, provider: _Played, person: Person, connection: str) -> bytes:
    body = json.dumps({"connection_id": connection})
    head = [
        f"POST /integrations/{provider.slug}/credentials HTTP/1.1",
        f"Host: {urlsplit(product.public_url).netloc}",
        f"Authorization: Bearer {person.token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*head, "", body]).encode()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> _Answer:
    begun = time.perf_counter()
    try:
        writer.write(request)
        async with asyncio.timeout(_LONGEST_ANSWER_SECONDS):
            answer = await reader.read()
    except (OSError, TimeoutError) as error:
        return _Answer(time.perf_counter() - begun, repr(error))
    finally:
        writer.close()
    seconds = time.perf_counter() - begun
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200") or b'"access_token"' not in body:
        return _Answer(seconds, f"{head[:12].decode(errors='replace')} {body[:300].decode(errors='replace')}")
    credential = json.loads(body)
    obtained, expires = (datetime.fromisoformat(credential[name]) for name in ("obtained_at", "expires_at"))
    return _Answer(seconds, "", credential["access_token"], obtained + (expires - obtained) / 2)
