"""Airtable's ids: three letters for the kind and fourteen digits to the base of 62."""

import re
import secrets

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = 14
ALL: int = len(ALPHABET) ** DIGITS
# Any number that shares no factor with 62 scatters ids over the whole range, and back.
FACTOR, OFFSET = 7_461_038_529_461_083_572_946_157, 2_718_281_828_459_045_235
INVERSE = pow(FACTOR, -1, ALL)
DERIVED = 32


def id_of(prefix: str, number: int) -> str:
    """The id of a number; numbers below 62^14 have different ids."""
    rest, digits = (number * FACTOR + _offset(prefix)) % ALL, ""
    for _ in range(DIGITS):
        rest, digit = divmod(rest, len(ALPHABET))
        digits += ALPHABET[digit]
    return prefix + digits


def number_of(prefix: str, text: str) -> int | None:
    """From an id back to its number; None where the text is no id of this kind."""
    if not is_id(prefix, text):
        return None
    code = 0
    for digit in reversed(text[len(prefix) :]):
        code = code * len(ALPHABET) + ALPHABET.index(digit)
    return (code - _offset(prefix)) * INVERSE % ALL


def is_id(prefix: str, text: str) -> bool:
    return re.fullmatch(rf"{prefix}[0-9A-Za-z]{{{DIGITS}}}", text) is not None


def derived_id(prefix: str, table_id: str, n: int) -> str:
    """The id of a table's n-th field, choice or view, ``n`` below 32."""
    return id_of(prefix, (number_of("tbl", table_id) or 0) * DERIVED + n)


def random_id(prefix: str) -> str:
    return id_of(prefix, secrets.randbelow(ALL))


def _offset(prefix: str) -> int:
    """Another one for each kind: the same number should not have the same digits in all."""
    return OFFSET * int.from_bytes(prefix.encode())
