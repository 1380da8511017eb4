"""Unit tests reach nothing outside their process."""

import socket
from typing import Any, NoReturn

import pytest


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every address but a Unix socket's: asyncio wakes its own loop through a pair of those."""

    def refused(name: str) -> Any:
        real = getattr(socket.socket, name)

        def call(self: socket.socket, *arguments: Any) -> Any:
            if self.family != socket.AF_UNIX:
                _refuse(*arguments)
            return real(self, *arguments)

        return call

    for name in ("connect", "connect_ex", "bind", "sendto"):
        monkeypatch.setattr(socket.socket, name, refused(name))
    monkeypatch.setattr(socket, "getaddrinfo", _refuse)


def _refuse(*arguments: Any, **_: Any) -> NoReturn:
    raise RuntimeError(f"a unit test reached for the network: {arguments}")
