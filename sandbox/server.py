"""The sandbox as a process of its own."""

import os
import signal
import sys
import threading

import uvicorn

from sandbox.app import create_app
from sandbox.core.broken_connection import TransportInScope
from sandbox.core.state_file import StateFileUnreadable
from sandbox.settings import SandboxSettings

SHUTDOWN_S = 1
STDIN = 0


def run(settings: SandboxSettings) -> None:
    """Serve until SIGTERM, SIGINT or, where that is asked for, the end of standard input. The process exits with 0."""
    try:
        server = make_server(settings)
    except StateFileUnreadable as error:
        sys.exit(str(error))
    # uvicorn takes the signals over, shuts down in order, and raises them again here.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    if settings.exit_with_stdin:
        threading.Thread(target=_exit_with_stdin, args=(server,), daemon=True).start()
    server.run()


def make_server(settings: SandboxSettings) -> uvicorn.Server:
    """Raises StateFileUnreadable."""
    config = uvicorn.Config(
        create_app(settings),
        host="127.0.0.1",
        port=settings.port,
        loop="asyncio",
        http=TransportInScope,
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    return uvicorn.Server(config)


def _exit_with_stdin(server: uvicorn.Server) -> None:
    # os.read, not sys.stdin: a daemon thread inside a buffered reader crashes the interpreter at its end.
    while os.read(STDIN, 1024):
        pass
    server.should_exit = True
