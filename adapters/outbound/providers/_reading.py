"""What the providers' readers have in common: pages whose entries are read one by one, so that an odd one spoils no
other."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from application.ports.source_pages import ListingRefused
from domain.item import SourceItem

_T = TypeVar("_T")

UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
"""What decoding raises for hostile text."""

_MOST_ENTRIES = 1000
_LONGEST_ID, _LONGEST_NAME, _LONGEST_URL = 4096, 1000, 4096
_LARGEST_PROPERTIES = 2 * 1024 * 1024
"""All in characters. A name also stands in every item that lies under it."""

write_properties = msgspec.json.Encoder(order="sorted").encode


def read_page(decoder: "msgspec.json.Decoder[_T]", body: bytes, entries: str) -> _T:
    """The page in ``body``; its entries, a list of ``msgspec.Raw``, stand under ``entries``. Raises ListingRefused."""
    try:
        try:
            return decoder.decode(body)
        except msgspec.DecodeError:
            # Half of a surrogate pair in one entry makes the whole body unreadable for msgspec. The standard library
            # takes it; written out again, only that entry is unreadable.
            return msgspec.convert(_by_entry(json.loads(body), entries), decoder.type)
    except UNREADABLE as error:
        raise ListingRefused("unreadable_answer") from error


def read_leniently(decoder: "msgspec.json.Decoder[_T]", body: bytes) -> _T:
    """What ``body`` says, also with half of a surrogate pair anywhere in it. Raises what is UNREADABLE."""
    try:
        return decoder.decode(body)
    except msgspec.DecodeError:
        return msgspec.convert(json.loads(body), decoder.type)


def _by_entry(page: object, entries: str) -> object:
    if not isinstance(page, dict) or not isinstance(page.get(entries), list):
        return page
    return page | {entries: [msgspec.Raw(json.dumps(entry).encode()) for entry in page[entries]]}


def read_entries(
    entries: list[msgspec.Raw], read: Callable[[msgspec.Raw], SourceItem | None]
) -> tuple[tuple[SourceItem, ...], int]:
    """The items, and how many entries could not be read; ``read`` says None for one that is not an item. Raises
    ListingRefused for more entries than any provider has on a page."""
    if len(entries) > _MOST_ENTRIES:
        raise ListingRefused("unreadable_answer")
    items: list[SourceItem] = []
    skipped = 0
    for entry in entries:
        try:
            item = _bounded(read(entry))
        except UNREADABLE:
            skipped += 1
        else:
            items += [item] if item else []
    return tuple(items), skipped


def _bounded(item: SourceItem | None) -> SourceItem | None:
    """``item`` as large as a store and a list can bear. Raises ValueError for one that is too large."""
    if item is None:
        return None
    if len(item.external_id) > _LONGEST_ID or len(item.properties) > _LARGEST_PROPERTIES:
        raise ValueError("an item too large to be kept")
    parent = item.parent_path_or_name
    return replace(
        item,
        name=item.name[:_LONGEST_NAME],
        parent_path_or_name=parent[:_LONGEST_NAME] if parent else None,
        url=item.url if item.url and len(item.url) <= _LONGEST_URL else None,
    )


def utc(time: datetime | None) -> datetime | None:
    """None for a time without a zone, and for one that lies before the year 1 or after 9999 in UTC."""
    try:
        return time.astimezone(UTC) if time and time.tzinfo else None
    except OverflowError:
        return None


def scope_list(scopes: object, separator: str) -> tuple[str, ...]:
    """The scopes in a text of them."""
    return tuple(one for one in scopes.split(separator) if one) if isinstance(scopes, str) else ()
