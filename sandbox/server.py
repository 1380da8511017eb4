"""The sandbox as a process of its own."""

import os
import signal
import socket
import sys
import threading
import time

import uvicorn

from sandbox.app import create_app
from sandbox.core.broken_connection import TransportInScope
from sandbox.core.state_file import StateFileUnreadable
from sandbox.settings import SandboxSettings

HOST = "127.0.0.1"
SHUTDOWN_S = 1
HANDOVER_S = 5
"""How long a sandbox whose parent was killed may take to notice and to leave its port to the next."""
IDLE_S = 75
"""Longer than clients keep a connection that nobody uses: both closing at once would lose a request."""
STDIN = 0


def run(settings: SandboxSettings) -> None:
    """Serve until SIGTERM, SIGINT or, where that is asked for, the end of standard input. The process exits with 0.
    One line on standard output says that it is up."""
    # uvicorn takes the signals over, shuts down in order, and raises them again here.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        # The port first: whoever had it before has then written the state file for the last time.
        listening = _listen(settings.port, patience=HANDOVER_S if settings.exit_with_stdin else 0)
        server = make_server(settings)
    except OSError as error:
        sys.exit(f"The sandbox cannot listen on {HOST}:{settings.port} ({error.strerror}).")
    except StateFileUnreadable as error:
        sys.exit(str(error))
    if settings.exit_with_stdin:
        threading.Thread(target=_exit_with_stdin, args=(server,), daemon=True).start()
    print(f"Sandbox: http://{HOST}:{settings.port}/", flush=True)
    # The server gets a copy: the port is left when all is written, not already when nothing more is taken.
    with listening:
        server.run(sockets=[listening.dup()])


def _listen(port: int, patience: float) -> socket.socket:
    """Raises OSError when the port is still taken after ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while True:
        # The protocol is named because asyncio turns Nagle's algorithm off only where it is.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
            listening.listen()
        except OSError:
            listening.close()
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.05)
        else:
            return listening


def make_server(settings: SandboxSettings) -> uvicorn.Server:
    """Raises StateFileUnreadable."""
    config = uvicorn.Config(
        create_app(settings),
        host=HOST,
        port=settings.port,
        loop="asyncio",
        http=TransportInScope,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    return uvicorn.Server(config)


def _exit_with_stdin(server: uvicorn.Server) -> None:
    # os.read, not sys.stdin: a daemon thread inside a buffered reader crashes the interpreter at its end.
    while os.read(STDIN, 1024):
        pass
    server.should_exit = True
