"""Slack's made-up records and their shape."""

from typing import Any

import pytest

from sandbox.core.provider import Kind
from sandbox.core.records import Records
from sandbox.slack.app import ACCOUNTS
from sandbox.slack.input import SlackInput
from sandbox.slack.records import kinds, micros, timestamp
from sandbox.slack.shapes import show_channel, show_message

CHANNEL, TS = "C0SBX000001", "1704067200.000001"


def kind_of(name: str, seed: int = 1) -> Kind:
    return next(kind for kind in kinds(seed) if kind.name == name)


def records_of(name: str, count: int, seed: int = 1) -> Records:
    return Records(kind_of(name, seed).seed, count)


def texts(seed: int) -> list[Any]:
    return [record["text"] for record in records_of("message", 120, seed).live()]


def read(name: str, shape: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
    return SlackInput(lambda: 1_704_067_200).read_record(kind_of(name), shape)


def test_the_same_seed_makes_the_same_messages_and_another_seed_others() -> None:
    assert texts(1) == texts(1)
    assert texts(1) != texts(2)


@pytest.mark.parametrize("seed", [1, 2, 99])
@pytest.mark.parametrize("name", ["channel", "message", "reply", "user"])
def test_every_id_leads_back_to_its_record(name: str, seed: int) -> None:
    records = records_of(name, 2000, seed)
    for record in records.live():
        found = records.get(record.id)
        assert found is not None
        assert found.position == record.position


@pytest.mark.parametrize("name", ["channel", "message", "reply", "user"])
@pytest.mark.parametrize("record_id", ["", "x", "C0SBX1", "C0SBX000000", f"{CHANNEL}:", f"{CHANNEL}:1.000000", "C:0.0"])
def test_no_other_id_leads_anywhere(name: str, record_id: str) -> None:
    assert records_of(name, 2000).get(record_id) is None


@pytest.mark.parametrize("seed", [1, 2, 99])
def test_no_two_messages_of_a_channel_share_a_timestamp(seed: int) -> None:
    written = [
        (record["channel"], record["ts"])
        for name in ("message", "reply")
        for record in records_of(name, 3000, seed).live()
    ]
    assert len(set(written)) == len(written)


def test_a_reply_is_younger_than_what_it_answers() -> None:
    messages = {(record["channel"], record["ts"]) for record in records_of("message", 120).live()}
    for reply in records_of("reply", 24).live():
        assert (reply["channel"], reply["thread_ts"]) in messages
        assert micros(reply["ts"]) > micros(reply["thread_ts"])


def test_a_timestamp_is_a_number_and_back() -> None:
    assert timestamp(micros("1512085950.000216")) == "1512085950.000216"
    assert micros("1512085950.2") == micros("1512085950.200000")
    assert micros("1512085950") < micros("1512085950.000216") < micros("1512085950.2")


def test_a_change_is_never_older_than_its_record() -> None:
    for name in ("channel", "user"):
        assert all(record["created_at"] <= record["changed_at"] for record in records_of(name, 1000).live())


def test_messages_without_a_timestamp_get_different_ones_at_the_same_moment() -> None:
    given = SlackInput(lambda: 1_704_067_200)
    ids = [given.read_record(kind_of("message"), {"channel": CHANNEL})[0] for _ in range(3)]
    assert ids == [f"{CHANNEL}:1704067200.00000{n}" for n in range(3)]


def test_a_message_and_a_reply_are_named_by_channel_and_timestamp() -> None:
    assert read("message", {"channel": CHANNEL, "ts": TS, "thread_ts": TS})[0] == f"{CHANNEL}:{TS}"
    record_id, values = read("reply", {"channel": CHANNEL, "ts": "1704067201.000000", "thread_ts": TS})
    assert (record_id, values["thread_ts"]) == (f"{CHANNEL}:1704067201.000000", TS)


def test_what_a_user_and_a_channel_nest_becomes_values() -> None:
    assert read("channel", {"name": "x", "topic": {"value": "y"}}) == (None, {"name": "x", "topic": "y"})
    assert read("user", {"id": "U0NEW1", "profile": {"email": "a@example.com", "team": "T1"}}) == (
        "U0NEW1",
        {"id": "U0NEW1", "email": "a@example.com"},
    )


def test_what_was_added_with_nothing_has_a_whole_shape() -> None:
    records = records_of("channel", 0)
    records.upsert(None, {}, "2030-01-01T00:00:00.000Z")
    shown = show_channel(next(records.live()))
    assert (shown["id"], shown["name"], shown["is_member"], shown["created"]) == (
        "C0NEW000001", "c0new000001", True, 1_893_456_000,
    )  # fmt: skip


def test_a_message_is_edited_once_it_was_changed_and_not_before() -> None:
    records = records_of("message", 0)
    record_id, values = read("message", {"channel": CHANNEL, "text": "a"})
    records.upsert(record_id, values, "2030-01-01T00:00:00.000Z")
    assert "edited" not in show_message(next(records.live()), ACCOUNTS[0])
    records.upsert(record_id, {"text": "b"}, "2030-01-01T00:00:01.000Z")
    assert show_message(next(records.live()), ACCOUNTS[0])["edited"]["ts"] == "1893456001.000000"


@pytest.mark.parametrize(
    ("name", "shape", "told"),
    [
        ("channel", {"title": "x"}, "unknown field title; a channel has id, name, is_private"),
        ("channel", {"id": "x"}, "id 'x' is not of the form"),
        ("channel", {"id": "U0SBX000001"}, "is not of the form"),
        ("channel", {"name": 1}, "name must be of type str"),
        ("channel", {"is_private": "yes"}, "is_private must be of type bool"),
        ("channel", {"topic": "x"}, "topic must be of type dict"),
        ("channel", {"topic": {"text": "x"}}, "unknown field text; a topic has value"),
        ("user", {"email": "x"}, "unknown field email; a user has id, name"),
        ("user", {"profile": {"phone": "x"}}, "unknown field phone; a profile has real_name"),
        ("message", {"text": "x"}, "channel '' is not of the form"),
        ("message", {"channel": CHANNEL, "ts": "1"}, "ts '1' is not of the form"),
        ("message", {"channel": CHANNEL, "user": "x"}, "user 'x' is not of the form"),
        ("message", {"channel": CHANNEL, "text": None}, "text must be of type str"),
        ("message", {"channel": CHANNEL, "thread_ts": TS}, "is of kind reply"),
        ("reply", {"channel": CHANNEL}, "any other of kind message"),
        ("reply", {"channel": CHANNEL, "ts": TS, "thread_ts": TS}, "any other of kind message"),
    ],
)
def test_what_is_no_record_is_refused_and_told_why(name: str, shape: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        read(name, shape)
    assert told in str(refused.value)
