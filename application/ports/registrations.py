from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.email import EmailAddress
from domain.mail_token import MailTokenHash
from domain.registration import Registration


class Registrations(Protocol):
    """Registrations that wait for the proof of their address. An address may have several; which of them becomes the
    account is for the proof to say."""

    @abstractmethod
    async def add(self, registration: Registration) -> None:
        """Keep it until ``expires_at`` at least; adding it again is harmless."""

    @abstractmethod
    async def by_token(self, token: MailTokenHash) -> Registration | None:
        """The registration of this token, expired or not."""

    @abstractmethod
    async def of(self, email: EmailAddress) -> Sequence[Registration]:
        """All that wait for this address, the newest first."""

    @abstractmethod
    async def remove(self, registration: Registration) -> None:
        """Forget it; one that is gone already is no error."""
