"""The records of one account and kind: seeded ones are computed from their number, only changes are held."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

Column = Callable[[int], Any]

FIRST_ADDED = 1_000_000_000
"""Positions from here on belong to records that no seed made."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A table without rows: each property is a function of the row's number."""

    columns: Mapping[str, Column]
    index_of: Callable[[str], int | None]
    """From an id back to its row number; None for an id that no row has."""
    new_id: Callable[[int], str]
    """The id of the n-th record added without one."""
    id_name: str
    created_name: str
    changed_name: str


class Change(Struct, array_like=True):
    """What differs from the seed at one position."""

    position: int
    id: str
    values: dict[str, Any]
    seeded: bool
    """Whether what ``values`` does not name still comes from the seed."""
    removed_at: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    position: int
    seed: Seed
    change: Change | None

    def __getitem__(self, name: str) -> Any:
        change = self.change
        if change is not None and (name in change.values or not change.seeded):
            return change.values.get(name)
        column = self.seed.columns.get(name)
        return column(self.position) if column else None

    @property
    def id(self) -> str:
        return str(self[self.seed.id_name])

    @property
    def removed_at(self) -> str | None:
        return self.change.removed_at if self.change else None


@dataclass(slots=True)
class Records:
    """Ordered by position: the seeded ones first, then the added ones, as they came. A position never moves."""

    seed: Seed
    count: int
    """How many of the seed's rows exist."""
    _changes: dict[int, Change] = field(default_factory=dict)
    _changed_positions: list[int] = field(default_factory=list)
    _added: dict[str, int] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)

    def page(self, start: int, limit: int, *, removed: bool = False) -> tuple[list[Record], int | None]:
        """Up to ``limit`` records from position ``start`` on, and the position of the next one if there is one."""
        found: list[Record] = []
        for record in self._removed(start) if removed else self.live(start):
            if len(found) == limit:
                return found, record.position
            found.append(record)
        return found, None

    def live(self, start: int = 0) -> Iterator[Record]:
        for position in range(start, self.count):
            change = self._changes.get(position)
            if change is None or change.removed_at is None:
                yield Record(position, self.seed, change)
        for change in self._changes_from(max(start, self.count)):
            if change.removed_at is None and self._exists(change.position):
                yield Record(change.position, self.seed, change)

    def get(self, record_id: str) -> Record | None:
        """The record, a removed one too."""
        position = self._position(record_id)
        if position is None or not self._exists(position):
            return None
        return Record(position, self.seed, self._changes.get(position))

    def knows(self, name: str) -> bool:
        """Whether any record may have this property."""
        return name in self.seed.columns or name in self._names

    def upsert(self, record_id: str | None, values: dict[str, Any], now: str) -> str:
        """Change the record, or add it; values that are not named stay. A removed one comes back. Returns its id."""
        record_id = record_id or self._free_id()
        known = self.get(record_id)
        position = known.position if known else self._new_position(record_id)
        base = known.change.values if known and known.change else {}
        seeded = known.change.seeded if known and known.change else known is not None
        first = {} if known else {self.seed.created_name: now}
        stamps = {self.seed.changed_name: now, self.seed.id_name: record_id}
        merged = first | base | stamps | values
        self._put(Change(position, record_id, merged, seeded))
        return record_id

    def remove(self, record_id: str, now: str) -> bool:
        """Mark it removed; False when there is no such record."""
        known = self.get(record_id)
        if known is None or known.removed_at:
            return False
        values, seeded = (known.change.values, known.change.seeded) if known.change else ({}, True)
        self._put(Change(known.position, record_id, values | {self.seed.changed_name: now}, seeded, now))
        return True

    def changes(self) -> list[Change]:
        return [self._changes[position] for position in self._changed_positions]

    def restore(self, changes: list[Change]) -> None:
        for change in changes:
            self._put(change)

    def clear(self) -> None:
        self._changes.clear()
        self._changed_positions.clear()
        self._added.clear()
        self._names.clear()

    def _put(self, change: Change) -> None:
        if change.position not in self._changes:
            insort(self._changed_positions, change.position)
        if change.position >= FIRST_ADDED:
            self._added[change.id] = change.position
        self._changes[change.position] = change
        self._names.update(change.values)

    def _position(self, record_id: str) -> int | None:
        index = self.seed.index_of(record_id)
        return index if index is not None and index < FIRST_ADDED else self._added.get(record_id)

    def _free_id(self) -> str:
        n = len(self._added)
        while self.get(self.seed.new_id(n)):
            n += 1
        return self.seed.new_id(n)

    def _new_position(self, record_id: str) -> int:
        known = self._position(record_id)
        return FIRST_ADDED + len(self._added) if known is None else known

    def _exists(self, position: int) -> bool:
        """Whether there is a record, maybe a removed one. A row beyond the count is none, though it was changed before
        the count was lowered; a record that was added under the id of such a row is one."""
        change = self._changes.get(position)
        return position < self.count or (change is not None and not change.seeded)

    def _removed(self, start: int) -> Iterator[Record]:
        removed = (change for change in self._changes_from(start) if change.removed_at is not None)
        return (Record(one.position, self.seed, one) for one in removed if self._exists(one.position))

    def _changes_from(self, start: int) -> Iterator[Change]:
        positions = self._changed_positions
        for n in range(bisect_left(positions, start), len(positions)):
            yield self._changes[positions[n]]
