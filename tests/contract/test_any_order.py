"""Items, changes and sync states under any order of calls: every store answers as the memory one does."""

import asyncio

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from application.ports.storage import Storage
from domain.errors import EpochSuperseded
from domain.ids import ItemKey
from domain.item import Item, item_key
from domain.sync import Change, ChangeKind, RunCounts, Stream, SyncState
from tests.contract.examples import A_TIME, a_connection_id, a_run_id, an_item
from tests.contract.side_by_side import SideBySide, answers_alike

KINDS = ("contact", "company", "deal")
PLACES = [(kind, str(number)) for kind in KINDS for number in range(5)]
EPOCHS = st.integers(1, 5)
NUMBERS = st.integers(1, 12)
LIMITS = st.integers(1, 8)
A_KIND = st.none() | st.sampled_from(KINDS)
A_PLACE = st.sampled_from(PLACES)
A_KEY = st.builds(lambda place: item_key(*place), A_PLACE) | st.binary(min_size=16, max_size=16).map(ItemKey)


class AnyOrder(SideBySide):
    def __init__(self, stores: tuple[Storage, Storage], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(stores, loop)
        self.connection = a_connection_id()
        self.runs = [a_run_id() for _ in range(2)]
        self.begun: list[SyncState] = []
        self.taken_over: list[int] = []
        self.length = 0
        """Of the log."""

    def _item(self, epoch: int, number: int, place: tuple[str, str]) -> Item:
        """Its content follows from when and where it is put: a repetition puts the same."""
        kind, external_id = place
        deleted_at = A_TIME if number % 4 == 0 else None
        name = f"of epoch {epoch}, number {number}"
        return an_item(self.connection, external_id, number=number, kind=kind, name=name, deleted_at=deleted_at)

    @rule(run=st.integers(0, 1), second=st.booleans())
    def begin(self, run: int, *, second: bool) -> None:
        state = self.both(lambda on: on.sync_states.begin(self.connection, self.runs[run]), second=second)
        self.begun.append(state)

    @precondition(lambda self: self.begun)
    @rule(data=st.data(), number=NUMBERS, second=st.booleans())
    def advance(self, data: st.DataObject, number: int, *, second: bool) -> None:
        begun = data.draw(st.sampled_from(self.begun))
        state = SyncState(
            begun.connection,
            begun.epoch,
            begun.run,
            sequence=number,
            run_sequence=number - 1,
            streams=(Stream("contact", f"cursor {number}"), Stream("company", done=number % 2 == 0)),
            totals={"contact": number},
            counts=RunCounts(seen=number, added=number),
        )
        self.both(lambda on: on.sync_states.advance(state), second=second)

    @rule(epoch=EPOCHS, published=NUMBERS, second=st.booleans())
    def take_over(self, epoch: int, published: int, *, second: bool) -> None:
        given = self.both(
            lambda on: on.changes.take_over(self.connection, epoch, published=published - 1), second=second
        )
        if given is not EpochSuperseded:
            self.taken_over.append(epoch)

    @precondition(lambda self: self.taken_over)
    @rule(data=st.data(), amount=LIMITS, place=A_PLACE, second=st.booleans())
    def append(self, data: st.DataObject, amount: int, place: tuple[str, str], *, second: bool) -> None:
        epoch = data.draw(st.sampled_from(self.taken_over))
        first = data.draw(st.integers(1, self.length + 1))
        numbers = range(first, first + amount)
        changes = [Change(ChangeKind.UPDATED, self._item(epoch, n, place)) for n in numbers]
        given = self.both(lambda on: on.changes.append(self.connection, epoch, changes), second=second)
        if given is not EpochSuperseded:
            self.length = max(self.length, numbers[-1])

    @rule(epoch=EPOCHS, puts=st.dictionaries(NUMBERS, A_PLACE, max_size=10), second=st.booleans())
    def put_all(self, epoch: int, puts: dict[int, tuple[str, str]], *, second: bool) -> None:
        items = [self._item(epoch, number, place) for number, place in puts.items()]
        self.both(lambda on: on.items.put_all(epoch, items), second=second)

    @rule(keys=st.lists(A_KEY, max_size=5, unique=True), second=st.booleans())
    def ask_what_is_stored(self, keys: list[ItemKey], *, second: bool) -> None:
        self.both(lambda on: on.items.stored(self.connection, keys), second=second)

    @rule(key=A_KEY)
    def find(self, key: ItemKey) -> None:
        self.both(lambda on: on.items.find(self.connection, key))

    @rule(kind=A_KIND, after=st.none() | A_KEY, limit=LIMITS, second=st.booleans())
    def page(self, kind: str | None, after: ItemKey | None, limit: int, *, second: bool) -> None:
        self.both(lambda on: on.items.page(self.connection, kind=kind, after=after, limit=limit), second=second)

    @rule(after=NUMBERS, until=NUMBERS)
    def between(self, after: int, until: int) -> None:
        self.both(lambda on: on.changes.between(self.connection, after=after - 1, until=until))

    @invariant()
    def everything_is_the_same(self) -> None:
        self.both(lambda on: on.sync_states.find(self.connection), second=True)
        self.both(lambda on: on.changes.between(self.connection, after=0, until=100))
        self.both(lambda on: on.items.page(self.connection, kind=None, after=None, limit=100), second=True)


def test_every_store_answers_alike(
    storages: tuple[Storage, Storage], loop: asyncio.AbstractEventLoop, examples: int
) -> None:
    class OnThisStore(AnyOrder):
        def __init__(self) -> None:
            super().__init__(storages, loop)

    answers_alike(OnThisStore, examples)
