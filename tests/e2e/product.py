"""The real product as a person starts it: the console script in an empty folder, each process on a free port."""

import itertools
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from uuid import uuid4

import httpx

from tests.e2e.sandbox_server import Sandbox
from tests.services.process import Guard, await_ready, end, free_port, listening
from tests.services.redis import RedisServer
from tests.services.redis import running as redis_running

Profile = Literal["embedded", "sqlite-redis", "cassandra-redis"]

COMMAND = Path(sys.executable).with_name("vectorshift")
SQLITE = "sqlite:///var/vectorshift.db"
READY_SECONDS = 60.0


def clean_environment(home: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """What a process is told, and nothing of what the person who runs the tests has exported."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **settings}


class Process:
    """One ``vectorshift`` command; what it writes goes to a file."""

    def __init__(self, name: str, home: Path, *arguments: str) -> None:
        self.name, self.home = name, home
        self.log = home.parent / f"{home.name}-{name}.log"
        self.settings: dict[str, str] = {}
        self._arguments = arguments
        self._running: tuple[subprocess.Popen[bytes], Guard] | None = None

    def start(self, settings: Mapping[str, str]) -> None:
        self.settings = dict(settings)
        with self.log.open("ab") as out:
            process = subprocess.Popen(
                [str(COMMAND), *self._arguments],
                cwd=self.home,
                env=clean_environment(self.home, settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self._running = process, Guard(process, self.home)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._running is not None, f"{self.name} does not run"
        return self._running[0]

    @property
    def runs(self) -> bool:
        return self._running is not None and self._running[0].poll() is None

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """As a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; the exit code."""
        return self._end(signal.SIGTERM)

    def ended(self, seconds: float) -> int:
        """The exit code of a process that ends by itself. Raises TimeoutExpired."""
        self.process.wait(seconds)
        return self._end(signal.SIGKILL)

    def output(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _end(self, how: signal.Signals) -> int:
        if self._running is None:
            return 0
        (process, guard), self._running = self._running, None
        end(process, how, seconds=20)
        guard.dismiss()
        return process.returncode


@dataclass(slots=True)
class Product:
    """The processes of one profile over one storage. All but ``sandbox`` may be ended and started again."""

    profile: Profile
    home: Path
    settings: dict[str, str]
    ports: tuple[int, ...]
    """Of the API processes; the first is the port of ``PUBLIC_URL``."""
    sandbox: Sandbox
    redis: RedisServer | None
    apis: tuple[Process, ...]
    worker: Process | None
    """None where the API works by itself."""
    beside: Process | None
    """The sandbox's process; None where ``serve --sandbox`` runs it."""
    _turn: Iterator[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._turn = itertools.cycle(self.urls)

    @property
    def public_url(self) -> str:
        return f"http://localhost:{self.ports[0]}"

    @property
    def urls(self) -> list[str]:
        """Each API process by its own address."""
        return [f"http://localhost:{port}" for port in self.ports]

    @property
    def processes(self) -> list[Process]:
        return [one for one in (self.beside, *self.apis, self.worker) if one is not None]

    @property
    def working(self) -> Process:
        """The process that does the syncs."""
        return self.worker or self.apis[0]

    @property
    def storage_url(self) -> str:
        """As it must be named outside of the product's folder."""
        return self.settings["STORAGE_URL"].replace("sqlite:///", f"sqlite:///{self.home}/")

    def next_url(self) -> str:
        """The address of an API process, each time the next one's."""
        return next(self._turn)

    def start(self, **settings: str) -> None:
        """Start what does not run, with ``settings`` on top of the product's own, and wait until it answers."""
        if self.beside and not self.beside.runs:
            self.beside.start(self.settings)
        for process, port in zip(self.apis, self.ports, strict=True):
            if not process.runs:
                process.start(self._settings(port, settings))
        if self.worker and not self.worker.runs:
            self.worker.start(self._settings(self.ports[0], settings))
        self.await_ready()

    def restore(self) -> None:
        """All processes as they were started first, whatever has become of them."""
        for process, port in zip(self.apis, self.ports, strict=True):
            if process.settings != self._settings(port, {}):
                process.stop()
        if self.worker and self.worker.settings != self._settings(self.ports[0], {}):
            self.worker.stop()
        self.start()

    def start_one(self, process: Process, **settings: str) -> None:
        """Start this process alone, and wait for nothing."""
        port = dict(zip(self.apis, self.ports, strict=True)).get(process, self.ports[0])
        process.start(self._settings(port, settings))

    def another_worker(self, name: str) -> Process:
        """One more, not yet started."""
        return Process(name, self.home, "worker")

    def await_ready(self) -> None:
        if self.beside:
            port = int(self.settings["SANDBOX_PORT"])
            answers = partial(listening, "127.0.0.1", port)
            await_ready(self.beside.process, answers, seconds=READY_SECONDS, log=self.beside.log)
        for process, url in zip(self.apis, self.urls, strict=True):
            await_ready(process.process, partial(_ready, url), seconds=READY_SECONDS, log=process.log)

    def stop_apis(self) -> None:
        for process in self.apis:
            process.stop()

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.stop()

    def _settings(self, port: int, more: Mapping[str, str]) -> dict[str, str]:
        return {**self.settings, "PORT": str(port), **more}


def _ready(url: str) -> bool:
    """Serves, and some worker is seen."""
    try:
        answer = httpx.get(f"{url}/ready", timeout=5)
    except httpx.TransportError:
        return False
    return answer.status_code == 200 and answer.json()["checks"]["worker"] == "ok"


class Products:
    """Starts a product of one profile, and ends it at its own end."""

    def __init__(self, profile: Profile, folder: Path, cassandra_url: str | None = None) -> None:
        self.profile, self._folder, self._cassandra_url = profile, folder, cassandra_url
        self._until_end = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._until_end.close()

    def start(self, *, contacts: int = 1000, sandbox_inside: bool = False, **settings: str) -> Product:
        """A product that answers, in a folder, on a database and with a Redis of its own."""
        home = self._folder / "home"
        home.mkdir()
        alone = self.profile == "embedded"
        ports = (free_port(),) if alone else (free_port(), free_port())
        sandbox_port = free_port()
        sandbox_url = f"http://127.0.0.1:{sandbox_port}"
        redis = None if alone else self._until_end.enter_context(redis_running())
        storage_url = f"{self._cassandra_url}/vs_e2e_{uuid4().hex[:8]}" if self._cassandra_url else SQLITE
        public_url = f"http://localhost:{ports[0]}"
        # All tests call from one address: only those about limits want them as they are.
        given = {"STORAGE_URL": storage_url, "PUBLIC_URL": public_url, "RATE_LIMIT_SCALE": "1000", **settings}
        given |= {"CACHE_URL": redis.url} if redis else {}
        given |= {"SANDBOX_PORT": str(sandbox_port)} | ({} if sandbox_inside else {"SANDBOX_URL": sandbox_url})
        serve = ("serve", "--sandbox") if sandbox_inside else ("serve",)
        state_file = ("--state-file", "var/sandbox.json", "--contacts", str(contacts))
        product = Product(
            profile=self.profile,
            home=home,
            settings=given,
            ports=ports,
            sandbox=Sandbox(sandbox_url, self._until_end.enter_context(httpx.Client(timeout=10))),
            redis=redis,
            apis=tuple(Process(f"api{number}", home, *serve) for number, _ in enumerate(ports, 1)),
            worker=None if alone else Process("worker", home, "worker"),
            beside=None if sandbox_inside else Process("sandbox", home, "sandbox", *state_file),
        )
        self._until_end.callback(product.stop)
        if self._cassandra_url:
            run("init-db", home=home, settings=given)
        product.start()
        return product


def run(*arguments: str, home: Path, settings: Mapping[str, str], seconds: float = 180) -> str:
    """What a command that must succeed prints."""
    ended = attempt(*arguments, home=home, settings=settings, seconds=seconds)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def attempt(
    *arguments: str, home: Path, settings: Mapping[str, str], seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """A command to its end. Raises TimeoutExpired."""
    return subprocess.run(
        [str(COMMAND), *arguments],
        cwd=home,
        env=clean_environment(home, settings),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


@contextmanager
def occupied_port() -> Iterator[int]:
    """A port of 127.0.0.1 that somebody else listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield listening.getsockname()[1]
