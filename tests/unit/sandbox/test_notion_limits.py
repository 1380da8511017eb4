"""Notion's fixed windows."""

from sandbox.notion.limits import CALLS, SECONDS, ConnectionWindows


def taken(windows: ConnectionWindows, grant: str, now: float, calls: int) -> list[float | None]:
    return [windows.take(grant, now) for _ in range(calls)]


def test_a_window_takes_so_many_calls_and_then_says_how_long_it_lasts() -> None:
    windows = ConnectionWindows()
    assert taken(windows, "a", 100, CALLS) == [None] * CALLS
    assert [windows.take("a", 100), windows.take("a", 159.5)] == [SECONDS, 0.5]


def test_all_places_are_free_again_at_its_end_and_none_before() -> None:
    windows = ConnectionWindows()
    assert windows.take("a", 0) is None
    assert taken(windows, "a", 59, CALLS - 1) == [None] * (CALLS - 1)
    assert windows.take("a", 59) == 1
    assert taken(windows, "a", 60, CALLS) == [None] * CALLS
    assert windows.take("a", 60) == SECONDS


def test_a_refused_call_takes_no_place() -> None:
    windows = ConnectionWindows()
    taken(windows, "a", 0, CALLS + 50)
    assert taken(windows, "a", 60, CALLS) == [None] * CALLS


def test_connections_do_not_share_and_a_reset_forgets_them() -> None:
    windows = ConnectionWindows()
    taken(windows, "a", 0, CALLS)
    assert [windows.take("a", 0), windows.take("b", 0)] == [SECONDS, None]
    windows.reset()
    assert windows.take("a", 0) is None
