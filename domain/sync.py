"""A sync: runs that read a connection's listing page by page, and what has been published of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

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

    def under(self, parent: str) -> "Stream":
        """At the beginning of what lies under ``parent``, unless it is there already."""
        if parent == self.parent:
            return self
        return replace(self, parent=parent, cursor=None, restarts=0, unchanged=0)

    def anew(self) -> "Stream":
        return replace(self, cursor=None, restarts=self.restarts + 1)

    def at_end(self, code: str | None = None) -> "Stream":
        """Nothing more is read of it."""
        return replace(self, cursor=None, done=True, refused=code or self.refused)


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
    """Of ``run``."""

    def taken_up(self, run: RunId) -> "SyncState":
        """The state under the next epoch; from the beginning, if it was of another run."""
        epoch = self.epoch + 1
        if run == self.run:
            return replace(self, epoch=epoch)
        return replace(self, epoch=epoch, run=run, run_sequence=self.sequence, streams=(), counts=RunCounts())


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
