"""A closed loop over keep-alive connections: each sends the next request as soon as it has its answer."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

_WARM_UP_SECONDS = 0.3
_LONGEST_ANSWER_SECONDS = 30
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Load:
    """What was seen, warm-up left out."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    """In seconds, one per answer with status 200."""

    def __iadd__(self, other: "Load") -> "Load":
        self.seconds += other.seconds
        self.latencies += other.latencies
        return self

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000


def run(port: int, path: str, headers: Sequence[str], *, connections: int, seconds: float) -> Load:
    """Raises RuntimeError when an answer is not 200."""
    request = "\r\n".join([f"GET {path} HTTP/1.1", f"Host: localhost:{port}", *headers, "", ""]).encode()
    return uvloop.run(_run(port, request, connections, seconds))


async def _run(port: int, request: bytes, connections: int, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    begin = loop.time() + _WARM_UP_SECONDS
    callers = [_Caller(request, begin, begin + seconds) for _ in range(connections)]
    for caller in callers:
        await loop.create_connection(lambda caller=caller: caller, "127.0.0.1", port)  # type: ignore[misc]
    async with asyncio.timeout(_WARM_UP_SECONDS + seconds + _LONGEST_ANSWER_SECONDS):
        await asyncio.gather(*(caller.ended for caller in callers))
    return Load(seconds, [latency for caller in callers for latency in caller.latencies])


class _Caller(asyncio.Protocol):
    def __init__(self, request: bytes, begin: float, end: float) -> None:
        self._request, self._begin, self._end = request, begin, end
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
        if self._begin <= self._sent and now < self._end:
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
