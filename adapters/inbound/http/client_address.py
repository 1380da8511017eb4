"""Whose call it is, as far as the network tells: what limits count by and security events show.

``X-Forwarded-For`` alone is read, and only where a trusted proxy has written it. ``X-Real-IP``, ``Forwarded``,
``True-Client-IP`` and their like are never read: a proxy that does not set them passes on what a stranger wrote there.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

UNKNOWN = "unknown"
"""No address: a Unix socket, or a client that is no other process."""

_MOST_HOPS = 50
_LONGEST = 64
_GROUP_BITS = 64
"""What one household or one server is given of IPv6: whoever has one address of it has them all."""
_WITH_PORT = re.compile(r"\[([^\[\]]*)\](?::[0-9]{1,5})?|([0-9.]*):[0-9]{1,5}")


def client_address(
    peer: str | None, forwarded_for: Sequence[bytes], trusted: Sequence[IPv4Network | IPv6Network]
) -> str:
    """The address of ``peer``, the other end of the connection; if that is trusted, the last one in ``forwarded_for``
    (the values of all X-Forwarded-For headers) that is not.

    Each proxy appends whom it was asked by, so they are read from the right, and no further than they can be believed:
    at what is no address, and after 50 trusted ones, the last that was read is the answer. IPv4 in IPv6 comes as IPv4;
    zones and ports are left out; UNKNOWN when the peer has no address.
    """
    believed = _address(peer or "")
    if believed is None:
        return UNKNOWN
    hops = b",".join(forwarded_for).rsplit(b",", _MOST_HOPS)[-_MOST_HOPS:]
    while hops and any(believed in network for network in trusted):
        hop = _hop(hops.pop())
        if hop is None:
            break
        believed = hop
    return str(believed)


def limit_key(address: str) -> str:
    """What calls from ``address`` are counted under: IPv6 by its network of 64 bits; UNKNOWN when it is none."""
    found = _address(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((int(found), _GROUP_BITS), strict=False))
    return str(found) if found else UNKNOWN


def _hop(written: bytes) -> IPv4Address | IPv6Address | None:
    if len(written) > _LONGEST or not written.isascii():
        return None
    text = written.decode().strip(" \t")
    with_port = _WITH_PORT.fullmatch(text)
    return _address(with_port[1] or with_port[2] or "" if with_port else text)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    if len(text) > _LONGEST:
        return None
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
