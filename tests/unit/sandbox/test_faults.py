"""The order in which scripted answers are used up."""

from typing import Any

import msgspec
import pytest

from sandbox.core.faults import Fault, Faults


def script(*faults: dict[str, Any]) -> Faults:
    scripted = Faults()
    scripted.replace(msgspec.convert(list(faults), list[Fault]))
    return scripted


def taken(faults: Faults, *paths: str, body: bytes = b"") -> list[int | None]:
    found = [faults.take((path,), body) for path in paths]
    return [fault.status if fault else None for fault in found]


def test_nothing_is_scripted_at_first() -> None:
    assert taken(Faults(), "/a") == [None]


def test_a_fault_happens_once_unless_more_often_is_said() -> None:
    assert taken(script({"path": "/", "status": 500}), "/a", "/a") == [500, None]
    assert taken(script({"path": "/", "status": 500, "times": 2}), "/a", "/a", "/a") == [500, 500, None]


def test_requests_before_after_pass_and_do_not_reach_later_faults() -> None:
    faults = script({"path": "/", "status": 500, "after": 1}, {"path": "/", "status": 429})
    assert taken(faults, "/a", "/a", "/a", "/a") == [None, 500, 429, None]


def test_faults_of_different_paths_do_not_wait_for_each_other() -> None:
    faults = script({"path": "/token", "status": 500, "after": 9}, {"path": "/list", "status": 429})
    assert taken(faults, "/list", "/list") == [429, None]


def test_a_request_is_known_by_all_its_paths() -> None:
    assert script({"path": "/list", "status": 500}).take(("/hubspot/list", "/list"), b"") is not None


def test_a_match_must_be_in_the_body() -> None:
    faults = script({"path": "/", "match": "refresh", "status": 500})
    assert taken(faults, "/a", body=b"grant=code") == [None]
    assert taken(faults, "/a", body=b"grant=refresh_token") == [500]


def test_what_is_left_shrinks() -> None:
    faults = script({"path": "/", "status": 500, "times": 2})
    taken(faults, "/a")
    assert [fault.times for fault in faults.left] == [1]
    taken(faults, "/a")
    assert faults.left == []


@pytest.mark.parametrize(
    "fault",
    [
        {"path": "/"},
        {"path": "a", "status": 500},
        {"path": "/", "reset": True, "cut_after_bytes": 1},
        {"path": "/", "body": "x", "json": []},
        {"path": "/", "status": 600},
        {"path": "/", "status": 500, "after": -1},
        {"path": "/", "status": 500, "headers": {"bad name": "x"}},
    ],
)
def test_what_makes_no_sense_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        script(fault)
