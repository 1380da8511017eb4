"""Every request that a provider received."""

from collections import deque

from msgspec import Struct

KEPT_REQUESTS = 10_000
KEPT_BODY_BYTES = 16_384


class ReceivedRequest(Struct):
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str
    at: str
    status: int | None = None
    """None while there is no answer, and for good where the connection was reset instead."""


class RequestLog:
    """The last 10,000, oldest first; of a body its first 16 KiB."""

    def __init__(self) -> None:
        self._items: deque[ReceivedRequest] = deque(maxlen=KEPT_REQUESTS)

    @property
    def items(self) -> list[ReceivedRequest]:
        return list(self._items)

    def add(self, request: ReceivedRequest) -> None:
        self._items.append(request)

    def clear(self) -> None:
        self._items.clear()
