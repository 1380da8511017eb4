"""When a session lives, and which refresh token renews it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import SessionEnded
from domain.ids import SessionId, UserId
from domain.session import Session, SessionLifetime, refresh_hash

BEGUN = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
TICK = timedelta(microseconds=1)
LIFETIME = SessionLifetime(idle=timedelta(days=7), absolute=timedelta(days=30), grace=timedelta(seconds=30))
TOKENS = [refresh_hash(f"token {number}") for number in range(20)]
FRESH = Session(
    id=SessionId("session"),
    user=UserId("user"),
    refresh=TOKENS[0],
    previous=None,
    renewed_at=BEGUN,
    created_at=BEGUN,
    expires_at=BEGUN + LIFETIME.absolute,
    device="Firefox",
)
RENEWED = replace(FRESH, refresh=TOKENS[1], previous=TOKENS[0], renewed_at=BEGUN + timedelta(hours=1))


def test_it_lives_until_it_has_been_idle_for_too_long() -> None:
    assert FRESH.is_live(BEGUN + LIFETIME.idle - TICK, LIFETIME)
    assert not FRESH.is_live(BEGUN + LIFETIME.idle, LIFETIME)


def test_however_often_it_is_renewed_it_ends() -> None:
    end = FRESH.expires_at
    busy = replace(FRESH, renewed_at=end - timedelta(minutes=1))
    assert busy.is_live(end - TICK, LIFETIME)
    assert not busy.is_live(end, LIFETIME)


def test_the_current_token_is_exchanged_for_its_successor() -> None:
    assert FRESH.renewed(TOKENS[0], TOKENS[1], RENEWED.renewed_at, LIFETIME) == RENEWED


def test_a_renewal_keeps_the_absolute_end() -> None:
    later = RENEWED.renewed(TOKENS[1], TOKENS[2], BEGUN + timedelta(days=6), LIFETIME)
    assert (later.created_at, later.expires_at) == (FRESH.created_at, FRESH.expires_at)
    assert later.previous == TOKENS[1]


def test_within_the_grace_the_token_just_replaced_yields_the_same_successor() -> None:
    now = RENEWED.renewed_at + LIFETIME.grace - TICK
    assert RENEWED.renewed(TOKENS[0], TOKENS[1], now, LIFETIME) is RENEWED


def test_after_the_grace_the_token_just_replaced_is_a_copy_in_other_hands() -> None:
    with pytest.raises(SessionEnded):
        RENEWED.renewed(TOKENS[0], TOKENS[1], RENEWED.renewed_at + LIFETIME.grace, LIFETIME)


def test_within_the_grace_it_yields_no_other_successor() -> None:
    with pytest.raises(SessionEnded):
        RENEWED.renewed(TOKENS[0], TOKENS[2], RENEWED.renewed_at, LIFETIME)


def test_a_token_from_before_the_last_one_is_refused_at_once() -> None:
    twice = RENEWED.renewed(TOKENS[1], TOKENS[2], RENEWED.renewed_at + TICK, LIFETIME)
    with pytest.raises(SessionEnded):
        twice.renewed(TOKENS[0], TOKENS[1], twice.renewed_at, LIFETIME)


def test_a_foreign_token_is_refused() -> None:
    for session in (FRESH, RENEWED):
        with pytest.raises(SessionEnded):
            session.renewed(TOKENS[9], TOKENS[10], session.renewed_at, LIFETIME)


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 60)), max_size=30))
def test_only_the_current_token_and_the_one_before_ever_renew(calls: list[tuple[int, float]]) -> None:
    """Any order of presentations, each so many tokens behind the newest, with so many seconds in between."""
    session, newest, now = FRESH, 0, BEGUN
    for age, seconds in calls:
        now += timedelta(seconds=seconds)
        number = max(newest - age, 0)
        try:
            after = session.renewed(TOKENS[number % 20], TOKENS[(number + 1) % 20], now, LIFETIME)
        except SessionEnded:
            assert number < newest
            assert number < newest - 1 or now >= session.renewed_at + LIFETIME.grace
            return
        assert after.refresh == TOKENS[(number + 1) % 20]
        assert number in (newest, newest - 1)
        assert (after is session) == (number < newest)
        session, newest = after, max(newest, number + 1)


def test_hashes_are_not_shown() -> None:
    assert FRESH.refresh.hex() not in repr(RENEWED)
    assert "refresh" not in repr(RENEWED)


def test_a_token_cannot_be_told_from_its_hash() -> None:
    assert refresh_hash("token") != b"token"
    assert len(refresh_hash("token")) == 32
