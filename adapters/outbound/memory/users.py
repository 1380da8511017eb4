from application.ports.users import Users
from domain.email import EmailAddress
from domain.errors import EmailTaken
from domain.ids import UserId
from domain.user import User


class MemoryUsers(Users):
    def __init__(self) -> None:
        self._by_id: dict[UserId, User] = {}
        self._by_email: dict[EmailAddress, User] = {}

    async def add(self, user: User) -> None:
        if user.email in self._by_email:
            raise EmailTaken
        self._by_email[user.email] = self._by_id[user.id] = user

    async def by_email(self, email: EmailAddress) -> User | None:
        return self._by_email.get(email)

    async def by_id(self, user: UserId) -> User | None:
        return self._by_id.get(user)
