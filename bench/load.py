"""A closed loop over keep-alive connections: each sends the next request as soon as it has its answer."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import cast

import uvloop

from bench.process import cpu_seconds

_LONGEST_ANSWER_SECONDS = 30
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Load:
    """What was seen."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    """In seconds, one per answer with status 200."""
    cpu_seconds: float = 0.0
    """Of the process that answered, whatever it did meanwhile."""

    def __add__(self, other: "Load") -> "Load":
        return Load(
            self.seconds + other.seconds, self.latencies + other.latencies, self.cpu_seconds + other.cpu_seconds
        )

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    @property
    def cpu_microseconds(self) -> float:
        """Per answer: depends less on what else the machine does than the rate."""
        return self.cpu_seconds / len(self.latencies) * 1e6

    def percentile(self, percent: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000


@dataclass(frozen=True, slots=True)
class Target:
    port: int
    process: int
    path: str
    headers: Sequence[str]
    bodies: Sequence[bytes] = ()
    """The first caller posts the first one again and again, and so on in turn. Without any, all of them GET."""

    def requests(self) -> list[bytes]:
        lines = [f"Host: localhost:{self.port}", *self.headers]
        if not self.bodies:
            return ["\r\n".join([f"GET {self.path} HTTP/1.1", *lines, "", ""]).encode()]
        lines.insert(0, f"POST {self.path} HTTP/1.1")
        return ["\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body for body in self.bodies]


def run(target: Target, *, connections: int, seconds: float) -> Load:
    """Raises RuntimeError when an answer is not 200."""
    return run_together((target, connections), seconds=seconds)[0]


def run_together(*loads: tuple[Target, int], seconds: float) -> list[Load]:
    """Each target with its number of connections, all at the same time. Raises RuntimeError as ``run`` does."""
    return uvloop.run(_run_together(loads, time.monotonic() + seconds))


async def _run_together(loads: Sequence[tuple[Target, int]], end: float) -> list[Load]:
    return await asyncio.gather(*(_run(target, connections, end) for target, connections in loads))


async def _run(target: Target, connections: int, end: float) -> Load:
    loop = asyncio.get_running_loop()
    begun, used = time.monotonic(), cpu_seconds(target.process)
    callers = [_Caller(request, end) for request in islice(cycle(target.requests()), connections)]
    for caller in callers:
        await loop.create_connection(lambda caller=caller: caller, "127.0.0.1", target.port)  # type: ignore[misc]
    async with asyncio.timeout(end - begun + _LONGEST_ANSWER_SECONDS):
        await asyncio.gather(*(caller.ended for caller in callers))
    latencies = [latency for caller in callers for latency in caller.latencies]
    # Until the last answer, for that one counts too.
    return Load(time.monotonic() - begun, latencies, cpu_seconds(target.process) - used)


class _Caller(asyncio.Protocol):
    def __init__(self, request: bytes, end: float) -> None:
        self._request, self._end = request, end
        self._answer = b""
        self._transport: asyncio.Transport
        self.latencies: list[float] = []
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found or length is None or len(body) < int(length[1]):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self._fail(head)
            return
        now = time.monotonic()
        self.latencies.append(now - self._sent)
        if now < self._end:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            if time.monotonic() < self._end:
                self.ended.set_exception(RuntimeError(f"the connection was closed: {exc}"))
            else:
                self.ended.set_result(None)

    def _send(self) -> None:
        self._answer, self._sent = b"", time.monotonic()
        self._transport.write(self._request)

    def _fail(self, head: bytes) -> None:
        self.ended.set_exception(RuntimeError(head.decode(errors="replace")))
        self._transport.close()
