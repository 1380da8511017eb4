"""Every listing of every provider: how faults name it, what its pages look like, and who reads it."""

import asyncio
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.person import Person
from tests.e2e.product import Process, Product
from tests.e2e.sandbox_server import Sandbox

Page = dict[str, Any]

TOTAL = 10
"""Items of an account as ``small_accounts`` has them."""
SMALL: dict[str, dict[str, int]] = {
    "hubspot": {"contact": 10, "company": 0, "deal": 0},
    "notion": {"page": 4, "database": 1, "data_source": 1, "row": 4},
    "slack": {"channel": 2, "message": 4, "reply": 1, "user": 3},
    "airtable": {"base": 1, "table": 2, "record": 7},
}
"""What ``globex`` has: ``acme`` is given no more, so that its calls are a second budget of the same size."""
THROTTLED_SECONDS = 180.0
"""A run may have to wait for the minute of Slack's second tier, and for the end of another one."""


@dataclass(frozen=True, slots=True)
class Listed:
    provider: str
    kind: str
    path: str
    entries: str
    """Where in a page they stand; of a database, which is no list, what says that it is one."""
    paged: Callable[[Any], Page]
    """Fields of an empty page, with this cursor where it is not None."""
    match: str | None = None
    has_pages: bool = True
    name: str = ""

    def __str__(self) -> str:
        return f"{self.provider}-{self.name or self.kind}"

    def fault(self, **given: Any) -> Page:
        match = {"match": self.match} if self.match else {}
        return {"path": self.path, **match, "status": 200, **given}

    def page(self, cursor: Any = None, **changed: Any) -> Page:
        """Nothing but a cursor."""
        return self.paged(cursor) | changed


def _hubspot(cursor: Any) -> Page:
    return {"results": []} | ({} if cursor is None else {"paging": {"next": {"after": cursor}}})


def _notion(cursor: Any) -> Page:
    return {"object": "list", "results": [], "next_cursor": cursor, "has_more": cursor is not None}


def _slack(entries: str) -> Callable[[Any], Page]:
    def page(cursor: Any) -> Page:
        return {"ok": True, entries: [], "response_metadata": {"next_cursor": "" if cursor is None else cursor}}

    return page


def _airtable(entries: str) -> Callable[[Any], Page]:
    return lambda cursor: {entries: []} | ({} if cursor is None else {"offset": cursor})


LISTINGS = (
    Listed("hubspot", "contact", "/crm/v3/objects/contacts", "results", _hubspot),
    Listed("hubspot", "company", "/crm/v3/objects/companies", "results", _hubspot),
    Listed("hubspot", "deal", "/crm/v3/objects/deals", "results", _hubspot),
    Listed("notion", "data_source", "/v1/search", "results", _notion, '"value":"data_source"'),
    Listed("notion", "database", "/v1/databases/", "object", lambda _: {"object": "database"}, has_pages=False),
    Listed("notion", "page", "/v1/search", "results", _notion, '"value":"page"'),
    Listed("notion", "page", "/v1/data_sources/", "results", _notion, name="row"),
    Listed("slack", "channel", "/api/conversations.list", "channels", _slack("channels")),
    Listed("slack", "message", "/api/conversations.history", "messages", _slack("messages")),
    Listed("slack", "reply", "/api/conversations.replies", "messages", _slack("messages")),
    Listed("slack", "user", "/api/users.list", "members", _slack("members")),
    # The path of tables begins like that of bases, which are asked for first.
    Listed("airtable", "base", "/v0/meta/bases", "bases", _airtable("bases")),
    Listed("airtable", "table", "/v0/meta/bases/", "tables", lambda _: {"tables": []}, has_pages=False),
    Listed("airtable", "record", "/v0/app", "records", _airtable("records")),
)
PROVIDERS = tuple(SMALL)

each_provider = pytest.mark.parametrize("provider", PROVIDERS)


def each_listing(*listings: Listed) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("listed", listings, ids=str)


def listing(name: str) -> Listed:
    return next(one for one in LISTINGS if str(one) == name)


def account_of(listed: Listed) -> str:
    """Neighbours do not share a budget."""
    return ("globex", "acme")[LISTINGS.index(listed) % 2]


def small_accounts(product: Product) -> Sandbox:
    """Every provider as just started, without its own limits, and with ten items in either account."""
    for provider, records in SMALL.items():
        product.sandbox.control("POST", "/reset", provider=provider)
        product.sandbox.control("PATCH", body={"limits": False, "records": records}, provider=provider)
    return product.sandbox


def script(sandbox: Sandbox, provider: str, *faults: Page) -> None:
    sandbox.control("POST", "/faults", list(faults), provider=provider)


def calls(sandbox: Sandbox, provider: str, path: str = "", body: str = "") -> list[dict[str, Any]]:
    """Those received whose path below the provider's folder begins with ``path``."""
    received = sandbox.control("GET", "/requests", provider=provider)["items"]
    return [one for one in received if one["path"].startswith(f"/{provider}{path}") and body in one["body"]]


def calls_of(sandbox: Sandbox, listed: Listed) -> list[dict[str, Any]]:
    """All calls to this listing, whatever was answered."""
    found = calls(sandbox, listed.provider, listed.path, listed.match or "")
    return [one for one in found if listed.kind != "base" or one["path"].endswith("/bases")]


async def read(person: Person, provider: str) -> dict[str, Any]:
    """The end of a new sync."""
    return await person.end_of((await person.sync(provider))["id"], seconds=THROTTLED_SECONDS)


async def first_read(person: Person, provider: str, account: str) -> dict[str, Any]:
    """The end of the sync with which a connection begins."""
    await person.connect(account, provider)
    return await person.end_of((await person.status(provider))["run"]["id"], seconds=THROTTLED_SECONDS)


async def is_whole(person: Person, provider: str, *, added: int = 0, changed: int = 0) -> None:
    """A sync that nothing disturbs finds all that there is, and changes what a broken one has left undone."""
    script(person.product.sandbox, provider)
    run = await read(person, provider)
    assert (run["status"], run["error"]) == ("succeeded", None), run
    unchanged = TOTAL - added - changed
    counts = {"seen": TOTAL, "added": added, "changed": changed, "unchanged": unchanged, "deleted": 0, "skipped": 0}
    assert run["counts"] == counts
    status = await person.status(provider)
    assert (status["status"], status["last_error"], sum(status["counts"].values())) == ("active", None, TOTAL)
    assert len({item["id"] for item in await person.items(provider=provider)}) == TOTAL


async def ended_with(person: Person, run: dict[str, Any], code: str) -> None:
    """The run ended before its end, for this reason, and took nothing away; its person is told what to do."""
    assert run["error"] is not None, run
    counts = run["counts"]
    assert (run["status"], run["error"]["code"]) == ("partial" if counts["seen"] else "failed", code), run
    assert counts["deleted"] == 0
    status = await person.get("/integrations")
    (shown,) = [one for card in status["items"] for one in card["connections"] if one["id"] == run["connection_id"]]
    assert (shown["status"], shown["last_error"]["code"]) == ("error", code)
    assert shown["last_error"]["next_step"]


@contextmanager
def nobody_calls() -> Iterator[str]:
    """A host and port of this machine; at the end nobody must have come."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        listener.setblocking(False)
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(BlockingIOError):
            listener.accept()


async def waiting(person: Person, run: str) -> dict[str, Any]:
    """The run, as soon as it has been asked to wait."""
    return await person.until(run, "waiting", seconds=THROTTLED_SECONDS)


def forget_peak(process: Process) -> int:
    """Bytes that the process has in memory now."""
    Path(f"/proc/{process.process.pid}/clear_refs").write_text("5")
    return peak(process)


def peak(process: Process) -> int:
    """The most bytes that the process had in memory since ``forget_peak``."""
    status = Path(f"/proc/{process.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024


async def eventually(found: Callable[[], bool], what: str, seconds: float = 30) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not found():
        assert loop.time() < deadline, what
        await asyncio.sleep(0.1)
