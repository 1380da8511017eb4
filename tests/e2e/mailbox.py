"""What the product has mailed, as those read it whom the mails are for."""

import asyncio
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from tests.e2e.sandbox_server import Sandbox

VERIFY, RESET = "Confirm your e-mail address", "Choose a new password"
"""Mails with a link."""
ALREADY, CHANGED, REUSE = "You already have an account", "Your password was changed", "We ended one of your sessions"

_SECONDS = 60.0
"""A worker that has just been killed may have to start first."""
_STRAGGLERS_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Mail:
    message_id: str
    to: str
    subject: str
    text: str

    @property
    def link(self) -> str:
        (link,) = re.findall(r"https?://\S+", self.text)
        return str(link)

    @property
    def token(self) -> str:
        return self.link.partition("#token=")[2]


class Mailbox(ABC):
    @abstractmethod
    def received(self) -> Sequence[Mail]:
        """Everybody's mails, in the order of their coming."""

    def of(self, address: str, subject: str | None = None) -> list[Mail]:
        return [mail for mail in self.received() if mail.to == address and subject in (None, mail.subject)]

    async def awaited(self, address: str, subject: str, count: int = 1, seconds: float = _SECONDS) -> list[Mail]:
        """All of this subject, once there are so many."""
        deadline = time.monotonic() + seconds
        while len(found := self.of(address, subject)) < count:
            assert time.monotonic() < deadline, [mail.subject for mail in self.of(address)]
            await asyncio.sleep(0.05)
        return found

    async def token(self, address: str, subject: str, count: int = 1) -> str:
        """Of the newest link, once there are so many."""
        return (await self.awaited(address, subject, count))[-1].token

    async def settled(self, address: str, subject: str, count: int = 1) -> None:
        """Return when that many have come which were asked for last: promises are kept in turn, so no earlier one is
        still to come."""
        await self.awaited(address, subject, count)
        await asyncio.sleep(_STRAGGLERS_SECONDS)


class SandboxMailbox(Mailbox):
    """As a mail program shows it: a mail whose taking was not written down in time comes again, as the same one."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def received(self) -> Sequence[Mail]:
        mails = [Mail(one["message_id"], one["to"], one["subject"], one["text"]) for one in self._sandbox.mails()]
        return list({(mail.message_id, mail.to): mail for mail in mails}.values())
