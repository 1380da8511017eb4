"""Identifiers: opaque text on the wire; those made by ``Entropy.identifier`` are UUIDv7 (RFC 9562 section 5.7)."""

from typing import NewType

UserId = NewType("UserId", str)
SessionId = NewType("SessionId", str)
ConnectionId = NewType("ConnectionId", str)
RunId = NewType("RunId", str)
EffectId = NewType("EffectId", str)
EventId = NewType("EventId", str)

FlowId = NewType("FlowId", str)
"""Names one attempt to connect an account; unlike the state it may be seen by scripts."""

ItemKey = NewType("ItemKey", bytes)
"""16 bytes that place an item within its connection (see ``domain.item.item_key``)."""

ItemId = NewType("ItemId", str)
"""Connection and key in one: 43 characters of base64url."""
