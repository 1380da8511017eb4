"""The API as a process."""

import asyncio
import gc
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from select import select
from typing import IO

import uvicorn

from bootstrap.environment import SettingsRefused
from bootstrap.http import api
from bootstrap.settings import Settings

_GRACE_SECONDS = 10
_IDLE_SECONDS = 75
"""Longer than proxies keep a connection that nobody uses (nginx and the load balancers of clouds: 60 s): a server that
closes it first may do so just when the next request has been sent."""
_SANDBOX_START_SECONDS = 20


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, greeting: str, neighbour: Callable[[], None]) -> None:
        super().__init__(config)
        self._greeting, self._neighbour = greeting, neighbour
        self.failures: list[Exception] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # Before anything is answered: who is sent on to the neighbour should find it there.
        try:
            await asyncio.to_thread(self._neighbour)
        except SettingsRefused as refusal:
            self.failures.append(refusal)
            self.should_exit = True
        if self.should_exit:
            return
        await super().startup(sockets)
        if self.started:
            # What is there now stays: the collector need not look at it again in the middle of a request.
            gc.collect()
            gc.freeze()
            print(self._greeting, flush=True)


def serve(settings: Settings, neighbour: Callable[[], None] = lambda: None) -> None:
    """Until SIGTERM or SIGINT. ``neighbour`` returns when what was started beside it is up. Raises SettingsRefused,
    StorageRefused, Unavailable when it cannot start."""
    # uvicorn shuts down in order, and then raises the signal again, which would end us with another code than 0.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    listening = _listen(settings.host, settings.port)
    app, _, failures = api(settings)
    config = uvicorn.Config(
        app,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=_IDLE_SECONDS,
        lifespan="on",
        # Who we trust to name a client is ours to say, not uvicorn's default.
        proxy_headers=False,
    )
    server = _Server(config, _greeting(settings), neighbour)
    try:
        with listening:
            server.run(sockets=[listening])
    except SystemExit as end:
        # uvicorn ends the process when the lifespan fails; why it failed is what a person should read.
        if failures:
            raise failures[0] from end
        raise
    if server.failures:
        raise server.failures[0]


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's algorithm off only where it is.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SettingsRefused(f"cannot listen on {host}:{port} ({error.strerror}); set PORT to another one.") from error
    return listening


def _greeting(settings: Settings) -> str:
    lines = [f"\nVectorShift: {settings.public_url}/app/"]
    if settings.sandbox_url:
        played = ", ".join(sorted(slug for slug, one in settings.providers.items() if one.base_url))
        lines.append(f"Sandbox:     {settings.sandbox_url}/ plays {played or 'nobody'}: no account needed")
        lines.append("Next:        open the first address, register with any e-mail address, connect an account.")
    return "\n".join([*lines, "Stop:        Ctrl-C\n"])


@contextmanager
def sandbox_beside(port: int, state_file: Path) -> Generator[Callable[[], None]]:
    """A sandbox in a process of its own that ends with this one, however this one ends. Yields what waits for it."""
    command = [sys.executable, "-m", "bootstrap.cli", "sandbox", "--port", str(port), "--state-file", str(state_file)]
    command.append("--exit-with-stdin")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own
    try:
        yield partial(_wait_for, process.stdout, port)
    finally:
        # Closes its standard input, and waits.
        process.communicate(timeout=_GRACE_SECONDS)


def _wait_for(output: IO[bytes] | None, port: int) -> None:
    """What listens on the port may be somebody else; the line that the sandbox prints when it is up is its own."""
    if output is None or not select([output], [], [], _SANDBOX_START_SECONDS)[0] or not output.readline():
        raise SettingsRefused(f"the sandbox did not start on port {port}; set SANDBOX_PORT to a free one.")
