"""The arguments of a call: in the query, in a form or in a JSON object, always as strings."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.datastructures import State

from sandbox.core.consent import ParameterDoubled, single_values
from sandbox.core.json_input import InputUnreadable, read_json
from sandbox.slack.errors import InvalidArguments, SlackError

MAX_PAGE = 999


@dataclass(frozen=True, slots=True)
class Arguments:
    values: Mapping[str, str]
    form: Mapping[str, str]
    """Those of ``values`` that came in a form: tokens and codes count there alone, since addresses end up in logs."""

    def text(self, name: str) -> str:
        return self.values.get(name, "")

    def required(self, name: str) -> str:
        """Raises InvalidArguments."""
        if not self.text(name):
            raise InvalidArguments(f"missing required field: {name}")
        return self.text(name)

    def flag(self, name: str) -> bool:
        """Raises InvalidArguments."""
        match self.text(name).lower():
            case "1" | "true":
                return True
            case "" | "0" | "false":
                return False
            case other:
                raise InvalidArguments(f"{name} must be a boolean, not {other!r}")

    def limit(self, default: int, maximum: int = MAX_PAGE) -> int:
        """Raises SlackError."""
        text = self.text("limit") or str(default)
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= maximum):
            raise SlackError("invalid_limit")
        return int(text)

    def cursor(self, kind: str) -> str | None:
        """What comes next, None for the first page. Raises SlackError."""
        cursor = self.text("cursor")
        if not cursor:
            return None
        try:
            found, _, following = b64decode(cursor, validate=True).decode().partition(":")
        except (binascii.Error, ValueError) as error:
            raise SlackError("invalid_cursor") from error
        if found != kind or not following:
            raise SlackError("invalid_cursor")
        return following


def cursor_to(kind: str, following: str) -> str:
    return b64encode(f"{kind}:{following}".encode()).decode()


async def read_arguments(request: Request[Any, Any, State]) -> Arguments:
    """Raises SlackError."""
    query = _single_values(request.scope["query_string"].decode("latin-1"), "invalid_arguments")
    body = await request.body() if request.method == "POST" else b""
    if not body:
        return Arguments(query, {})
    match request.content_type[0]:
        case "application/x-www-form-urlencoded":
            form = _form(body)
            return Arguments(_joined(query, form), form)
        case "application/json":
            return Arguments(_joined(query, _json(body)), {})
        case "":
            raise SlackError("missing_post_type")
        case _:
            raise SlackError("invalid_post_type")


def _form(body: bytes) -> dict[str, str]:
    try:
        encoded = body.decode()
    except UnicodeDecodeError as error:
        raise SlackError("invalid_form_data") from error
    return _single_values(encoded, "invalid_form_data")


def _single_values(encoded: str, error: str) -> dict[str, str]:
    try:
        return single_values(encoded)
    except ParameterDoubled as doubled:
        raise InvalidArguments(f"doubled: {doubled}") from doubled
    except ValueError as unreadable:
        raise SlackError(error) from unreadable


def _json(body: bytes) -> dict[str, str]:
    try:
        given = read_json(body, object)
    except InputUnreadable as error:
        raise SlackError("invalid_json") from error
    if not isinstance(given, dict):
        raise SlackError("json_not_object")
    return {name: _word(name, value) for name, value in given.items() if value is not None}


def _word(name: str, value: object) -> str:
    if isinstance(value, dict | list):
        raise InvalidArguments(f"{name} must be a string")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _joined(query: dict[str, str], body: dict[str, str]) -> dict[str, str]:
    if doubled := query.keys() & body.keys():
        raise InvalidArguments(f"doubled: {', '.join(sorted(doubled))}")
    return query | body
