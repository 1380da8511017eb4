"""Scripted answers: what goes wrong next, and when."""

import re
from typing import Annotated, Any

from msgspec import Meta, Struct

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
FRAMING = ("content-length", "transfer-encoding", "connection")

Natural = Annotated[int, Meta(ge=0)]


class Fault(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One scripted answer. It takes the requests whose path begins with ``path`` and whose body contains ``match``: the
    first ``after`` of them pass, the next ``times`` suffer, then it is used up."""

    path: str
    match: str | None = None
    after: Natural = 0
    times: Annotated[int, Meta(ge=1)] = 1

    delay_ms: Annotated[int, Meta(ge=0, le=600_000)] = 0
    cut_after_bytes: Natural | None = None
    reset: bool = False

    status: Annotated[int, Meta(ge=200, le=599)] | None = None
    headers: dict[str, str] = {}
    body: str | None = None
    json: Any = None
    act: bool = False
    """With a scripted answer: the provider acts all the same, and only its answer is replaced. Else it acts anyway."""

    def __post_init__(self) -> None:
        if not self.path.startswith("/"):
            raise ValueError("path must begin with /")
        if self.body is not None and self.json is not None:
            raise ValueError("give body or json, not both")
        if self.reset and self.cut_after_bytes is not None:
            raise ValueError("give reset or cut_after_bytes, not both")
        if not (self.scripted or self.reset or self.delay_ms or self.cut_after_bytes is not None):
            raise ValueError("say what happens: delay_ms, cut_after_bytes, reset, status, headers, body or json")
        for name, value in self.headers.items():
            if not HEADER_NAME.fullmatch(name) or name.lower() in FRAMING or not HEADER_VALUE.fullmatch(value):
                raise ValueError(f"headers: {name!r} cannot be sent")

    @property
    def scripted(self) -> bool:
        return self.status is not None or bool(self.headers) or self.body is not None or self.json is not None


class Faults:
    """The faults still to come. A request belongs to the first one that it matches."""

    def __init__(self) -> None:
        self._left: list[Fault] = []

    @property
    def left(self) -> list[Fault]:
        return list(self._left)

    def replace(self, faults: list[Fault]) -> None:
        self._left = faults

    def take(self, paths: tuple[str, ...], body: bytes) -> Fault | None:
        """The fault that this request suffers, if any; ``paths`` are the names under which the request is known."""
        for fault in self._left:
            if not any(path.startswith(fault.path) for path in paths) or (fault.match or "").encode() not in body:
                continue
            if fault.after:
                fault.after -= 1
                return None
            fault.times -= 1
            if not fault.times:
                self._left.remove(fault)
            return fault
        return None
