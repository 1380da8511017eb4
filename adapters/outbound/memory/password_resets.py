from datetime import datetime

from application.ports.password_resets import PasswordResets
from domain.ids import UserId
from domain.mail_token import MailTokenHash


class MemoryPasswordResets(PasswordResets):
    def __init__(self) -> None:
        self._users: dict[MailTokenHash, UserId] = {}

    async def add(self, token: MailTokenHash, user: UserId, *, expires_at: datetime) -> None:
        del expires_at  # kept longer than asked for: this store lasts no longer than its process
        self._users[token] = user

    async def user_of(self, token: MailTokenHash) -> UserId | None:
        return self._users.get(token)
