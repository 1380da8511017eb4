from collections.abc import Sequence
from dataclasses import replace

from application.ports.users import Users
from domain.email import EmailAddress
from domain.errors import EmailTaken, VersionSuperseded
from domain.ids import UserId
from domain.user import User


class MemoryUsers(Users):
    def __init__(self) -> None:
        self._users: dict[UserId, User] = {}
        self._ids: dict[EmailAddress, UserId] = {}

    async def add(self, user: User) -> None:
        if user.email in self._ids:
            raise EmailTaken
        self._ids[user.email], self._users[user.id] = user.id, user

    async def by_email(self, email: EmailAddress) -> User | None:
        return self._users[self._ids[email]] if email in self._ids else None

    async def by_id(self, user: UserId) -> User | None:
        return self._users.get(user)

    async def update(self, user: User) -> User:
        stored = self._users.get(user.id)
        if stored is None or stored.version != user.version:
            raise VersionSuperseded
        after = replace(user, email=stored.email, created_at=stored.created_at, version=stored.version + 1)
        self._users[user.id] = after
        return after

    async def page(self, *, after: UserId | None, limit: int) -> Sequence[User]:
        behind = sorted(user for user in self._users if after is None or user > after)
        return [self._users[user] for user in behind[:limit]]

    async def remove(self, user: User) -> None:
        stored = self._users.get(user.id)
        if stored is None:
            return
        if stored.version != user.version:
            raise VersionSuperseded
        del self._users[stored.id], self._ids[stored.email]
