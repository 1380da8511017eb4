"""Everything that a product has stored, row by row, as somebody reads it who has got hold of a copy."""

import asyncio
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from typing import cast

from redis import Redis

from adapters.outbound.cassandra.cluster import connect
from adapters.outbound.cassandra.location import cassandra_location
from domain.errors import StorageUnavailable
from tests.e2e.product import Product

Row = tuple[str, str]
"""Where it lies, and what it says."""

_SHOWN_CHARACTERS = 400
_MINUTES_SECONDS = 600


def traces(product: Product, needles: Iterable[str]) -> list[Row]:
    """Whatever the storage and the cache still say of one of ``needles``."""
    wanted = tuple(needles)
    return [(place, text[:_SHOWN_CHARACTERS]) for place, text in dump(product) if any(one in text for one in wanted)]


async def promises_kept(product: Product, needles: Iterable[str], *, seconds: float) -> None:
    """Return when nothing is left to be done that is called one of ``needles``."""
    wanted = tuple(needles)
    deadline = time.monotonic() + seconds
    left: list[Row] | None = None
    while left != []:
        assert time.monotonic() < deadline, left
        await asyncio.sleep(0.5)
        with suppress(StorageUnavailable):
            left = [row for row in _stored(product, "outbox") if any(one in row[1] for one in wanted)]


def dump(product: Product) -> Iterator[Row]:
    yield from _stored(product)
    if product.redis:
        yield from _redis(product.redis.url)


def _stored(product: Product, *tables: str) -> Iterator[Row]:
    """Of these tables, or of all."""
    return (_cassandra if product.profile == "cassandra-redis" else _sqlite)(product, *tables)


def _sqlite(product: Product, *tables: str) -> Iterator[Row]:
    path = product.storage_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as sql:
        every = [name for (name,) in sql.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables or every:
            for row in sql.execute(f'SELECT * FROM "{table}"'):  # noqa: S608
                yield table, _text(row)


def _cassandra(product: Product, *tables: str) -> Iterator[Row]:
    location = cassandra_location(product.storage_url)
    cluster, session = connect(location)
    try:
        for table in tables or cluster.metadata.keyspaces[location.keyspace].tables:
            for row in session.execute(f'SELECT * FROM {location.keyspace}."{table}"', timeout=60):  # noqa: S608
                yield table, _text(row)
    finally:
        cluster.shutdown()


def _redis(url: str) -> Iterator[Row]:
    with closing(Redis.from_url(url)) as redis:
        for key in redis.scan_iter():
            value: object
            match redis.type(key):
                case b"string":
                    value = redis.get(key)
                case b"list":
                    value = redis.lrange(key, 0, -1)
                case b"hash":
                    value = redis.hgetall(key)
                case b"set":
                    value = redis.smembers(key)
                case b"zset":
                    value = redis.zrange(key, 0, -1)
                case b"none":  # its time has come just now
                    continue
                case kind:
                    raise AssertionError(f"nobody reads {kind!r} here")
            lasts = 0 <= cast("int", redis.ttl(key)) <= _MINUTES_SECONDS
            yield "redis, for minutes" if lasts else "redis", _text((key, value))


def _text(value: object) -> str:
    """Bytes as the text that is in them."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return " ".join(_text(one) for pair in value.items() for one in pair)
    if isinstance(value, tuple | list | set | frozenset):
        return " ".join(_text(one) for one in value)
    return str(value)
