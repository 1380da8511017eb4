import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import timedelta

from application.ports.changes import Changes
from application.ports.clock import Clock
from application.ports.failpoints import Failpoints
from application.ports.items import Items, StoredItem
from application.ports.source_pages import SourcePage
from application.ports.sync_states import SyncStates
from domain.ids import ConnectionId, ItemKey, RunId
from domain.item import Item, SourceItem, item_key
from domain.sync import Change, ChangeKind, RunCounts, Stream, SyncState, with_changes

_BREATH_SECONDS = 0.002
"""How long items are compared before requests get their turn on the event loop."""

Complete = Callable[[SourceItem], Awaitable[SourceItem | None]]
"""An item with what its listing does not show; None when that should be asked again with the next reading."""

_UNLIKE_ANY = bytes(16)
"""A hash that no item has."""

_MAY_LOOK_ALIKE = timedelta(minutes=2)
"""After an edit whose time a listing may tell to the minute only: another edit within that minute changes nothing that
is listed. The second minute is for clocks that differ."""


async def as_listed(item: SourceItem) -> SourceItem:
    return item


@dataclass(frozen=True, slots=True)
class CommitPage:
    """Stores a page so that stopping anywhere loses nothing and doubles nothing.

    The changes are appended first, whole: they are the write-ahead log. The items follow; then one conditional step
    publishes numbers, totals and the place in the listing together. Whoever takes up the work of a dead writer puts
    what was appended, publishes it, and reads the unfinished page again: by then its items are as they should be.
    """

    items: Items
    changes: Changes
    sync_states: SyncStates
    clock: Clock
    failpoints: Failpoints

    async def take_up(self, connection: ConnectionId, run: RunId) -> SyncState:
        """The state to go on from, under a new epoch. Raises EpochSuperseded."""
        state = await self.sync_states.begin(connection, run)
        left = await self.changes.take_over(connection, state.epoch, published=state.sequence)
        if not left:
            return state
        await self.items.put_all(state.epoch, [change.item for change in left])
        # What another run has left was counted there, if at all: this one has not counted anything yet.
        counted = [change for change in left if change.counts or state.counts == RunCounts()]
        added = sum(change.kind is ChangeKind.ADDED for change in counted)
        adopted = replace(
            state,
            sequence=left[-1].number,
            totals=with_changes(state.totals, left),
            counts=state.counts.plus(added=added, changed=len(counted) - added),
        )
        await self.sync_states.advance(adopted)
        return adopted

    async def __call__(
        self, state: SyncState, page: SourcePage, behind: Stream, complete: Complete = as_listed
    ) -> SyncState:
        """The state after ``page``, with its stream as it is ``behind`` it. An item that is new or differs as it is
        listed is completed before it is stored. Raises EpochSuperseded, and what ``complete`` raises."""
        found = {item_key(item.kind, item.external_id): item for item in page.items}
        stored = await self.items.stored(state.connection, list(found)) if found else {}
        # A kind may be listed in several ways; what is unchanged is counted in the listing of the kind's name.
        others = {stream.listing for stream in state.streams} - {behind.listing}
        changes, counts = await self._compare(state, others, found, stored)
        completed = [await _completed(change, complete) for change in changes]
        kept = [
            await self._kept(before.item, after.item, stored) for before, after in zip(changes, completed, strict=True)
        ]
        settled, changes = [item for item in kept if item], tuple(completed)
        if settled:
            changes = _without(settled, changes)
            counts = counts.plus(changed=-len(settled), unchanged=sum(one.source.kind not in others for one in settled))
        if changes:
            await self.changes.append(state.connection, state.epoch, changes)
        if written := [*(change.item for change in changes), *settled]:
            await self.items.put_all(state.epoch, written)
        await self.failpoints.reach("sync.after_items")
        sequence = state.sequence + len(changes)
        before = next((stream for stream in state.streams if stream.listing == behind.listing), behind)
        unchanged = counts.unchanged - state.counts.unchanged
        behind, unchanged_before, skipped_before = _tallied(before, behind, unchanged, page.skipped)
        after = replace(
            state,
            sequence=sequence,
            streams=tuple(behind if stream.listing == behind.listing else stream for stream in state.streams),
            totals=with_changes(state.totals, changes),
            counts=counts.plus(unchanged=-unchanged_before, skipped=page.skipped - skipped_before),
        )
        await self.sync_states.advance(after)
        return after

    async def _compare(
        self,
        state: SyncState,
        others: Set[str],
        found: Mapping[ItemKey, SourceItem],
        stored: Mapping[ItemKey, StoredItem],
    ) -> tuple[tuple[Change, ...], RunCounts]:
        changes: list[Change] = []
        added = changed = unchanged = 0
        now = self.clock.now()
        async for key, item in _breathing(found):
            content_hash, before = item.content_hash(), stored.get(key)
            # Beyond run_sequence: this run has changed the item before, and counted it then.
            counts = before is None or before.number <= state.run_sequence
            is_new = before is None or before.deleted
            # What this run has completed, to be asked for again by the next one, it does not complete twice.
            known = (content_hash,) if counts else (content_hash, _UNLIKE_ANY)
            same = before is not None and not before.deleted and before.content_hash in known
            if counts:
                added, changed = added + is_new, changed + (not is_new and not same)
                unchanged += same and item.kind not in others
            if not same:
                number = state.sequence + len(changes) + 1
                kind = ChangeKind.ADDED if is_new else ChangeKind.UPDATED
                changes.append(Change(kind, Item(state.connection, key, item, content_hash, number, now), counts))
        return tuple(changes), state.counts.plus(added=added, changed=changed, unchanged=unchanged)

    async def _kept(self, listed: Item, completed: Item, stored: Mapping[ItemKey, StoredItem]) -> Item | None:
        """What is stored of one that was only to be asked for again, if it is what it was, or nothing was told of it
        now; None where it must be written."""
        before = stored.get(listed.key)
        if before is None or before.deleted or before.content_hash != _UNLIKE_ANY:
            return None
        known = await self.items.find(listed.connection, listed.key)
        if known is None:
            return None
        if known.source == completed.source:
            return replace(known, content_hash=completed.content_hash)
        told_nothing = completed.source == listed.source
        # What a detail adds: its text, and what sort of text that is.
        bare = replace(known.source, properties=listed.source.properties, mime_type=listed.source.mime_type)
        as_listed_before = bare == listed.source
        return known if told_nothing and as_listed_before else None


def _without(settled: Sequence[Item], changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes but for those, numbered anew."""
    keys = {item.key for item in settled}
    first = changes[0].item.number
    left = [change for change in changes if change.item.key not in keys]
    numbered = (replace(change, item=replace(change.item, number=first + n)) for n, change in enumerate(left))
    return tuple(numbered)


def _tallied(before: Stream, behind: Stream, unchanged: int, skipped: int) -> tuple[Stream, int, int]:
    """``behind`` with what was counted of it so far, and what was counted before it was begun anew."""
    if behind.parent != before.parent:
        return replace(behind, unchanged=unchanged, skipped=skipped), 0, 0
    if behind.restarts != before.restarts:
        return replace(behind, unchanged=unchanged, skipped=skipped), before.unchanged, before.skipped
    return replace(behind, unchanged=before.unchanged + unchanged, skipped=before.skipped + skipped), 0, 0


async def _completed(change: Change, complete: Complete) -> Change:
    source = await complete(change.item.source)
    if source is None:
        # The next reading will find it changed, and ask again.
        return replace(change, item=replace(change.item, content_hash=_UNLIKE_ANY))
    item = replace(change.item, source=source)
    edited = change.item.source.last_modified_time
    if complete is not as_listed and edited is not None and edited > change.item.synced_at - _MAY_LOOK_ALIKE:
        return replace(change, item=replace(item, content_hash=_UNLIKE_ANY))
    # The hash stays that of the listing: it is what the next reading is compared with.
    return replace(change, item=item)


async def _breathing(found: Mapping[ItemKey, SourceItem]) -> AsyncIterator[tuple[ItemKey, SourceItem]]:
    clock = asyncio.get_running_loop().time
    until = clock() + _BREATH_SECONDS
    for entry in found.items():
        if clock() > until:
            await asyncio.sleep(0)
            until = clock() + _BREATH_SECONDS
        yield entry
