"""The rolling window of a rate limit."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.core.limits import RollingWindow


def test_it_counts_down_and_then_refuses() -> None:
    window = RollingWindow(2, 10)
    assert [window.take("a", now) for now in (0, 1, 2)] == [1, 0, None]


def test_each_call_frees_its_place_when_it_leaves_the_window() -> None:
    window = RollingWindow(2, 10)
    assert [window.take("a", now) for now in (0, 5, 9.9, 10, 14.9, 15)] == [1, 0, None, 0, None, 0]


def test_keys_do_not_share() -> None:
    window = RollingWindow(1, 10)
    assert [window.take("a", 0), window.take("b", 0), window.take("a", 0)] == [0, 0, None]


@given(gaps=st.lists(st.floats(0, 5, allow_nan=False), max_size=60))
def test_no_span_of_the_window_ever_holds_more_than_allowed(gaps: list[float]) -> None:
    window, now, granted = RollingWindow(4, 10), 0.0, list[float]()
    for gap in gaps:
        now += gap
        if window.take("a", now) is not None:
            granted.append(now)
    assert all(sum(1 for t in granted if start <= t < start + 10) <= 4 for start in granted)
