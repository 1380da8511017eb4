"""A made-up provider: boxes, things in them, what is written on each thing, and tags. Who connects it meets HubSpot's
token endpoint."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx

from adapters.outbound.providers._declaration import Detail, Listing, Place, ProviderRequest, Verdict, by_status
from application.ports.source_pages import ListingRefused, SourcePage
from domain.item import SourceItem, item_place
from tests.unit.application.house import HUBSPOT
from tests.unit.played_hubspot import Fault, PlayedHubSpot

_API = "https://boxes.example"

Sizes = Callable[[], int]


class PlayedBoxes(PlayedHubSpot):
    def __init__(self, boxes: Mapping[str, int], tags: int = 1, page_sizes: Iterator[int] | None = None) -> None:
        """``boxes``: how many things are in each."""
        super().__init__(page_sizes=page_sizes)
        self.boxes = {box: {f"{box}/{n}": f"Thing {n}" for n in range(1, things + 1)} for box, things in boxes.items()}
        self.tags = [f"tag {n}" for n in range(1, tags + 1)]
        self.sealed: set[str] = set()
        """Boxes whose entry says that there is nothing to be seen in them."""
        self.cut_short: set[str] = set()
        """Paths of listings that say of themselves that they end before their end."""
        self.faults: dict[str, list[Fault | None]] = defaultdict(list)
        """By path: what is answered there, used up before it lists; None lets it list once."""
        self.before_answer: Callable[[str], Any] | None = None
        """Is told the path of each request, and awaited."""

    @property
    def things(self) -> dict[str, str]:
        """All that can be seen."""
        return {
            thing: name
            for box, things in self.boxes.items()
            if box not in self.sealed
            for thing, name in things.items()
        }

    def asked(self, path: str) -> int:
        return self.paths.count(path)

    @property
    def notes_read(self) -> list[str]:
        return [path.removeprefix("/notes/") for path in self.paths if path.startswith("/notes/")]

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != urlsplit(_API).hostname:
            return await super().__call__(request)
        self.requests.append(request)
        path = request.url.path
        if self.before_answer:
            await self.before_answer(path)
        if self.faults[path] and (fault := self.faults[path].pop(0)):
            if isinstance(fault, Exception):
                raise fault
            return fault
        if request.headers["authorization"].removeprefix("Bearer ") not in self.accepted:
            return httpx.Response(401)
        if path.startswith("/notes/"):
            return httpx.Response(200, json={"note": f"Note on {path.removeprefix('/notes/')}"})
        return self._page(path, int(request.url.params.get("after", "0")))

    def _page(self, path: str, after: int) -> httpx.Response:
        match path.strip("/").split("/"):
            case ["boxes"]:
                entries = [{"id": box, "sealed": box in self.sealed} for box in self.boxes]
            case ["boxes", box]:
                entries = [{"id": thing, "name": name} for thing, name in self.boxes[box].items()]
            case _:
                entries = [{"id": tag} for tag in self.tags]
        end = after + next(self.page_sizes)
        following = str(end) if end < len(entries) else None
        whole = path not in self.cut_short
        return httpx.Response(200, json={"entries": entries[after:end], "next": following, "whole": whole})


def _request(path: str, place: Place) -> ProviderRequest:
    return ProviderRequest("GET", f"{_API}/{path}", {"after": place.cursor} if place.cursor else {})


def _read(kind: str, place: Place, body: bytes) -> SourcePage:
    try:
        page = json.loads(body)
        items = tuple(_item(kind, place.parent, entry) for entry in page["entries"])
    except (ValueError, KeyError) as error:
        raise ListingRefused("unreadable_answer") from error
    return SourcePage(items, page["next"], whole=page["whole"])


def _item(kind: str, parent: SourceItem | None, entry: dict[str, Any]) -> SourceItem:
    return SourceItem(
        kind=kind,
        external_id=entry["id"],
        name=entry.get("name", entry["id"]),
        type=kind,
        parent_id=item_place(parent.kind, parent.external_id) if parent else None,
        properties=json.dumps(entry),
    )


def _with_note(item: SourceItem, body: bytes) -> SourceItem:
    try:
        note = json.loads(body)["note"]
    except (ValueError, KeyError) as error:
        raise ListingRefused("unreadable_answer") from error
    properties = json.dumps(json.loads(item.properties) | {"note": note})
    return replace(item, properties=properties, mime_type="text/plain")


def _judge(status: int, body: bytes) -> Verdict:
    meant = {402: Verdict.BLOCKED, 410: Verdict.CURSOR_EXPIRED}
    return meant.get(status) or by_status(status, body)


_BOX = Listing("box", "box", lambda place: _request("boxes", place), lambda *given: _read("box", *given))
_THING = Listing(
    "thing",
    "thing",
    lambda place: _request(f"boxes/{place.parent.external_id if place.parent else ''}", place),
    lambda *given: _read("thing", *given),
    under="box",
    is_under=lambda box: not json.loads(box.properties)["sealed"],
)
_TAG = Listing("tag", "tag", lambda place: _request("tags", place), lambda *given: _read("tag", *given))
_NOTED_THING = replace(
    _THING, detail=Detail(lambda thing: ProviderRequest("GET", f"{_API}/notes/{thing.external_id}"), _with_note)
)

BOXES = replace(HUBSPOT, slug="boxes", listings=(_BOX, _THING, _TAG), judge=_judge, api_hosts=("boxes.example",))
NOTED = replace(BOXES, listings=(_BOX, _NOTED_THING, _TAG))
"""The same, with a call of its own for what is written on a thing."""
WITHOUT_TAGS = replace(BOXES, listings=(_BOX, _THING))
