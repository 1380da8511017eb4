"""A first sync into SQLite, beside what reading the same pages and writing the same rows cost by themselves."""

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec

from bench.process import Looks, cpu_seconds, forget_peak, peak_mebibytes, watching
from bench.product import Product, running
from bench.report import verdict

MEMORY_GOAL = 1.20
_FEW, _MANY = 10_000, 100_000
_LONGEST_SECONDS = 1800.0
_CLIENT = {"client_id": "sandbox-hubspot", "client_secret": "sandbox-secret"}
_PAGE, _BURST_CALLS, _BURST_SECONDS = 100, 100, 10
_SCOPE = "oauth crm.objects.contacts.read"
_REDIRECT_URI = "http://localhost:8000/integrations/hubspot/oauth2callback"

Row = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Synced:
    seconds: float
    cpu_seconds: float
    looks: Looks
    peak_mebibytes: float


class _Entry(msgspec.Struct):
    id: str


class _Page(msgspec.Struct):
    results: list[msgspec.Raw]
    paging: dict[str, dict[str, str]] = {}


def measure() -> None:
    print(f"\nA first sync from the sandbox into SQLite, embedded profile: {_FEW} contacts, then {_MANY}")
    with running(contacts=_FEW) as product:
        few = _sync(product, _FEW)
    with running(contacts=_MANY) as product:
        many = _sync(product, _MANY)
        reading, pages = _read_all(product)
        writing = _write_all(product.folder / "floor.db", pages)
    _report(few, _FEW)
    _report(many, _MANY)
    growth = many.peak_mebibytes / few.peak_mebibytes
    reached = verdict(growth <= MEMORY_GOAL)
    print(f"  peak memory at {_MANY} is {growth:.0%} of that at {_FEW}; goal at most {MEMORY_GOAL:.0%}: {reached}")
    print(f"  floors at {_MANY}: reading the same pages, httpx alone {reading:.1f} s ({_MANY / reading:.0f} items/s);")
    print(f"    writing them, executemany and a commit per page {writing:.1f} s ({_MANY / writing:.0f} items/s)")
    floor = reading + writing
    print(f"  the sync took {many.seconds / floor:.1f} times as long as both floors one after the other,")
    print(f"    most of it waiting for that rate; in CPU time its own work {many.cpu_seconds / floor:.1f} times")


def _sync(product: Product, contacts: int) -> Synced:
    product.sign_in()
    forget_peak(product.process)
    before = cpu_seconds(product.process)
    with watching(product.process) as looks:
        product.connect()
        run = product.await_run(seconds=_LONGEST_SECONDS)
    assert run["counts"]["added"] == contacts, run
    used = cpu_seconds(product.process) - before
    return Synced(_seconds(run), used, looks, peak_mebibytes(product.process))


def _seconds(run: dict[str, Any]) -> float:
    begun, ended = (datetime.fromisoformat(run[name]) for name in ("started_at", "ended_at"))
    return (ended - begun).total_seconds()


def _report(synced: Synced, contacts: int) -> None:
    looks = synced.looks
    print(f"  {contacts:6} contacts: {synced.seconds:.1f} s, {contacts / synced.seconds:.0f} items/s")
    allowed = max(0, contacts // _PAGE - _BURST_CALLS) * _BURST_SECONDS / _BURST_CALLS
    print(f"    the provider's own rate allows it in {allowed:.0f} s: {_BURST_CALLS} calls per {_BURST_SECONDS} s")
    print(f"    waiting for the provider {looks.share(looks.waiting):.0%}")
    print(f"    waiting for the disk {looks.share(looks.on_disk):.0%}")
    print(f"    working {looks.share(looks.working):.0%} ({synced.cpu_seconds:.1f} s of CPU time in all threads)")
    print(f"    peak RSS {synced.peak_mebibytes:.0f} MiB")


def _read_all(product: Product) -> tuple[float, list[list[Row]]]:
    """The pages that the product asked for, one after the other: seconds, and what they hold."""
    query = _first_query(product.sandbox)
    with httpx.Client(base_url=f"{product.sandbox}/hubspot", timeout=60) as http:
        http.headers["Authorization"] = f"Bearer {_access_token(http)}"
        begun = time.perf_counter()
        bodies = list(_bodies(http, query))
        seconds = time.perf_counter() - begun
    pages = [msgspec.json.decode(body, type=_Page).results for body in bodies]
    return seconds, [[(msgspec.json.decode(raw, type=_Entry).id, bytes(raw)) for raw in page] for page in pages]


def _bodies(http: httpx.Client, query: dict[str, str]) -> Iterator[bytes]:
    while True:
        answer = http.get("/crm/v3/objects/contacts", params=query)
        answer.raise_for_status()
        yield answer.content
        paging = msgspec.json.decode(answer.content, type=_Page).paging
        if not paging:
            return
        query["after"] = paging["next"]["after"]


def _first_query(sandbox: str) -> dict[str, str]:
    """What the product asked for, as the sandbox remembers it."""
    received = httpx.get(f"{sandbox}/_control/hubspot/requests", timeout=60).json()["items"]
    asked = next(one for one in received if one["path"].endswith("/crm/v3/objects/contacts"))
    return {name: value for name, value in parse_qsl(asked["query"]) if name != "after"}


def _access_token(http: httpx.Client) -> str:
    asked = {
        "client_id": _CLIENT["client_id"],
        "redirect_uri": _REDIRECT_URI,
        "scope": "oauth crm.objects.contacts.read",
    }
    consent = http.post("/oauth/authorize", params=asked, data={"decision": "approve", "account": "acme"})
    code = dict(parse_qsl(urlsplit(consent.headers["location"]).query))["code"]
    form = _CLIENT | {"grant_type": "authorization_code", "code": code, "redirect_uri": _REDIRECT_URI}
    token: str = http.post("/oauth/v1/token", data=form).json()["access_token"]
    return token


def _write_all(file: Path, pages: list[list[Row]]) -> float:
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE item (id TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID")
    begun = time.perf_counter()
    for page in pages:
        with database:
            database.executemany("INSERT INTO item VALUES (?, ?)", page)
    seconds = time.perf_counter() - begun
    database.close()
    return seconds
