"""JSON as strangers send it."""

from typing import TypeVar

import msgspec

T = TypeVar("T")


class InputUnreadable(ValueError):
    """Not JSON, or not of the wanted shape."""


def read_json(raw: bytes, shape: type[T]) -> T:
    """Raises InputUnreadable."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        # The last two are no MsgspecError: text that is not UTF-8, and nesting a thousand deep.
        raise InputUnreadable(str(error)) from error
