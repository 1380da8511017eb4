"""A real Apache Cassandra on loopback without a container engine: its jars from Maven Central, run by a JDK 17.

The tests call ``running``. By hand, for a server that stays:

    python -m tests.services.cassandra start [--nodes 3] [--port 9042]    prints the storage address
    python -m tests.services.cassandra status                             address and process id of what runs
    python -m tests.services.cassandra stop                               SIGTERM to all nodes
    python -m tests.services.cassandra kill --node 2                      SIGKILL to one
"""

import argparse
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services import Unavailable, cassandra_files
from tests.services.process import Guard, await_ready, end, free_port, listening, start

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vectorshift"
HEAP = "768M"
BOOT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Node:
    """One node: the first has number 1 and address 127.0.0.1, the others of its cluster follow."""

    number: int
    home: Path
    port: int
    storage_port: int

    @property
    def address(self) -> str:
        return f"127.0.0.{self.number}"

    def start(self, heap: str) -> subprocess.Popen[bytes]:
        """Launch it; ``await_node`` says when it answers. Raises Unavailable without java 17 or the jars."""
        _require_java()
        jars = _jars()
        cassandra_files.write(self.home, address=self.address, port=self.port, storage_port=self.storage_port)
        command = cassandra_files.command(self.home, jars, heap=heap, first=self.number == 1)
        return start(command, folder=self.home, log=self.home / "stdout.log")

    def await_answers(self, process: subprocess.Popen[bytes]) -> None:
        await_ready(
            process,
            lambda: listening(self.address, self.port),
            seconds=BOOT_SECONDS,
            log=self.home / "system.log",
        )


@contextmanager
def running(heap: str = HEAP) -> Iterator[str]:
    """The address ``cassandra://127.0.0.1:PORT`` of a fresh single node, for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="vectorshift-cassandra-", ignore_cleanup_errors=True) as folder:
        node = Node(1, Path(folder), free_port(), free_port())
        process = node.start(heap)
        guard = Guard(process, node.home)
        try:
            node.await_answers(process)
            yield f"cassandra://{node.address}:{node.port}"
        finally:
            end(process, signal.SIGKILL)  # its data goes with the folder: nothing to flush
            guard.dismiss()


def _require_java() -> None:
    remedy = "apt-get install openjdk-17-jre-headless"
    if shutil.which("java") is None:
        raise Unavailable(f"no java: {remedy}")
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    if not re.search(r'version "17[.\d]*"', told):
        raise Unavailable(f"Cassandra 5 runs on Java 17, not on {told.splitlines()[:1]}: {remedy}")


def _jars() -> Path:
    """The folder of Cassandra's jars, filled on the first call by Maven (30 to 60 s)."""
    folder = CACHE / f"cassandra-{cassandra_files.VERSION}-jars"
    folder.mkdir(parents=True, exist_ok=True)
    complete = folder / ".complete"
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test runs that start together download once
        if not complete.exists():
            _download(folder)
            complete.touch()
    return folder


def _download(folder: Path) -> None:
    if shutil.which("mvn") is None:
        raise Unavailable("no Maven to fetch Cassandra with: apt-get install maven")
    pom = folder / "pom.xml"
    pom.write_text(cassandra_files.POM)
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}", "-DincludeScope=runtime"]
    done = subprocess.run(["mvn", "-q", "-B", "-f", pom, *goal], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"Maven could not fetch Cassandra {cassandra_files.VERSION}:\n{done.stdout[-2000:]}")


def _start(base: Path, options: argparse.Namespace) -> None:
    alive = _alive(base)
    for number in range(1, options.nodes + 1):
        if number in alive:
            continue
        node = Node(number, base / f"node{number}", options.port, options.storage_port)
        process = node.start(options.heap)
        endpoint = {"pid": process.pid, "address": node.address, "port": node.port}
        (node.home / "endpoint.json").write_text(json.dumps(endpoint))
        node.await_answers(process)  # nodes join one after the other
    print("cassandra://" + ",".join(f"{node['address']}:{node['port']}" for node in _alive(base).values()))


def _alive(base: Path) -> dict[int, dict[str, str]]:
    """Number -> endpoint of the nodes of this folder that run."""
    found = {}
    for file in sorted(base.glob("node*/endpoint.json")):
        endpoint = json.loads(file.read_text())
        try:
            command = Path(f"/proc/{endpoint['pid']}/cmdline").read_bytes()
        except OSError:
            continue
        if str(file.parent).encode() in command:  # else another process was given that id since
            found[int(file.parent.name.removeprefix("node"))] = endpoint
    return found


def _end(base: Path, numbers: set[int], how: signal.Signals) -> None:
    for number, endpoint in _alive(base).items():
        if number in numbers:
            os.kill(int(endpoint["pid"]), how)
    deadline = time.monotonic() + 60
    while numbers & _alive(base).keys():
        if time.monotonic() > deadline:
            sys.exit(f"still running: {_alive(base)}")
        time.sleep(0.25)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["start", "status", "stop", "kill"])
    parser.add_argument(
        "--dir", type=Path, default=CACHE / "cassandra", help="where its data goes (default: %(default)s)"
    )
    parser.add_argument("--nodes", type=int, default=1, help="on 127.0.0.1, 127.0.0.2, ... (default: 1)")
    parser.add_argument("--node", type=int, help="which one to kill")
    parser.add_argument("--port", type=int, default=9042)
    parser.add_argument("--storage-port", type=int, default=7000)
    parser.add_argument("--heap", default=HEAP, help="of each node, at least 512M (default: %(default)s)")
    options = parser.parse_args()
    base: Path = options.dir.resolve()
    match options.command:
        case "start":
            try:
                _start(base, options)
            except (Unavailable, RuntimeError) as error:
                sys.exit(str(error))
        case "status":
            for endpoint in _alive(base).values():
                print(f"{endpoint['address']}:{endpoint['port']}", endpoint["pid"])
        case "stop":
            _end(base, set(_alive(base)), signal.SIGTERM)
        case "kill":
            if options.node is None:
                parser.error("kill needs --node")
            _end(base, {options.node}, signal.SIGKILL)


if __name__ == "__main__":
    main()
