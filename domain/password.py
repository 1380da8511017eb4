"""Passwords as a person types them (NIST SP 800-63B section 3.1.1.2): long enough, no rules of composition."""

import unicodedata

from domain.errors import InvalidInput
from domain.secret import Secret

MAX_LENGTH = 256
"""Characters. Longer ones are refused before anything is hashed."""


def is_too_long(password: Secret) -> bool:
    return len(password.reveal()) > MAX_LENGTH


def normalised(password: Secret) -> Secret:
    """The same password in NFC, so that every keyboard gives the same bytes. Takes time by the square of a long run of
    accents: ask before whether it is too long."""
    return Secret(unicodedata.normalize("NFC", password.reveal()))


def acceptable(password: Secret, *, min_length: int, field: str = "password") -> Secret:
    """The normalised password. Raises InvalidInput when it is too short, too long, or not text."""
    # Asked twice: the normal form of some letters is longer than what was typed.
    if is_too_long(password) or is_too_long(normal := normalised(password)):
        raise InvalidInput(field, f"Use at most {MAX_LENGTH} characters.")
    text = normal.reveal()
    if len(text) < min_length:
        raise InvalidInput(field, f"Use at least {min_length} characters.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput(field, "This is not valid text.")
    return normal
