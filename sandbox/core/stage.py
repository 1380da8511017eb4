"""Around a provider's own application: the log, the latency, the faults."""

import asyncio
from dataclasses import dataclass, field

import msgspec

from sandbox.core import broken_connection
from sandbox.core.asgi import App, Message, Receive, Scope, Send
from sandbox.core.faults import Fault
from sandbox.core.moments import moment
from sandbox.core.request_log import KEPT_BODY_BYTES, ReceivedRequest
from sandbox.core.state_file import StateFile
from sandbox.core.world import World

MAX_BODY_BYTES = 1_048_576
BODILESS = (204, 304)


class ClientGone(Exception):
    """Before the request was whole: nobody acts on half of one."""


class BodyTooLarge(Exception):
    """More than a provider would read."""


@dataclass(slots=True)
class Answer:
    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def collect(self, message: Message) -> None:
        """Stands in for ASGI's ``send``."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message["body"]


class Stage:
    def __init__(self, world: World, app: App, state_file: StateFile) -> None:
        self._world, self._app, self._state_file = world, app, state_file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await _body(receive)
        except ClientGone:
            return
        except BodyTooLarge:
            await _send(send, Answer(413, [(b"content-type", b"text/plain"), (b"connection", b"close")], b"Too large."))
            return
        entry = _entry(scope, body, moment(self._world.now()))
        self._world.requests.add(entry)
        await asyncio.sleep(self._world.knobs.latency_ms / 1000)
        folder = f"/{self._world.provider.slug}"
        fault = self._world.faults.take((scope["path"], scope["path"].removeprefix(folder)), body)
        answer = await self._answer(scope, body, fault)
        if fault and fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        if fault and fault.reset:
            await broken_connection.reset(scope, receive)
            return
        entry.status = answer.status
        if fault and fault.cut_after_bytes is not None and fault.cut_after_bytes < len(answer.body):
            await _send(send, answer, up_to=fault.cut_after_bytes)
            await broken_connection.hang_up(scope, receive)
            return
        await _send(send, answer)

    async def _answer(self, scope: Scope, body: bytes, fault: Fault | None) -> Answer:
        answer = Answer()
        if fault is None or not fault.scripted or fault.act:
            grants = self._world.grants
            before = grants.changes
            await self._app(_below_folder(scope, self._world.provider.slug), _replay(body), answer.collect)
            if grants.changes != before:
                # Before the answer leaves: a token that somebody holds is one that is still known after kill -9.
                await self._state_file.save()
        return _scripted(fault) if fault and fault.scripted else answer


async def _body(receive: Receive) -> bytes:
    """The request's whole body. Raises ClientGone, BodyTooLarge."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body += message["body"]
        more = message["more_body"]
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge
    return bytes(body)


def _entry(scope: Scope, body: bytes, at: str) -> ReceivedRequest:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return ReceivedRequest(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body[:KEPT_BODY_BYTES].decode(errors="replace"),
        at=at,
    )


def _below_folder(scope: Scope, slug: str) -> Scope:
    path = scope["path"].removeprefix(f"/{slug}") or "/"
    raw_path = scope["raw_path"].removeprefix(f"/{slug}".encode()) or b"/"
    return {**scope, "path": path, "raw_path": raw_path}


def _replay(body: bytes) -> Receive:
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if pending:
            return pending.pop()
        await asyncio.Event().wait()  # the client is still there
        raise AssertionError

    return receive


def _scripted(fault: Fault) -> Answer:
    is_json = fault.json is not None
    body = msgspec.json.encode(fault.json) if is_json else (fault.body or "").encode()
    status = fault.status or 200
    headers = {"content-type": "application/json" if is_json else "text/plain; charset=utf-8"}
    headers |= {name.lower(): value for name, value in fault.headers.items()}
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Answer(status, sent, b"" if status in BODILESS else body)


async def _send(send: Send, answer: Answer, *, up_to: int | None = None) -> None:
    headers = [(name, value) for name, value in answer.headers if name != b"content-length"]
    if answer.status not in BODILESS:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    cut = up_to is not None
    await send({"type": "http.response.body", "body": answer.body[:up_to], "more_body": cut})
