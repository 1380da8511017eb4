from dataclasses import replace

from application.ports.profiles import Profiles
from domain.errors import VersionSuperseded
from domain.ids import UserId
from domain.user import Profile


class MemoryProfiles(Profiles):
    def __init__(self) -> None:
        self._profiles: dict[UserId, Profile] = {}

    async def of(self, user: UserId) -> Profile:
        return self._profiles.get(user, Profile())

    async def update(self, user: UserId, profile: Profile) -> Profile:
        if (await self.of(user)).version != profile.version:
            raise VersionSuperseded
        self._profiles[user] = after = replace(profile, version=profile.version + 1)
        return after

    async def remove(self, user: UserId) -> None:
        self._profiles.pop(user, None)
