from dataclasses import dataclass

from application.ports.profiles import Profiles
from application.ports.users import Users
from domain.errors import NotAuthenticated
from domain.ids import UserId
from domain.user import Profile, User


@dataclass(frozen=True, slots=True)
class ShowAccount:
    """A person looks at the own account."""

    users: Users
    profiles: Profiles

    async def __call__(self, user: UserId) -> tuple[User, Profile]:
        """Raises NotAuthenticated when the account is gone."""
        found = await self.users.by_id(user)
        if found is None:
            raise NotAuthenticated
        return found, await self.profiles.of(user)
