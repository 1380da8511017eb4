"""Refresh tokens lead to their session, and only we can make them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.jwt_tokens import JwtTokens
from domain.secret import Secret
from tests.unit.builders import HeldClock
from tests.unit.outbound.test_jwt_tokens import BEARER, KEY, OTHER_KEY, made_with


@pytest.fixture
def tokens() -> JwtTokens:
    return made_with({"first": KEY}, HeldClock())


def test_the_first_leads_to_its_session(tokens: JwtTokens) -> None:
    first = tokens.first_refresh(BEARER)
    assert tokens.refresh_bearer(first) == BEARER
    assert tokens.is_genuine(first)


def test_no_two_first_ones_are_the_same(tokens: JwtTokens) -> None:
    assert len({tokens.first_refresh(BEARER).reveal() for _ in range(100)}) == 100


def test_the_successor_is_the_same_each_time_and_leads_on(tokens: JwtTokens) -> None:
    first = tokens.first_refresh(BEARER)
    second = tokens.next_refresh(first)
    assert tokens.next_refresh(first) == second != first
    assert tokens.refresh_bearer(second) == BEARER
    assert tokens.is_genuine(second)
    assert tokens.next_refresh(second) not in (first, second)


def test_nobody_without_the_key_can_tell_the_successor(tokens: JwtTokens) -> None:
    first = tokens.first_refresh(BEARER)
    assert made_with({"first": OTHER_KEY}, HeldClock()).next_refresh(first) != tokens.next_refresh(first)


def test_a_new_key_in_front_changes_no_successor(tokens: JwtTokens) -> None:
    first = tokens.first_refresh(BEARER)
    both = made_with({"second": OTHER_KEY, "first": KEY}, HeldClock())
    assert both.next_refresh(first) == tokens.next_refresh(first)
    assert both.is_genuine(first)
    assert not made_with({"second": OTHER_KEY}, HeldClock()).is_genuine(first)


def test_one_that_was_altered_anywhere_is_no_genuine_one(tokens: JwtTokens) -> None:
    text = tokens.first_refresh(BEARER).reveal()
    for place, character in enumerate(text):
        altered = Secret(text[:place] + ("A" if character != "A" else "B") + text[place + 1 :])
        assert not tokens.is_genuine(altered)


@pytest.mark.parametrize("junk", ["=", " ", "\n", "!", "é"])
def test_it_has_one_spelling(tokens: JwtTokens, junk: str) -> None:
    text = tokens.first_refresh(BEARER).reveal()
    for spelt in (text + junk, junk + text, text[:10] + junk + text[10:]):
        assert tokens.refresh_bearer(Secret(spelt)) is None


@given(st.text(max_size=120))
def test_nonsense_leads_nowhere(text: str) -> None:
    tokens = made_with({"first": KEY}, HeldClock())
    assert tokens.refresh_bearer(Secret(text)) is None
    assert not tokens.is_genuine(Secret(text))
    with pytest.raises(ValueError, match="not a refresh token"):
        tokens.next_refresh(Secret(text))
