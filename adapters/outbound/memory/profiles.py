from application.ports.profiles import Profiles
from domain.ids import UserId
from domain.user import Profile


class MemoryProfiles(Profiles):
    def __init__(self) -> None:
        self._profiles: dict[UserId, Profile] = {}

    async def of(self, user: UserId) -> Profile:
        return self._profiles.get(user, Profile())

    async def put(self, user: UserId, profile: Profile) -> None:
        self._profiles[user] = profile
