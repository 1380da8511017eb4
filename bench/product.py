"""The embedded profile as a person runs it, beside a sandbox, each a process of its own; driven by HTTP alone."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from bench.load import Target
from tests.services.process import await_ready, end, free_port, listening, start

COMMAND = str(Path(sys.executable).with_name("vectorshift"))
SECRET = "a-secret-of-the-benchmark-long-enough-for-HS256"
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Product:
    port: int
    process: int
    sandbox: str
    """Address."""
    folder: Path
    http: httpx.Client

    def call(self, method: str, path: str, **given: Any) -> Any:
        """The JSON of an answer that must be a success."""
        answer = self.http.request(method, path, **given)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def sign_in(self) -> str:
        """A new person; returns the access token, which all later calls carry."""
        person = self.register("bench@example.org")
        token: str = self.call("POST", "/auth/token", json=person)["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        return token

    def register(self, email: str) -> dict[str, str]:
        """A new person; returns what logs in."""
        person = {"email": email, "password": PASSWORD}
        self.call("POST", "/auth/register", json=person)
        return person

    def me(self) -> Target:
        """A new person asks who is asking."""
        return Target(self.port, self.process, "/auth/me", [f"Authorization: Bearer {self.sign_in()}"])

    def logins(self, people: int) -> Target:
        """So many new people, one per caller, log in again and again."""
        bodies = [json.dumps(self.register(f"person{number}@example.org")).encode() for number in range(people)]
        return Target(self.port, self.process, "/auth/token", ["Content-Type: application/json"], bodies)

    def connect(self) -> None:
        """The account ``acme``; its first sync begins by itself."""
        url = self.call("POST", "/integrations/hubspot/authorize")["url"]
        consent = httpx.post(url, data={"decision": "approve", "account": "acme"})
        callback = self.http.get(consent.headers["location"])
        assert callback.status_code == 200, callback.text

    def run(self) -> dict[str, Any]:
        """The newest run."""
        run: dict[str, Any] | None = self.call("GET", "/integrations/hubspot/status")["run"]
        assert run is not None, "there is no run"
        return run

    def await_run(self, *, seconds: float) -> dict[str, Any]:
        """The newest run when it has ended."""
        deadline = time.monotonic() + seconds
        while (run := self.run())["ended_at"] is None:
            assert time.monotonic() < deadline, run
            time.sleep(0.2)
        assert run["status"] == "succeeded", run
        return run


@contextmanager
def running(*, contacts: int) -> Iterator[Product]:
    """Fresh, with an empty SQLite file; the provider's rate limits are off, our own out of reach."""
    with TemporaryDirectory(prefix="vectorshift-bench-") as name:
        folder = Path(name)
        with (
            _sandbox(folder, contacts) as sandbox,
            _serving(folder, sandbox) as (port, process),
            httpx.Client(base_url=f"http://localhost:{port}", timeout=60) as http,
        ):
            yield Product(port, process.pid, sandbox, folder, http)


@contextmanager
def _sandbox(folder: Path, contacts: int) -> Iterator[str]:
    port = free_port()
    command = [COMMAND, "sandbox", "--port", str(port), "--contacts", str(contacts)]
    with serving(command, port, folder, {}):
        address = f"http://127.0.0.1:{port}"
        knobs = {"limits": False, "records": {"company": 0, "deal": 0}}
        httpx.patch(f"{address}/_control/hubspot", json=knobs).raise_for_status()
        yield address


@contextmanager
def _serving(folder: Path, sandbox: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    port = free_port()
    settings = {"PORT": str(port), "SANDBOX_URL": sandbox, "JWT_KEYS": f"bench:{SECRET}"}
    settings["RATE_LIMIT_SCALE"] = "1000000"
    with serving([COMMAND, "serve"], port, folder, settings) as process:
        yield port, process


@contextmanager
def serving(
    command: list[str], port: int, folder: Path, settings: dict[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that listens on ``port`` while the block lasts; of our environment it sees PATH alone."""
    log = folder / f"{port}.log"
    environment = ["/usr/bin/env", "-i", f"PATH={os.environ['PATH']}", *(f"{k}={v}" for k, v in settings.items())]
    process = start([*environment, *command], folder=folder, log=log)
    try:
        await_ready(process, lambda: listening("127.0.0.1", port), seconds=60, log=log)
        yield process
    finally:
        end(process)
