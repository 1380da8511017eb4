"""Items, changes and sync states together: whoever is stopped between two steps of a page, nothing is lost or doubled.

A writer dies after a part of what ``CommitPage`` does; another one takes up its work and reads the page again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pytest

from adapters.outbound.system_clock import SystemClock
from application.commit_page import CommitPage
from application.ports.failpoints import Failpoints
from application.ports.source_pages import SourcePage
from application.ports.storage import Storage
from domain.errors import EpochSuperseded
from domain.ids import ConnectionId
from domain.item import Item, SourceItem, item_key
from domain.sync import Change, ChangeKind, RunCounts, Stream, SyncState
from tests.contract.examples import A_TIME, a_connection_id, a_run_id

AMOUNT = 12
STEPS = ("began", "took over", "appended half", "appended", "put half", "put", "advanced")
MORE = Stream("contact", "2")
END = Stream("contact", done=True)


class NoFailpoints(Failpoints):
    async def reach(self, name: str) -> None:
        pass


def commit_page(storage: Storage) -> CommitPage:
    return CommitPage(storage.items, storage.changes, storage.sync_states, SystemClock(), NoFailpoints())


def a_source(number: int, name: str = "Ann") -> SourceItem:
    return SourceItem(kind="contact", external_id=str(number), name=f"{name} {number}", type="Contact")


def a_page(numbers: Sequence[int], name: str = "Ann", cursor: str | None = None) -> SourcePage:
    return SourcePage(tuple(a_source(number, name) for number in numbers), cursor)


@dataclass(frozen=True, slots=True)
class Writer:
    """One who does the first steps of a page and is never heard of again, or comes back late."""

    storage: Storage
    state: SyncState
    changes: tuple[Change, ...]

    async def do(self, steps: Sequence[str]) -> None:
        """What remains to be done of ``steps``; the first two have been."""
        half = len(self.changes) // 2
        items = [change.item for change in self.changes]
        for step in steps:
            match step:
                case "appended half":
                    await self.storage.changes.append(self.state.connection, self.state.epoch, self.changes[:half])
                case "appended":
                    await self.storage.changes.append(self.state.connection, self.state.epoch, self.changes)
                case "put half":
                    await self.storage.items.put_all(self.state.epoch, items[half:])
                case "put":
                    await self.storage.items.put_all(self.state.epoch, items)
                case "advanced":
                    await self.storage.sync_states.advance(self.published)

    @property
    def published(self) -> SyncState:
        sequence = self.state.sequence + len(self.changes)
        return replace(
            self.state,
            sequence=sequence,
            run_sequence=self.state.run_sequence,
            streams=(MORE,),
            totals={"contact": self.state.totals.get("contact", 0) + len(self.changes)},
            counts=self.state.counts.plus(added=len(self.changes)),
        )


async def a_writer(storage: Storage, connection: ConnectionId, page: SourcePage, *, took_over: bool = True) -> Writer:
    """One who has begun the work on ``connection``, and means to add the items of ``page``."""
    state = await storage.sync_states.begin(connection, a_run_id())
    if took_over:
        await storage.changes.take_over(connection, state.epoch, published=state.sequence)
    state = replace(state, streams=(Stream("contact"),))
    changes = [
        Change(ChangeKind.ADDED, _item(connection, source, state.sequence + number))
        for number, source in enumerate(page.items, start=1)
    ]
    return Writer(storage, state, tuple(changes))


def _item(connection: ConnectionId, source: SourceItem, number: int) -> Item:
    key = item_key(source.kind, source.external_id)
    return Item(connection, key, source, source.content_hash(), number, A_TIME)


async def take_up(storage: Storage, before: Writer) -> SyncState:
    """As the worker that goes on with the same run."""
    assert before.state.run is not None
    state = await commit_page(storage).take_up(before.state.connection, before.state.run)
    return state if state.streams else replace(state, streams=(Stream("contact"),))


async def assert_whole(storage: Storage, connection: ConnectionId, names: Mapping[str, str]) -> None:
    """The items are these, the log tells how they came about, and the totals are true."""
    state = await storage.sync_states.find(connection)
    found = await storage.items.page(connection, kind="contact", after=None, limit=1000)
    assert {item.source.external_id: item.source.name for item in found} == names
    assert state.totals == {"contact": len(names)}
    log = await storage.changes.between(connection, after=0, until=state.sequence)
    assert [change.number for change in log] == list(range(1, state.sequence + 1))
    replayed: dict[str, Item] = {}
    for change in log:
        id_ = change.item.source.external_id
        assert (change.kind is ChangeKind.ADDED) == (id_ not in replayed), "each item is added once"
        replayed[id_] = change.item
    assert replayed == {item.source.external_id: item for item in found}
    assert {item.number for item in found} <= set(range(1, state.sequence + 1))


@pytest.mark.parametrize("last", range(len(STEPS)), ids=STEPS)
async def test_a_successor_finishes_what_was_begun(storage: Storage, another_storage: Storage, last: int) -> None:
    connection, page = a_connection_id(), a_page(range(AMOUNT), cursor="2")
    writer = await a_writer(storage, connection, page, took_over=last > 0)
    await writer.do(STEPS[: last + 1])
    state = await take_up(another_storage, writer)
    if state.streams != (MORE,):
        state = await commit_page(another_storage)(state, page, MORE)
    state = await commit_page(another_storage)(state, a_page(range(AMOUNT, AMOUNT + 5)), END)
    assert state.sequence == AMOUNT + 5
    assert state.counts == RunCounts(seen=AMOUNT + 5, added=AMOUNT + 5)
    await assert_whole(storage, connection, {str(n): f"Ann {n}" for n in range(AMOUNT + 5)})


@pytest.mark.parametrize("last", range(len(STEPS)), ids=STEPS)
async def test_what_a_successor_reads_anew_wins(storage: Storage, another_storage: Storage, last: int) -> None:
    connection = a_connection_id()
    writer = await a_writer(storage, connection, a_page(range(AMOUNT)), took_over=last > 0)
    await writer.do(STEPS[: last + 1])
    state = await take_up(another_storage, writer)
    await commit_page(another_storage)(state, a_page(range(AMOUNT), "Zoë"), END)
    await assert_whole(storage, connection, {str(n): f"Zoë {n}" for n in range(AMOUNT)})


@pytest.mark.parametrize("last", range(1, len(STEPS)), ids=STEPS[1:])
async def test_a_late_writer_changes_nothing(storage: Storage, another_storage: Storage, last: int) -> None:
    connection = a_connection_id()
    writer = await a_writer(storage, connection, a_page(range(AMOUNT)))
    await writer.do(STEPS[: last + 1])
    state = await take_up(another_storage, writer)
    await commit_page(another_storage)(state, a_page(range(AMOUNT), "Zoë"), END)
    before = await storage.sync_states.find(connection)
    for step in STEPS[last:]:
        try:
            await writer.do([step])
        except EpochSuperseded:
            assert step in ("appended half", "appended", "advanced")
        else:
            assert step in ("took over", "put half", "put")
    assert await storage.sync_states.find(connection) == before
    await assert_whole(another_storage, connection, {str(n): f"Zoë {n}" for n in range(AMOUNT)})


async def test_a_successor_that_is_stopped_while_it_finishes_has_a_successor(
    storage: Storage, another_storage: Storage
) -> None:
    connection, page = a_connection_id(), a_page(range(AMOUNT))
    first = await a_writer(storage, connection, page)
    await first.do(["appended", "put half"])
    assert first.state.run is not None
    second = await another_storage.sync_states.begin(connection, first.state.run)
    left = await another_storage.changes.take_over(connection, second.epoch, published=second.sequence)
    assert left == first.changes
    await another_storage.items.put_all(second.epoch, [change.item for change in left[: AMOUNT // 2]])
    state = await commit_page(storage)(await take_up(storage, first), page, END)
    assert state.counts == RunCounts(seen=AMOUNT, added=AMOUNT)
    await assert_whole(another_storage, connection, {str(n): f"Ann {n}" for n in range(AMOUNT)})
