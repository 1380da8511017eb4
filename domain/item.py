"""An item: one thing at a provider, as it was when last seen."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from domain.errors import NotFound
from domain.ids import ConnectionId, ItemId, ItemKey

BUCKETS = 16
"""How many partitions a connection's items are spread over."""

_KEY_BYTES = 16
_KIND_BYTES = 3


@dataclass(frozen=True, slots=True)
class SourceItem:
    """What a provider said, in our words. Times are aware; ``properties`` is a JSON object as text."""

    kind: str
    external_id: str
    name: str
    type: str
    directory: bool = False
    parent_id: str | None = None
    """The place (``item_place``) of what it lies in, within the same connection."""
    parent_path_or_name: str | None = None
    creation_time: datetime | None = None
    last_modified_time: datetime | None = None
    url: str | None = None
    mime_type: str | None = None
    delta: str | None = None
    drive_id: str | None = None
    visibility: bool = True
    properties: str = "{}"

    def content_hash(self) -> bytes:
        """16 bytes that differ when anything that is stored differs."""
        parts = [getattr(self, field.name) for field in fields(self)]
        text = json.dumps(parts, default=datetime.isoformat, ensure_ascii=False, separators=(",", ":"))
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Item:
    connection: ConnectionId
    key: ItemKey
    source: SourceItem
    content_hash: bytes
    number: int
    """The number of the change that wrote it: rises with each change of its connection."""
    synced_at: datetime
    deleted_at: datetime | None = None

    @property
    def id(self) -> ItemId:
        return item_id(self.connection, self.key)


def item_key(kind: str, external_id: str) -> ItemKey:
    """Where an item stands within its connection: bucket (1 byte), kind (3 bytes), outside id (12 bytes of hash).

    Sorting by key walks the buckets in order, and within a bucket keeps the items of a kind together.
    """
    place = blake2b(f"{kind}\0{external_id}".encode("utf-8", "surrogatepass"), digest_size=13).digest()
    return ItemKey(bytes((place[0] % BUCKETS,)) + kind_tag(kind) + place[1:])


def item_place(kind: str, external_id: str) -> str:
    """The key of an item as text: names it within its connection."""
    return item_key(kind, external_id).hex()


def key_at(place: str) -> ItemKey:
    return ItemKey(bytes.fromhex(place))


def kind_tag(kind: str) -> bytes:
    """The 3 bytes in a key that stand for ``kind``."""
    return blake2b(kind.encode(), digest_size=_KIND_BYTES).digest()


def bucket_of(key: ItemKey) -> int:
    return key[0]


def kind_range(bucket: int, kind: str | None) -> tuple[bytes, bytes]:
    """The first key of ``kind`` (None: of any) in a bucket, and the first one behind its last; compared as bytes."""
    start = bytes((bucket,)) + (b"" if kind is None else kind_tag(kind))
    return start, (int.from_bytes(start, "big") + 1).to_bytes(len(start), "big")


def item_id(connection: ConnectionId, key: ItemKey) -> ItemId:
    return ItemId(urlsafe_b64encode(UUID(connection).bytes + key).rstrip(b"=").decode())


def parse_item_id(text: str) -> tuple[ConnectionId, ItemKey]:
    """Raises NotFound for what cannot be an item's id."""
    try:
        packed = urlsafe_b64decode(text + "=")
        canonical = len(packed) == 16 + _KEY_BYTES and urlsafe_b64encode(packed).rstrip(b"=").decode() == text
    except ValueError as error:
        raise NotFound from error
    if not canonical:
        raise NotFound
    return ConnectionId(str(UUID(bytes=packed[:16]))), ItemKey(packed[16:])
