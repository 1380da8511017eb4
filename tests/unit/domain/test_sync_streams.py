"""How far a listing is read, and what of it another run begins anew."""

from itertools import count, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import ConnectionId, RunId
from domain.sync import RunCounts, Stream, SyncState

FIRST, SECOND, THIRD = RunId("first"), RunId("second"), RunId("third")
ON_ITS_WAY = Stream("message", "cursor", parent="0a", restarts=3, unchanged=40, pages=2, mark="hash")


def left_by_the_first(*streams: Stream) -> SyncState:
    counts = RunCounts(seen=7, added=7)
    return SyncState(ConnectionId("c"), epoch=4, run=FIRST, sequence=7, streams=streams, counts=counts)


def pages_until_noticed(way: int, circle: int) -> int:
    """Of a listing whose cursors go in a circle after a while, where each page is read by another process."""
    stream = Stream("contact")
    for number in count():
        cursor = f"cursor {number if number < way else way + (number - way) % circle}"
        if stream.has_been_at(cursor):
            return number
        stream = stream.behind(cursor)
    raise AssertionError


@given(way=st.integers(0, 300), circle=st.integers(1, 300))
def test_a_circle_is_noticed_within_four_times_its_pages_whatever_led_to_it(way: int, circle: int) -> None:
    assert pages_until_noticed(way, circle) <= 4 * max(way, circle)


@given(st.integers(0, 1000))
def test_cursors_that_are_all_new_are_no_circle(amount: int) -> None:
    stream = Stream("contact")
    for cursor in islice(map(str, count()), amount):
        assert not stream.has_been_at(cursor)
        stream = stream.behind(cursor)
    assert stream.pages == amount


def test_each_parents_listing_is_a_way_of_its_own() -> None:
    stream = Stream("message").under("0a").behind("cursor").behind("next")
    assert stream.under("0a") == stream
    assert stream.under("0b") == Stream("message", parent="0b")
    assert not stream.under("0b").has_been_at("next")


def test_so_is_one_that_was_begun_anew() -> None:
    stream = Stream("contact").behind("cursor").behind("next").anew()
    assert stream == Stream("contact", restarts=1)


def test_the_same_run_goes_on_as_it_was() -> None:
    state = left_by_the_first(Stream("channel", done=True), ON_ITS_WAY)
    taken_up = state.taken_up(FIRST)
    assert (taken_up.epoch, taken_up.streams, taken_up.counts) == (5, state.streams, state.counts)


def test_another_run_goes_on_with_what_was_not_read_to_its_end() -> None:
    state = left_by_the_first(Stream("channel", done=True), ON_ITS_WAY, Stream("file")).taken_up(SECOND)
    on_its_way = Stream("message", "cursor", parent="0a", pages=2, mark="hash", resumed=True, continued=True)
    assert state.streams == (Stream("channel"), on_its_way, Stream("file"))
    assert (state.run, state.sequence, state.run_sequence, state.counts) == (SECOND, 7, 7, RunCounts())


@pytest.mark.parametrize(
    "ended",
    [
        Stream("message", parent="0a", done=True),
        Stream("message", done=True, refused="access_forbidden"),
        Stream("message", "cursor", parent="0b", refused="listing_incomplete"),
    ],
    ids=["read to its end", "refused", "refused in part"],
)
def test_and_begins_anew_what_had_come_to_an_end(ended: Stream) -> None:
    assert left_by_the_first(ended).taken_up(SECOND).streams == (Stream("message"),)


def test_a_place_at_which_two_runs_came_no_further_is_given_up() -> None:
    second = left_by_the_first(ON_ITS_WAY).taken_up(SECOND)
    assert second.taken_up(THIRD).streams == (Stream("message"),)


def test_not_so_one_that_the_second_run_did_not_reach() -> None:
    second = left_by_the_first(Stream("channel", done=True), ON_ITS_WAY).taken_up(SECOND)
    assert second.taken_up(THIRD).streams == second.streams


def test_nor_one_at_which_it_came_further() -> None:
    (stream,) = left_by_the_first(ON_ITS_WAY).taken_up(SECOND).streams
    further = left_by_the_first(stream.behind("further")).taken_up(THIRD)
    assert further.streams[0].cursor == "further"
