from abc import abstractmethod
from typing import Protocol

from domain.mail import Mail


class MailRefused(Exception):
    """It will never be delivered, however often it is tried: the address is not taken."""


class Mailer(Protocol):
    """Hands mails over to whoever delivers them."""

    @abstractmethod
    async def send(self, mail: Mail) -> None:
        """Return when somebody else is responsible for it. Its Message-ID follows from ``mail.id``. Raises
        MailerUnavailable, and then it may have been handed over all the same; MailRefused."""
