"""The network is out of reach of unit tests, and asyncio is not."""

import asyncio
import socket

import pytest


def test_connecting_is_refused() -> None:
    with socket.socket() as client, pytest.raises(RuntimeError, match="reached for the network"):
        client.connect(("127.0.0.1", 9))


def test_listening_is_refused() -> None:
    with socket.socket() as server, pytest.raises(RuntimeError, match="reached for the network"):
        server.bind(("127.0.0.1", 0))


async def test_an_asyncio_client_is_refused() -> None:
    with pytest.raises(RuntimeError, match="reached for the network"):
        await asyncio.open_connection("localhost", 9)


async def test_threads_still_wake_the_event_loop() -> None:
    assert await asyncio.to_thread(lambda: "awake") == "awake"
