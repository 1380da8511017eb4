"""Answers that never arrive whole: what no ASGI application can do by itself."""

import socket
import struct
from asyncio import Transport

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.core.asgi import Receive, Scope

EXTENSION = "sandbox.transport"


class TransportInScope(HttpToolsProtocol):
    """uvicorn's protocol, handing each request the transport that it came by."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"transport": self.transport}}


async def reset(scope: Scope, receive: Receive) -> None:
    """The client sees ECONNRESET: closing a socket with a linger time of zero sends RST instead of FIN."""
    transport = _transport(scope)
    if transport.is_closing():
        return
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _gone(receive)


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Close after what has been sent so far, in the middle of an answer."""
    _transport(scope).close()
    await _gone(receive)


def _transport(scope: Scope) -> Transport:
    transport: Transport = scope["extensions"][EXTENSION]["transport"]
    return transport


async def _gone(receive: Receive) -> None:
    # Until uvicorn has noticed: an application that returns before that, its answer unfinished, is logged as broken.
    while (await receive())["type"] != "http.disconnect":
        pass
