"""What is too long is refused before work that grows with its square."""

import unicodedata
from typing import Literal

import pytest

from domain.email import email_address
from domain.errors import InvalidInput
from domain.password import MAX_LENGTH, acceptable
from domain.secret import Secret

ACCENTS = "a" + "\u0315\u0300" * 14_000


@pytest.fixture(autouse=True)
def _only_what_is_short_is_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    normalize = unicodedata.normalize

    def only_short(form: Literal["NFC"], text: str) -> str:
        assert len(text) <= MAX_LENGTH
        return normalize(form, text)

    monkeypatch.setattr(unicodedata, "normalize", only_short)


@pytest.mark.parametrize("text", [ACCENTS, f"{ACCENTS}@example.org", f"ann@{ACCENTS}.org", " " * 321])
def test_an_address_beyond_all_length_is_refused_as_it_stands(text: str) -> None:
    with pytest.raises(InvalidInput):
        email_address(text)


@pytest.mark.parametrize("text", [ACCENTS, "x" * (MAX_LENGTH + 1)])
def test_a_password_beyond_all_length_is_refused_as_it_stands(text: str) -> None:
    with pytest.raises(InvalidInput):
        acceptable(Secret(text), min_length=12, common=(), own=())
