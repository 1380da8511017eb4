from collections.abc import AsyncGenerator
from dataclasses import dataclass

from application.ports.users import Users
from domain.user import User

_PAGE = 500


@dataclass(frozen=True, slots=True)
class ListUsers:
    """An operator looks at all accounts."""

    users: Users

    async def __call__(self) -> AsyncGenerator[User]:
        after = None
        while True:
            page = await self.users.page(after=after, limit=_PAGE)
            for user in page:
                yield user
            if len(page) < _PAGE:
                return
            after = page[-1].id
