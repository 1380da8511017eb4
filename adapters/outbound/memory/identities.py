from collections.abc import Sequence

from application.ports.identities import Identities
from domain.errors import IdentityTaken
from domain.identity import Identity
from domain.ids import UserId


class MemoryIdentities(Identities):
    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Identity] = {}

    async def add(self, identity: Identity) -> None:
        kept = self._kept.setdefault((identity.issuer, identity.subject), identity)
        if kept.user != identity.user:
            raise IdentityTaken

    async def find(self, issuer: str, subject: str) -> Identity | None:
        return self._kept.get((issuer, subject))

    async def of_user(self, user: UserId) -> Sequence[Identity]:
        return [self._kept[key] for key in sorted(self._kept) if self._kept[key].user == user]

    async def remove(self, identity: Identity) -> None:
        key = identity.issuer, identity.subject
        if key in self._kept and self._kept[key].user == identity.user:
            del self._kept[key]

    async def forget(self, user: UserId) -> None:
        for identity in await self.of_user(user):
            await self.remove(identity)
