"""A Cassandra whose answers can be lost on the way, and which remembers what it was asked."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum, auto
from itertools import repeat
from typing import Any

from cassandra import OperationTimedOut, WriteTimeout, WriteType
from cassandra.cluster import Cluster
from cassandra.query import BatchStatement

from adapters.outbound.cassandra.cluster import connect
from adapters.outbound.cassandra.database import Database, Row
from adapters.outbound.cassandra.location import cassandra_location
from adapters.outbound.cassandra.storage import CassandraStorage


class Fate(Enum):
    """What becomes of a conditional write."""

    ANSWERED = auto()
    CARRIED_OUT = auto()
    """It is, but the answer says that nobody knows."""
    NOT_CARRIED_OUT = auto()
    LATE = auto()
    """Its sender waits in vain; it is carried out when ``arrive`` says so."""


@dataclass(frozen=True, slots=True)
class Asked:
    texts: tuple[str, ...]
    partition: bytes | None
    values: tuple[tuple[bytes | None, ...], ...]

    @property
    def is_conditional(self) -> bool:
        return any(" IF " in text for text in self.texts)

    @property
    def size(self) -> int:
        return sum(len(value) for values in self.values for value in values if value is not None)


class UncertainDatabase(Database):
    def __init__(self, cluster: Cluster, session: Any, keyspace: str) -> None:
        super().__init__(cluster, session, keyspace)
        self.texts: dict[bytes, str] = {}
        self.asked: list[Asked] = []
        self.fates: Iterator[Fate] = repeat(Fate.ANSWERED)
        self._late: list[tuple[Any, object]] = []

    def prepare(self, cql: str) -> Any:
        statement = super().prepare(cql)
        self.texts[statement.query_id] = " ".join(cql.split())
        return statement

    async def send(self, statement: Any, profile: object) -> list[Row]:
        asked = self._described(statement)
        self.asked.append(asked)
        fate = next(self.fates, Fate.ANSWERED) if asked.is_conditional else Fate.ANSWERED
        if fate is Fate.LATE:
            self._late.append((statement, profile))
            raise OperationTimedOut
        if fate is Fate.NOT_CARRIED_OUT:
            raise WriteTimeout("timed out", write_type=WriteType.CAS)
        rows = await super().send(statement, profile)
        if fate is Fate.CARRIED_OUT:
            raise WriteTimeout("timed out", write_type=WriteType.CAS)
        return rows

    async def arrive(self) -> int:
        """All that is late arrives now; how many they were."""
        late, self._late = self._late, []
        for statement, profile in late:
            await super().send(statement, profile)
        return len(late)

    def _described(self, statement: Any) -> Asked:
        if isinstance(statement, BatchStatement):
            parts = [(query, values) for _, query, values in statement._statements_and_parameters]
        else:
            parts = [(statement.prepared_statement.query_id, statement.values)]
        texts = tuple(self.texts[query] for query, _ in parts)
        return Asked(texts, statement.routing_key, tuple(tuple(values) for _, values in parts))


@asynccontextmanager
async def staged(url: str) -> AsyncGenerator[tuple[CassandraStorage, UncertainDatabase]]:
    """The keyspace must be there."""
    location = cassandra_location(url)

    def build() -> tuple[CassandraStorage, UncertainDatabase]:
        database = UncertainDatabase(*connect(location), location.keyspace)
        return CassandraStorage(database), database

    storage, database = await asyncio.to_thread(build)
    try:
        yield storage, database
    finally:
        await storage.close()
