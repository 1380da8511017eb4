"""Which passwords a person may choose."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.password import MAX_LENGTH, acceptable, normalised
from domain.secret import Secret


@pytest.mark.parametrize(
    "text", ["x" * 12, "correct horse battery staple", "пароль-пароль", "🦄" * 12, " " * 12, "\0" * 12]
)
def test_any_text_that_is_long_enough_is_a_password(text: str) -> None:
    assert acceptable(Secret(text), min_length=12).reveal() == text


@pytest.mark.parametrize("text", ["", "x" * 11, "e\u0301" * 11, "x" * (MAX_LENGTH + 1), "x" * 12 + "\ud800"])
def test_too_short_too_long_and_no_text_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        acceptable(Secret(text), min_length=12, field="new_password")
    assert refusal.value.field == "new_password"
    assert not text or text not in str(refusal.value)


@given(st.text())
def test_every_keyboard_gives_the_same_password(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    assert normalised(Secret(decomposed)) == normalised(Secret(unicodedata.normalize("NFC", text)))


@given(st.text(max_size=400), st.integers(1, 20))
def test_what_is_accepted_is_normal_and_within_bounds(text: str, min_length: int) -> None:
    try:
        accepted = acceptable(Secret(text), min_length=min_length).reveal()
    except InvalidInput:
        return
    assert min_length <= len(accepted) <= MAX_LENGTH
    assert unicodedata.is_normalized("NFC", accepted)
