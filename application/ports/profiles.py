from abc import abstractmethod
from typing import Protocol

from domain.ids import UserId
from domain.user import Profile


class Profiles(Protocol):
    """What people tell about themselves."""

    @abstractmethod
    async def of(self, user: UserId) -> Profile:
        """What ``user`` told; an empty profile, of version 0, for who never told anything."""

    @abstractmethod
    async def update(self, user: UserId, profile: Profile) -> Profile:
        """Replace the whole profile and return it with the next version; of n callers with one version the first
        succeeds. Raises VersionSuperseded when the stored version is another than ``profile.version``."""

    @abstractmethod
    async def remove(self, user: UserId) -> None:
        """Forget what ``user`` told; who told nothing is no error."""
