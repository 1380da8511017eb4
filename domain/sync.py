"""A sync: runs that read a connection's listing page by page, and what has been published of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from domain.ids import ConnectionId, RunId, UserId
from domain.item import Item


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in _FINAL


_FINAL = frozenset({RunStatus.SUCCEEDED, RunStatus.PARTIAL, RunStatus.FAILED, RunStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class RunCounts:
    """Items, each counted once in a run however often its page was read. seen = added + changed + unchanged."""

    seen: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    skipped: int = 0
    """What the provider listed but nobody could read."""

    def plus(self, *, added: int = 0, changed: int = 0, unchanged: int = 0, skipped: int = 0) -> "RunCounts":
        return replace(
            self,
            seen=self.seen + added + changed + unchanged,
            added=self.added + added,
            changed=self.changed + changed,
            unchanged=self.unchanged + unchanged,
            skipped=self.skipped + skipped,
        )


@dataclass(frozen=True, slots=True)
class Run:
    id: RunId
    connection: ConnectionId
    user: UserId
    provider: str
    status: RunStatus
    requested_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    counts: RunCounts = RunCounts()
    """Of a finished run; while it goes on, those in the sync state are the newer ones."""
    error: str | None = None
    """A stable code."""
    cancel_requested: bool = False


@dataclass(frozen=True, slots=True)
class Stream:
    """One of a provider's listings, and how far it has been read: the checkpoint."""

    listing: str = ""
    """Its name; one that the provider does not have (any more) begins the reading anew."""
    cursor: str | None = None
    """The provider's, opaque; None before the first page of a listing, or of a parent's."""
    done: bool = False
    parent: str | None = None
    """Where listings are read under each item of another kind: the place of the last item whose listing was begun, and,
    without a cursor, read to its end. Parents are taken in the order of their places."""
    refused: str | None = None
    """The code of what it ended with before its end."""
    restarts: int = 0
    """How often the listing, or that of ``parent``, was begun anew since its cursor had expired."""
    unchanged: int = 0
    """Its items that the run has counted as unchanged: begun anew, they are counted anew."""
    skipped: int = 0
    """Its entries that nobody could read, likewise."""
    pages: int = 0
    """How many the listing, or that of ``parent``, has had since it was begun."""
    mark: str | None = None
    """A hash of the cursor behind the last of these pages whose number is a power of two."""
    resumed: bool = False
    """Whether the run found it on its way, left by another run, and has not come any further yet."""
    continued: bool = False
    """Whether its first part was read by another run, and so may have changed since."""

    def under(self, parent: str) -> "Stream":
        """At the beginning of what lies under ``parent``, unless it is there already."""
        if parent == self.parent:
            return self
        return Stream(self.listing, parent=parent, refused=self.refused, continued=self.continued)

    def anew(self) -> "Stream":
        return replace(self, cursor=None, restarts=self.restarts + 1, pages=0, mark=None)

    def behind(self, cursor: str | None) -> "Stream":
        """One page further."""
        pages = self.pages + 1
        is_power_of_two = pages & (pages - 1) == 0
        mark = _hashed(cursor) if cursor is not None and is_power_of_two else self.mark
        return replace(self, cursor=cursor, pages=pages, mark=mark, resumed=False)

    def has_been_at(self, cursor: str) -> bool:
        """Whether the listing goes in circles. Of a circle any one cursor is enough: it is noticed within four times as
        many pages as the circle, or the way to it, has (R. P. Brent, An improved Monte Carlo factorization algorithm,
        1980)."""
        return cursor == self.cursor or _hashed(cursor) == self.mark

    def for_another_run(self, *, stuck: bool) -> "Stream":
        """Where it is, if it is on its way; at its beginning, if it has ended, was refused, or is ``stuck``."""
        is_on_its_way = not self.done and (self.cursor is not None or self.parent is not None)
        if stuck or self.refused or not is_on_its_way:
            return Stream(self.listing)
        return replace(self, restarts=0, unchanged=0, skipped=0, resumed=True, continued=True)

    def at_end(self, code: str | None = None) -> "Stream":
        """Nothing more is read of it."""
        return replace(self, cursor=None, done=True, refused=code or self.refused)


def _hashed(cursor: str) -> str:
    """The same on every process, and short however long the cursor is."""
    return blake2b(cursor.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class SyncState:
    """What is published of a connection. Moves only by compare-and-set on the epoch."""

    connection: ConnectionId
    epoch: int = 0
    """Raised whenever somebody takes the work up: whoever holds a lower one has been replaced."""
    run: RunId | None = None
    sequence: int = 0
    """Number of the last published change."""
    run_sequence: int = 0
    """What ``sequence`` was when ``run`` began: an item with a change beyond it has been counted in this run."""
    streams: tuple[Stream, ...] = ()
    totals: Mapping[str, int] = field(default_factory=dict)
    """Items that are there, by kind."""
    counts: RunCounts = RunCounts()
    """Of ``run`` alone, whatever it goes on with."""

    def taken_up(self, run: RunId) -> "SyncState":
        """The state under the next epoch. If it was of another run, what that one has not read to its end is gone on
        with, so that a connection too large for one run is read by several; all else begins anew."""
        epoch = self.epoch + 1
        if run == self.run:
            return replace(self, epoch=epoch)
        at = next((stream for stream in self.streams if not stream.done), None)
        # Two runs have failed at one place: perhaps it cannot be read, and another one can be had from the beginning.
        streams = tuple(stream.for_another_run(stuck=stream is at and stream.resumed) for stream in self.streams)
        return replace(self, epoch=epoch, run=run, run_sequence=self.sequence, streams=streams, counts=RunCounts())


class ChangeKind(StrEnum):
    ADDED = "added"
    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one item; its number is the item's. A connection's numbers are 1, 2, 3, … without a gap."""

    kind: ChangeKind
    item: Item
    counts: bool = True
    """Whether it is the item's first change in its run: only that one is counted there."""

    @property
    def number(self) -> int:
        return self.item.number


def with_changes(totals: Mapping[str, int], changes: tuple[Change, ...]) -> dict[str, int]:
    """The totals by kind after ``changes``."""
    steps = {ChangeKind.ADDED: 1, ChangeKind.UPDATED: 0, ChangeKind.DELETED: -1}
    after = dict(totals)
    for change in changes:
        kind = change.item.source.kind
        after[kind] = after.get(kind, 0) + steps[change.kind]
    return after
