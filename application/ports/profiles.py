from abc import abstractmethod
from typing import Protocol

from domain.ids import UserId
from domain.user import Profile


class Profiles(Protocol):
    """What people tell about themselves."""

    @abstractmethod
    async def of(self, user: UserId) -> Profile:
        """What ``user`` told; an empty profile for who never told anything."""

    @abstractmethod
    async def put(self, user: UserId, profile: Profile) -> None:
        """Replace the whole profile; of two at once one stays, never a mixture."""
