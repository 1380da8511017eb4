"""What a sync counts."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import ConnectionId
from domain.item import Item, SourceItem, item_key
from domain.sync import Change, ChangeKind, RunCounts, RunStatus, with_changes

STEPS = {ChangeKind.ADDED: 1, ChangeKind.UPDATED: 0, ChangeKind.DELETED: -1}
CHANGES = st.lists(st.tuples(st.sampled_from(ChangeKind), st.sampled_from(["contact", "company"])))


def a_change(change: ChangeKind, kind: str, number: int = 1) -> Change:
    source = SourceItem(kind=kind, external_id="1", name="", type="")
    item = Item(ConnectionId("c"), item_key(kind, "1"), source, b"", number, datetime(2026, 1, 1, tzinfo=UTC))
    return Change(change, item)


def test_a_change_has_its_items_number() -> None:
    assert a_change(ChangeKind.ADDED, "contact", 7).number == 7


@given(CHANGES, CHANGES)
def test_totals_follow_the_changes_however_they_are_cut_into_pages(
    first: list[tuple[ChangeKind, str]], second: list[tuple[ChangeKind, str]]
) -> None:
    one, two = (tuple(a_change(*change) for change in changes) for changes in (first, second))
    expected: Counter[str] = Counter()
    for change, kind in first + second:
        expected[kind] += STEPS[change]
    assert with_changes(with_changes({}, one), two) == with_changes({}, one + two)
    assert Counter(with_changes({}, one + two)) == expected


def test_totals_are_not_changed_in_place() -> None:
    before = {"contact": 1}
    assert with_changes(before, (a_change(ChangeKind.ADDED, "contact"),)) == {"contact": 2}
    assert before == {"contact": 1}


def test_totals_of_other_kinds_stay() -> None:
    assert with_changes({"deal": 3}, (a_change(ChangeKind.ADDED, "contact"),)) == {"deal": 3, "contact": 1}


@given(st.lists(st.tuples(*[st.integers(0, 100)] * 4)))
def test_what_was_seen_is_what_was_added_changed_or_unchanged(pages: list[tuple[int, int, int, int]]) -> None:
    counts = RunCounts(deleted=2)
    for added, changed, unchanged, skipped in pages:
        counts = counts.plus(added=added, changed=changed, unchanged=unchanged, skipped=skipped)
    assert counts.seen == counts.added + counts.changed + counts.unchanged
    assert counts.skipped == sum(page[3] for page in pages)
    assert counts.deleted == 2


@pytest.mark.parametrize("status", RunStatus)
def test_a_run_has_ended_when_nothing_follows(status: RunStatus) -> None:
    assert status.is_final == (status not in {RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING})
