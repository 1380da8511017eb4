"""Who is at the other end of a request."""

from ipaddress import IPv4Network, IPv6Network
from typing import Any

from litestar import Request
from litestar.types import HTTPScope

from adapters.inbound.http.client_address import client_address, limit_key
from domain.caller import Caller

Networks = tuple[IPv4Network | IPv6Network, ...]


def address_of(scope: HTTPScope, trusted: Networks) -> str:
    """Of the client, as far as ``trusted`` proxies can be believed."""
    peer = scope["client"][0] if scope["client"] else None
    forwarded_for = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return client_address(peer, forwarded_for, trusted)


def caller_of(request: Request[Any, Any, Any]) -> Caller:
    """What ``Security`` has noted in the scope."""
    address = str(request.scope["client_address"])  # type: ignore[typeddict-item]
    return Caller(
        address=address,
        network=limit_key(address),
        device=request.headers.get("user-agent", ""),
        request_id=str(request.scope["request_id"]),  # type: ignore[typeddict-item]
    )
