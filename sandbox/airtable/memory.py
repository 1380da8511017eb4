"""What the sandbox remembers for Airtable alone: lists that are being read, and who has to wait."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from sandbox.airtable.ids import random_id

ITERATOR_TTL_S = 300
"""How long after a page its ``offset`` is taken; Airtable says no number."""
PENALTY_S = 30


@dataclass(slots=True)
class Walk:
    """One reading of a list: what was in it when it began, in order."""

    id: str
    owner: Hashable
    """Whose list and which question: no other may go on with it."""
    ids: Sequence[str]
    read_at: float


class Iterators:
    def __init__(self) -> None:
        self._walks: dict[str, Walk] = {}

    def begin(self, owner: Hashable, ids: Sequence[str], now: float) -> Walk:
        return Walk(random_id("itr"), owner, ids, now)

    def offset(self, walk: Walk, position: int, now: float) -> str:
        """Where the next page begins, taken for five minutes."""
        self._walks = {key: other for key, other in self._walks.items() if now < other.read_at + ITERATOR_TTL_S}
        walk.read_at = now
        self._walks[walk.id] = walk
        return f"{walk.id}/{walk.ids[position]}"

    def resume(self, offset: str, owner: Hashable, now: float) -> tuple[Walk, int] | None:
        """The reading and the position that the offset stands for; None for one that is unknown, old or another's."""
        iterator, _, first = offset.partition("/")
        walk = self._walks.get(iterator)
        if walk is None or walk.owner != owner or now >= walk.read_at + ITERATOR_TTL_S or first not in walk.ids:
            return None
        return walk, walk.ids.index(first)

    def clear(self) -> None:
        self._walks.clear()


class Penalties:
    """Who asked too often gets nothing for thirty seconds; asking meanwhile does not make it longer."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def begin(self, key: str, now: float) -> None:
        self._until[key] = now + PENALTY_S

    def hold(self, key: str, now: float) -> bool:
        return now < self._until.get(key, 0)

    def clear(self) -> None:
        self._until.clear()


class AirtableMemory:
    """Nothing of it survives a restart: to a client that is an iterator that has expired."""

    def __init__(self) -> None:
        self.iterators, self.penalties = Iterators(), Penalties()

    def reset(self) -> None:
        self.iterators.clear()
        self.penalties.clear()

    def state(self) -> bytes:
        return b"{}"

    def restore(self, state: bytes) -> None:
        """There is nothing to restore."""
