from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cassandra.query import BatchStatement, BatchType

MAX_STATEMENTS = 50
MAX_BYTES = 50_000


def batches(groups: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    """The statements of ``groups`` in order, in lists of at most 50 statements and 50 kB, no group torn apart. A group
    larger than that stands alone."""
    batch: list[Any] = []
    size = 0
    for group in groups:
        added = sum(_bytes(statement) for statement in group)
        if batch and (len(batch) + len(group) > MAX_STATEMENTS or size + added > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch += group
        size += added
    if batch:
        yield batch


def unlogged(statements: Sequence[Any]) -> Any:
    """One statement for all of them. All must be of one partition: that is what makes it atomic, and cheap."""
    if len(statements) == 1:
        return statements[0]
    batch = BatchStatement(BatchType.UNLOGGED)
    for statement in statements:
        batch.add(statement)
    return batch


def _bytes(statement: Any) -> int:
    return sum(len(value) for value in statement.values if value is not None)
