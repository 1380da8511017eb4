"""Starting, awaiting and ending server processes on loopback."""

import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from signal import SIGTERM, Signals

_given_out = set[int]()


def free_port(address: str = "127.0.0.1") -> int:
    """A TCP port that nothing listens on, below the range of outgoing connections (so that none takes it meanwhile);
    never the same twice."""
    while True:
        port = random.randrange(20_000, 32_000)
        if port in _given_out:
            continue
        with socket.socket() as probe:
            try:
                probe.bind((address, port))
            except OSError:
                continue
        _given_out.add(port)
        return port


def listening(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), 0.5).close()
    except OSError:
        return False
    return True


def start(command: Sequence[str], *, folder: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start ``command`` in ``folder``, out of reach of the terminal's Ctrl-C, its output appended to ``log``."""
    with log.open("ab") as out:
        return subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )


def await_ready(process: subprocess.Popen[bytes], ready: Callable[[], bool], *, seconds: float, log: Path) -> None:
    """Return once ``ready``; raises RuntimeError, after ending the process, when it exits or takes longer."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}:\n{_tail(log)}")
        if time.monotonic() > deadline:
            end(process)
            raise RuntimeError(f"{process.args!r} was not ready in {seconds:.0f} s:\n{_tail(log)}")
        time.sleep(0.05)


def end(process: subprocess.Popen[bytes], how: Signals = SIGTERM, *, seconds: float = 60) -> None:
    """Signal the process and wait for its end; one that outlasts ``seconds`` is killed."""
    process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Guard:
    """Ends ``process`` and removes ``folder`` should this Python be killed before ``dismiss``."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        script = Path(__file__).with_name("guard.py")
        self._watcher = subprocess.Popen(
            [sys.executable, "-I", script, str(process.pid), str(folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        self._watcher.kill()
        self._watcher.communicate()


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])
