"""The rule for calls that act by a cookie: a browser must say that one of our own pages made them."""

from typing import Any

from litestar import Request

from domain.errors import Refused


class CrossOrigin(Refused):
    """The caller did not show one of our origins (`Origin`, RFC 6454). Belongs to the edge, not to the domain."""

    code = "cross_origin"


def require_own_origin(request: Request[Any, Any, Any]) -> None:
    """Raises CrossOrigin. A foreign origin was refused before; what is left to refuse is none at all."""
    if not request.headers.get("origin"):
        raise CrossOrigin
