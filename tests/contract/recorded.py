"""What is recorded of each provider in ``providers/<slug>.json``, and how a page is made of it."""

import json
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.outbound.providers import declarations
from adapters.outbound.providers._declaration import Listing, Place, ProviderRequest
from domain.item import SourceItem

RECORDED = Path(__file__).parent / "providers"
DECLARED = {declared.slug: declared for declared in declarations()}
LISTINGS = [(slug, listing.name) for slug, declared in DECLARED.items() for listing in declared.listings]

each_provider = pytest.mark.parametrize("slug", DECLARED)
each_listing = pytest.mark.parametrize(("slug", "name"), LISTINGS)


def recorded(slug: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDED / f"{slug}.json").read_text())
    return found


PAGED = [(slug, name) for slug, name in LISTINGS if recorded(slug)["listings"][name]["shape"]]
"""Those that give many entries at once; the others give one thing at a time."""
each_paged = pytest.mark.parametrize(("slug", "name"), PAGED)


def recorded_listing(slug: str, name: str) -> tuple[Listing, dict[str, Any]]:
    return DECLARED[slug].listing(name), recorded(slug)["listings"][name]


def parent_of(expected: dict[str, Any]) -> SourceItem | None:
    """What the recorded listing lies under."""
    given = expected.get("parent")
    return SourceItem(**given | {"properties": json.dumps(given["properties"])}) if given else None


def first_place(expected: dict[str, Any]) -> Place:
    """The beginning of the part of the listing whose pages are split and spoiled here."""
    return Place(expected["shape"].get("prefix") if expected["shape"] else None, parent_of(expected))


def sent(request: ProviderRequest) -> dict[str, Any]:
    """The request as the files have it."""
    given: dict[str, Any] = {"method": request.method, "url": request.url, "query": dict(request.query)}
    given |= {} if request.form is None else {"form": dict(request.form)}
    given |= {} if request.json is None else {"json": request.json}
    return given | ({"headers": dict(request.headers)} if request.headers else {})


def shown(item: SourceItem) -> dict[str, Any]:
    """The item as the files have it."""
    fields = asdict(item) | {"properties": json.loads(item.properties)}
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(fields))
    return decoded


def page_of(shape: dict[str, Any], entries: list[Any], cursor: str | None) -> bytes:
    """A page in the provider's shape."""
    page: dict[str, Any] = deepcopy(shape.get("around", {}))
    for path, value in ((shape["entries"], entries), (shape["cursor"], cursor)):
        if value is not None and path is not None:
            inner = page
            for name in path[:-1]:
                inner = inner.setdefault(name, {})
            inner[path[-1]] = value
    return json.dumps(page).encode()


def entries_of(listing: dict[str, Any]) -> list[Any]:
    """Of those exchanges that are in its first place's part."""
    found = []
    for exchange in listing["exchanges"]:
        if exchange.get("other_part"):
            continue
        page = exchange["answer"]
        for name in listing["shape"]["entries"]:
            page = page[name]
        found += page
    return found
