"""How much of a listing is asked for."""

from typing import Annotated, Any

from litestar import Request
from litestar.params import QueryParameter

from domain.errors import InvalidInput

PageLimit = Annotated[int, QueryParameter(ge=1, le=1000)]


def check_limit(request: Request[Any, Any, Any]) -> None:
    """Raises InvalidInput: read generously, "1e3" would pass for a whole number."""
    if not request.query_params.get("limit", "1").isdecimal():
        raise InvalidInput("limit", "Expected a whole number.")
