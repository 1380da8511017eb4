"""The list of common passwords that comes with the product."""

import gzip
import string
import unicodedata
from pathlib import Path
from random import Random

import pytest
from hatchling.builders.wheel import WheelBuilder
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.shipped_common_passwords import ShippedCommonPasswords
from domain.errors import InvalidInput, PasswordCommon
from domain.password import acceptable
from domain.secret import Secret

ROOT = Path(__file__).parents[3]
SHIPPED = "adapters/outbound/common_passwords.txt.gz"
ENTRIES = gzip.decompress((ROOT / SHIPPED).read_bytes()).decode().splitlines()
WORDS = [entry for entry in ENTRIES if entry.isalpha() and len(entry) >= 8]
COMMON = ShippedCommonPasswords()


def is_accepted(text: str) -> bool:
    try:
        return acceptable(Secret(text), min_length=12, common=COMMON, own=()).reveal() == text
    except PasswordCommon:
        return False


def test_the_list_is_large_folded_sorted_and_without_what_is_too_short_anyway() -> None:
    assert len(ENTRIES) > 70_000
    assert sorted(set(ENTRIES)) == ENTRIES
    assert min(map(len, ENTRIES)) == 5
    assert [entry for entry in ENTRIES if len(entry) < 8 and not entry.isalpha()] == []
    assert [entry for entry in ENTRIES if unicodedata.normalize("NFC", entry).casefold() != entry] == []


def test_every_entry_is_found() -> None:
    assert all(entry in COMMON for entry in ENTRIES)


@pytest.mark.parametrize("text", ["", "correct horse battery staple", "PASSWORD", "pass", "password\n", "\0"])
def test_nothing_else_is_found(text: str) -> None:
    assert text not in COMMON


def test_every_entry_that_is_long_enough_is_refused_in_any_case() -> None:
    long_enough = [entry for entry in ENTRIES if len(entry) >= 12]
    assert len(long_enough) > 4_000
    assert [entry for entry in long_enough if is_accepted(entry) or is_accepted(entry.upper())] == []


@pytest.mark.parametrize("ending", ["1", "123!", " 1999", "!!!!!"])
def test_an_entry_with_a_year_or_marks_behind_it_is_refused(ending: str) -> None:
    texts = [word.title() + ending for word in WORDS if len(word + ending) >= 12]
    assert [text for text in texts if is_accepted(text)] == []


@pytest.mark.parametrize("text", ["monkey123456", "Welcome12345", "letmein12345", "admin1234567", "Summer2024!!"])
def test_a_short_word_with_digits_behind_it_is_refused(text: str) -> None:
    assert not is_accepted(text)


@given(st.integers(), st.integers(15, 256))
def test_what_chance_makes_is_accepted(seed: int, length: int) -> None:
    text = "".join(Random(seed).choices(string.ascii_letters + string.digits + " ", k=length))
    assert is_accepted(text)


@given(st.integers(), st.integers(3, 8), st.sampled_from(" -."))
def test_words_that_chance_puts_together_are_accepted(seed: int, number: int, between: str) -> None:
    assert is_accepted(between.join(Random(seed).sample(WORDS, number)))


@given(st.text(max_size=300), st.integers(8, 20))
def test_any_text_is_accepted_or_refused(text: str, min_length: int) -> None:
    try:
        accepted = acceptable(Secret(text), min_length=min_length, common=COMMON, own=[text]).reveal()
    except InvalidInput:
        return
    assert accepted not in COMMON
    assert accepted != text


def test_a_wheel_carries_the_list() -> None:
    assert SHIPPED in {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
