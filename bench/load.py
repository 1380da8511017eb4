"""A closed loop over keep-alive connections: each sends the next request as soon as it has its answer."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
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
    """Of the process that answered."""

    def __iadd__(self, other: "Load") -> "Load":
        self.seconds += other.seconds
        self.latencies += other.latencies
        self.cpu_seconds += other.cpu_seconds
        return self

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


def run(target: Target, *, connections: int, seconds: float) -> Load:
    """Raises RuntimeError when an answer is not 200."""
    lines = [f"GET {target.path} HTTP/1.1", f"Host: localhost:{target.port}", *target.headers, "", ""]
    before = cpu_seconds(target.process)
    latencies = uvloop.run(_run(target.port, "\r\n".join(lines).encode(), connections, seconds))
    return Load(seconds, latencies, cpu_seconds(target.process) - before)


async def _run(port: int, request: bytes, connections: int, seconds: float) -> list[float]:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    callers = [_Caller(request, end) for _ in range(connections)]
    for caller in callers:
        await loop.create_connection(lambda caller=caller: caller, "127.0.0.1", port)  # type: ignore[misc]
    async with asyncio.timeout(seconds + _LONGEST_ANSWER_SECONDS):
        await asyncio.gather(*(caller.ended for caller in callers))
    return [latency for caller in callers for latency in caller.latencies]


class _Caller(asyncio.Protocol):
    def __init__(self, request: bytes, end: float) -> None:
        self._request, self._end = request, end
        self._answer, self._missing = b"", 0
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
