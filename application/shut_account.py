from dataclasses import dataclass

from application.ports.sessions import Sessions
from application.ports.users import Users
from domain.errors import VersionSuperseded
from domain.ids import UserId


@dataclass(frozen=True, slots=True)
class ShutAccount:
    """An account is nobody's from now on: no session and no password opens it, and its address is free."""

    users: Users
    sessions: Sessions

    async def __call__(self, user: UserId) -> None:
        """Repeating it is harmless."""
        await self.sessions.end_all(user)
        while (found := await self.users.by_id(user)) is not None:
            try:
                await self.users.remove(found)
            except VersionSuperseded:
                continue
        # Whoever logged in while this was going on.
        await self.sessions.end_all(user)
