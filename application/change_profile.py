from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.profiles import Profiles
from application.ports.users import Users
from domain.errors import NotAuthenticated, VersionSuperseded
from domain.ids import UserId
from domain.user import Profile, User


@dataclass(frozen=True, slots=True)
class ChangeProfile:
    """A person tells something else about themselves."""

    users: Users
    profiles: Profiles
    clock: Clock

    async def __call__(self, user: UserId, changes: Mapping[str, object]) -> tuple[User, Profile]:
        """``changes``: the fields that change, to what; the others stay, whoever else is changing those. Raises
        InvalidInput, NotAuthenticated when the account is gone."""
        found = await self.users.by_id(user)
        if found is None:
            raise NotAuthenticated
        while True:
            profile = await self.profiles.of(user)
            try:
                return found, await self.profiles.update(user, profile.changed(changes, self.clock.now()))
            except VersionSuperseded:
                continue
