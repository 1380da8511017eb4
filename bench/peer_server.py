"""bench.peer as a process, in the virtual environment that `make bench` makes for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import httpx

from bench.load import Target
from bench.product import PASSWORD, serving
from tests.services.process import free_port

_REPOSITORY = Path(__file__).parents[1]
_PYTHON = str(_REPOSITORY / ".venv-bench/bin/python")
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Peer:
    port: int
    process: int

    def me(self) -> Target:
        """A new person asks who is asking."""
        answer = self._post("/auth/login", content=self._register("bench@example.org"), headers={"Content-Type": _FORM})
        token = answer.json()["access_token"]
        return Target(self.port, self.process, "/users/me", [f"Authorization: Bearer {token}"])

    def logins(self, people: int) -> Target:
        """So many new people, one per caller, log in again and again."""
        forms = [self._register(f"person{number}@example.org") for number in range(people)]
        return Target(self.port, self.process, "/auth/login", [f"Content-Type: {_FORM}"], forms)

    def _register(self, email: str) -> bytes:
        """Returns what logs in."""
        self._post("/auth/register", json={"email": email, "password": PASSWORD})
        return urlencode({"username": email, "password": PASSWORD}).encode()

    def _post(self, path: str, **given: Any) -> httpx.Response:
        return httpx.post(f"http://127.0.0.1:{self.port}{path}", **given).raise_for_status()


@contextmanager
def peer(strategy: str) -> Iterator[Peer]:
    """Fresh, with an empty SQLite file; ``strategy`` is one that bench.peer names."""
    port = free_port()
    command = [_PYTHON, "-m", "bench.peer", str(port), strategy]
    with (
        TemporaryDirectory(prefix="vectorshift-bench-") as folder,
        serving(command, port, Path(folder), {"PYTHONPATH": str(_REPOSITORY)}) as process,
    ):
        yield Peer(port, process.pid)
