"""Which passwords a person may choose."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput, PasswordCommon
from domain.password import MAX_LENGTH, acceptable, normalised
from domain.secret import Secret

COMMON = frozenset({"password", "football", "letmein1", "trustno1!", "mountainside", "größe-größe"})
OWN = ("vectorshift", "Jo.Smith77@mail.example", "Jo.Smith77", "mail", "abc")


def accepted(text: str, *, min_length: int = 12) -> str:
    return acceptable(Secret(text), min_length=min_length, common=COMMON, own=OWN, field="new_password").reveal()


@pytest.mark.parametrize(
    "text",
    [
        "correct horse battery staple",
        "пароль и лошадь",
        "🦄 in the garden",
        "            x y z w",
        "a\0b\0c\0d\0e\0f\0g",
        "pass the word along",
        "my football team is blue",
        "password vs football",
        "the password is seven",
        "vectorshift is blue",
        "to be or not to be",
        "83920174651",
        "tall tall small tall",
        "abcdefgh x 12345678",
        "qwerty is a keyboard",
        "abc 83920174 abc",
    ],
)
def test_any_text_that_is_long_enough_is_a_password(text: str) -> None:
    assert accepted(text, min_length=11) == text


@pytest.mark.parametrize("text", ["", "x" * 11, "e\u0301" * 11, "x" * (MAX_LENGTH + 1), "x" * 12 + "\ud800"])
def test_too_short_too_long_and_no_text_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        accepted(text)
    assert refusal.value.code == "invalid_input"
    assert refusal.value.field == "new_password"
    assert not text or text not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "mountainside",
        "MountainSide",
        "mountainside!",
        "2024mountainside",
        "Password1234",
        "!!! FOOTBALL 2010 !!!",
        "GRÖSSE-GRÖSSE",
        "GRO\u0308SSE-GRO\u0308SSE",
    ],
)
def test_a_common_password_is_refused_in_any_case_and_whatever_is_around_it(text: str) -> None:
    with pytest.raises(PasswordCommon) as refusal:
        accepted(text)
    assert refusal.value.code == "password_common"
    assert refusal.value.field == "new_password"
    assert text not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "passwordpassword",
        "passwordpassword1",
        "1passwordpassword",
        "password-password",
        "password password password",
        "Password!Password!",
        "letmein1letmein1",
        "trustno1!trustno1!",
    ],
)
def test_a_common_password_is_refused_said_again_and_again(text: str) -> None:
    with pytest.raises(PasswordCommon):
        accepted(text)


@pytest.mark.parametrize("text", ["abcabcabcabc", "a" * 12, " " * 12, "🦄" * 256, "1212121212121", "x7Kq9 x7Kq9 x7Kq9"])
def test_what_repeats_a_little_is_refused(text: str) -> None:
    with pytest.raises(PasswordCommon):
        accepted(text)


@pytest.mark.parametrize("text", ["x7Kq9-Zu x7Kq9-Zu", "blue mountain blue mountain"])
def test_what_repeats_enough_to_be_a_password_is_accepted(text: str) -> None:
    assert accepted(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "vectorshift!",
        "VectorShift 2026",
        "vectorshiftvectorshift",
        "jo.smith77@mail.example",
        "Jo.Smith77!!!",
        "jo.smith1999",
        "mail83920174",
    ],
)
def test_what_belongs_to_the_person_or_the_product_is_refused(text: str) -> None:
    with pytest.raises(PasswordCommon):
        accepted(text)


def test_a_name_too_short_to_be_one_is_no_reason_to_refuse() -> None:
    assert accepted("abc839201746") == "abc839201746"


@pytest.mark.parametrize(
    "text",
    [
        "abcdefghijkl",
        "ZYXWVUTSRQPO",
        "uvwxyzabcdef",
        "123456789012",
        "1234567890123",
        "098765432109",
        "qwertyuiopas",
        "qwertyuiopasdfghjklzxcvbnm",
        "poiuytrewqlkj",
        "asdfghjkl;'z",
        "!@#$%^&*()_+",
        "qwertzuiopasdf",
        "azertyuiopqsdf",
        "йцукенгшщзхъ",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "abcdefgh2024",
        "!!!!qwertyui",
        "abcdef123456",
        "qwerty12345678",
        "111111222222",
        "0123456789" * 25,
    ],
)
def test_the_way_along_a_keyboard_or_an_alphabet_is_refused(text: str) -> None:
    with pytest.raises(PasswordCommon):
        accepted(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a" * 257, "Use at most 256 characters."),
        ("a" * 11, "Use at least 12 characters."),
        ("\ud800" * 11, "Use at least 12 characters."),
        ("\ud800" * 12, "This is not valid text."),
    ],
)
def test_length_is_told_first_then_that_it_is_no_text_then_that_it_is_common(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        accepted(text)
    assert str(refusal.value) == message


@given(st.text())
def test_every_keyboard_gives_the_same_password(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    assert normalised(Secret(decomposed)) == normalised(Secret(unicodedata.normalize("NFC", text)))


@given(st.text(max_size=400), st.integers(1, 20))
def test_what_is_accepted_is_normal_and_within_bounds(text: str, min_length: int) -> None:
    try:
        password = accepted(text, min_length=min_length)
    except InvalidInput:
        return
    assert min_length <= len(password) <= MAX_LENGTH
    assert unicodedata.is_normalized("NFC", password)
