"""What the providers' readers have in common: pages whose entries are read one by one, so that an odd one spoils no
other."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from application.ports.source_pages import ListingRefused
from domain.item import SourceItem

_T = TypeVar("_T")

UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
"""What decoding raises for hostile text."""

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


def _by_entry(page: object, entries: str) -> object:
    if not isinstance(page, dict) or not isinstance(page.get(entries), list):
        return page
    return page | {entries: [msgspec.Raw(json.dumps(entry).encode()) for entry in page[entries]]}


def read_entries(
    entries: list[msgspec.Raw], read: Callable[[msgspec.Raw], SourceItem | None]
) -> tuple[tuple[SourceItem, ...], int]:
    """The items, and how many entries could not be read; ``read`` says None for one that is not an item."""
    items: list[SourceItem] = []
    skipped = 0
    for entry in entries:
        try:
            item = read(entry)
        except UNREADABLE:
            skipped += 1
        else:
            items += [item] if item else []
    return tuple(items), skipped


def utc(time: datetime | None) -> datetime | None:
    """None for a time without a zone, and for one that lies before the year 1 or after 9999 in UTC."""
    try:
        return time.astimezone(UTC) if time and time.tzinfo else None
    except OverflowError:
        return None


def scope_list(scopes: object, separator: str) -> tuple[str, ...]:
    """The scopes in a text of them."""
    return tuple(one for one in scopes.split(separator) if one) if isinstance(scopes, str) else ()
