from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from domain.ids import UserId
from domain.mail_token import MailTokenHash


class PasswordResets(Protocol):
    """The way from a mailed token to its account. Whether the token is still good is for the account to say: it knows
    which reset is in force (``User.reset``), so that using one up and setting the password is one step."""

    @abstractmethod
    async def add(self, token: MailTokenHash, user: UserId, *, expires_at: datetime) -> None:
        """Keep it until ``expires_at`` at least; adding it again is harmless."""

    @abstractmethod
    async def user_of(self, token: MailTokenHash) -> UserId | None:
        """Whose account it leads to; None for a token that was never made, or long ago."""
