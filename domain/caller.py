"""Whoever is at the other end of a request, as far as the connection tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    address: str
    """IP address, of the client itself where a trusted proxy stands before us."""
    network: str
    """What is one client's: the address, of IPv6 the /64 around it."""
    device: str
    """What the browser calls itself."""
    request_id: str
