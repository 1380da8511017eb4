"""Passwords as a person types them (NIST SP 800-63B section 3.1.1.2): long enough, none of those that are tried first,
and no rules of composition."""

import unicodedata
from collections.abc import Container, Sequence

from domain.errors import InvalidInput, PasswordCommon
from domain.secret import Secret

MAX_LENGTH = 256
"""Characters. Longer ones are refused before anything is hashed."""

_LEAST = 8
"""Characters. What is shorter is no password anywhere, so neither is its repetition."""
_LEAST_OWN = 4
_SEQUENCES = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "1234567890qwertyuiopasdfghjklzxcvbnm",
    "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./",
    "~!@#$%^&*()_+",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "йцукенгшщзхъфывапролджэячсмитьбю",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmikolp",
)
_STEPS = frozenset(
    (line + line[:2])[place : place + 3][::way] for line in _SEQUENCES for place in range(len(line)) for way in (1, -1)
)
"""Three characters along a sequence, either way, which goes on with its start."""


def is_too_long(password: Secret) -> bool:
    return len(password.reveal()) > MAX_LENGTH


def normalised(password: Secret) -> Secret:
    """The same password in NFC, so that every keyboard gives the same bytes. Takes time by the square of a long run of
    accents: ask before whether it is too long."""
    return Secret(unicodedata.normalize("NFC", password.reveal()))


def acceptable(
    password: Secret, *, min_length: int, common: Container[str], own: Sequence[str], field: str = "password"
) -> Secret:
    """The normalised password. ``common`` has case-folded texts, ``own`` is what the person and the product are called.
    Raises InvalidInput when it is too short, too long, or not text, and PasswordCommon when it is easily guessed."""
    # Asked twice: the normal form of some letters is longer than what was typed.
    if is_too_long(password) or is_too_long(normal := normalised(password)):
        raise InvalidInput(field, f"Use at most {MAX_LENGTH} characters.")
    text = normal.reveal()
    if len(text) < min_length:
        raise InvalidInput(field, f"Use at least {min_length} characters.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput(field, "This is not valid text.")
    if _is_easily_guessed(text.casefold(), common, own):
        raise PasswordCommon(field, "This password is among the first that are guessed. Use another.")
    return normal


def _is_easily_guessed(text: str, common: Container[str], own: Sequence[str]) -> bool:
    theirs = {part for one in own for part in (one.casefold(), _core(one.casefold())) if len(part) >= _LEAST_OWN}
    return any(
        part in common or part in theirs or _is_made_of_runs(part) or _repeats_little(part) for part in _parts(text)
    )


def _parts(text: str) -> set[str]:
    """What it takes to guess the text: all of it, its core, what either is a repetition of, and the core of that."""
    wholes = {text, _core(text)}
    units = {_unit(whole) for whole in wholes}
    return wholes | units | {_core(unit) for unit in units}


def _core(text: str) -> str:
    """From the first letter to the last: years and marks around a word are guessed with it."""
    letters = [place for place, character in enumerate(text) if character.isalpha()]
    return text[letters[0] : letters[-1] + 1] if letters else ""


def _unit(text: str) -> str:
    """The least that is repeated all along the text. The last time, its end may be missing: what stands between two
    repetitions does not stand behind them."""
    for length in range(1, (len(text) + 1) // 2 + 1):
        if text.startswith(text[length:]):
            return text[:length]
    return text


def _repeats_little(text: str) -> bool:
    return len(text) >= _LEAST > len(_unit(text))


def _is_made_of_runs(text: str) -> bool:
    """Whether it goes all along alphabets, digits, rows of a keyboard or one key, at least three characters each."""
    end = 0
    while end < len(text):
        if not _is_step(text[end : end + 3]):
            return False
        end += 3
        while _is_step(text[end - 2 : end + 1]):
            end += 1
    return len(text) >= _LEAST


def _is_step(three: str) -> bool:
    return three in _STEPS or (len(three) == 3 and len(set(three)) == 1)
