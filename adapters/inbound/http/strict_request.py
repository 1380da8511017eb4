"""Requests whose JSON is read by the letter."""

from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException


class StrictRequest(Request[Any, Any, Any]):
    """Decodes a body straight into what its handler takes. Litestar reads it into plain values first and converts those
    generously: "100" would pass for a number."""

    async def json(self) -> Any:
        """Raises ValidationException, naming the field; RecursionError and UnicodeDecodeError are left to the table of
        errors."""
        field = self.route_handler.parsed_data_field
        try:
            return msgspec.json.decode(await self.body() or b"null", type=field.annotation if field else Any)
        except msgspec.DecodeError as error:
            message, _, place = str(error).partition(" - at `$")
            raise ValidationException(extra=[{"key": place.strip(".`") or "body", "message": message}]) from error
